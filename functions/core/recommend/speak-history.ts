/** What a user's own past speaks for: what belongs to it, and what is bought again. */
import { BOUGHT_HALF_LIFE_MS } from '../profile/bought.ts';
import { days } from '../time.ts';
import type { Ballot, Speak } from './ballot.ts';
import { HISTORY_MAX } from './learning.ts';
import type { ItemLists } from './lists.ts';
import type { Bought, ItemDelta, Learnt, Taste } from './ranking.ts';
import type { RecommendConfig } from './settings.ts';

const NO_LISTS: ItemLists = { events: 0, pairs: [], similar: [] };
const NO_DELTA: ItemDelta = { events: 0, pairs: [] };

/** What goes with an item, by its events: a frequent one says less of each neighbour. */
const speakPairs = (
  speak: Speak,
  { lists, delta }: { readonly lists: ItemLists; readonly delta: ItemDelta },
  loudness: number,
  voice: string,
): void => {
  const events = lists.events + delta.events;
  // Pairs are there only with events; rounding may leave less than one of them.
  const each = loudness / Math.sqrt(Math.max(events, 1));
  for (const [item, weight] of lists.pairs) speak(item, each * weight, voice);
  for (const [item, weight] of delta.pairs) speak(item, each * weight, voice);
};

export const speakHistory = (
  ballot: Ballot,
  { history, bought }: Taste,
  { lists, deltas }: Learnt,
  { fading }: RecommendConfig,
): void => {
  const [goesWith, isLike] = [ballot.speaker('covisitation'), ballot.speaker('similar')];
  const owned = new Set(bought.map(({ item }) => item));
  for (const [age, { item }] of history.slice(0, HISTORY_MAX).entries()) {
    const base = lists.get(item) ?? NO_LISTS;
    const voice = owned.has(item) ? `often_bought_with:${item}` : `because_you_viewed:${item}`;
    const both = { lists: base, delta: deltas.get(item) ?? NO_DELTA };
    speakPairs(goesWith, both, fading.covisitation ** age, voice);
    const loudness = fading.similar ** age;
    for (const [other, likeness] of base.similar) isLike(other, loudness * likeness, voice);
  }
};

/** How much a purchase counts at this instant. */
const weightAt = ({ weight, boughtAt }: Bought, now: number): number =>
  weight * 2 ** (-Math.max(0, now - boughtAt) / BOUGHT_HALF_LIFE_MS);

/** From nothing, just bought, to almost all, several usual gaps later. */
const needAgain = ({ boughtAt }: Bought, gapDays: number | undefined, now: number): number =>
  gapDays === undefined || gapDays === 0
    ? 1
    : 1 - Math.exp(-Math.max(0, now - boughtAt) / days(gapDays));

/** The scale is of weights alone: else a user's only purchase would be needed as soon as made. */
export const speakBought = (
  ballot: Ballot,
  { bought }: Taste,
  { lists }: Learnt,
  now: number,
): void => {
  const speak = ballot.speaker('personal');
  let greatest = 0;
  for (const one of bought) {
    const weight = weightAt(one, now);
    greatest = Math.max(greatest, weight);
    const gapDays = lists.get(one.item)?.repurchaseDays;
    speak(one.item, weight * needAgain(one, gapDays, now), 'bought_again');
  }
  ballot.scaleBy('personal', greatest);
};
