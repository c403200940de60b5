/** What the shop speaks for: categories that a user cares about, and what is in demand. */
import type { Ballot } from './ballot.ts';
import type { Weighted } from './lists.ts';
import type { Learnt, Taste } from './ranking.ts';
import { ALL, categoryScopeName, placeIn, regionScopeName, type Trends } from './trends.ts';

/** Of a user's interests. */
export const INTERESTS_SPOKEN_MAX = 4;
/** Of a category: those in demand, then the newest. */
export const CATEGORY_ITEMS_MAX = 50;
/** What the newest of a category count beside those in demand. */
const NEWEST_SHARE = 0.5;

const greatestOf = (list: readonly Weighted[]): number => list[0]?.[1] ?? 0;

const speakCategory = (
  speak: (item: string, amount: number) => void,
  demand: Trends | undefined,
  newest: readonly string[],
): void => {
  const popular = (demand?.popular ?? []).slice(0, CATEGORY_ITEMS_MAX);
  const most = greatestOf(popular);
  const spoken = new Set<string>();
  for (const [item, weight] of popular) {
    spoken.add(item);
    speak(item, NEWEST_SHARE + (1 - NEWEST_SHARE) * (weight / most));
  }
  for (const [place, item] of newest.slice(0, CATEGORY_ITEMS_MAX).entries()) {
    if (!spoken.has(item)) speak(item, NEWEST_SHARE * (1 - place / (2 * CATEGORY_ITEMS_MAX)));
  }
};

/** Why an item of a category is: the newest other one of it that was looked at, where there is one. */
const reasonsFor = (category: string, { history }: Taste, { catalogue }: Learnt) => {
  const seen = history
    .filter(({ item }) => catalogue.find(item)?.categories.includes(category))
    .slice(0, 2)
    .map(({ item }) => item);
  return (item: string): string => {
    const other = seen.find((one) => one !== item);
    return other === undefined ? `trending_in:${category}` : `because_you_viewed:${other}`;
  };
};

export const speakCategories = (ballot: Ballot, taste: Taste, learnt: Learnt): void => {
  const speak = ballot.speaker('category');
  const interests = taste.interests.slice(0, INTERESTS_SPOKEN_MAX);
  const most = greatestOf(interests);
  for (const [interest, weight] of interests) {
    const category = interest.toUpperCase();
    const reasonOf = reasonsFor(category, taste, learnt);
    speakCategory(
      (item, amount) => speak(item, amount * (weight / most), reasonOf(item)),
      learnt.trends.get(categoryScopeName(category)),
      learnt.catalogue.inCategory(category),
    );
  }
};

const speakDemand = (ballot: Ballot, demand: Trends | undefined, loudness: number): void => {
  if (demand === undefined) return;
  const speak = ballot.speaker('trending');
  const voice = `trending_in:${placeIn(demand.scope)}`;
  for (const list of [demand.hot, demand.popular]) {
    const most = greatestOf(list);
    for (const [item, weight] of list) speak(item, loudness * 0.5 * (weight / most), voice);
  }
};

/** What is in demand near a user says as much as what is in demand at all. */
export const speakTrending = (ballot: Ballot, { region }: Taste, { trends }: Learnt): void => {
  if (region !== undefined) speakDemand(ballot, trends.get(regionScopeName(region)), 1);
  speakDemand(ballot, trends.get(ALL), 1);
};
