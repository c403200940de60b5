/**
 * What a fold moved, for a person who asks why: tags and interests, before and after, as they are
 * served. Both are read at one instant, so that nothing of it is the passing of time.
 */
import { readStream, type ShownValue, shownValue } from '../tags/read.ts';
import type { EpochMs } from '../time.ts';
import { roundScore } from './answer.ts';
import { type Decayed, valueAt } from './decayed.ts';
import type { Facets } from './facets.ts';

/** Null where there was nothing to say, or is not any more. */
export type BeforeAfter<T> = readonly [before: T | null, after: T | null];

export interface Moved {
  readonly tags: Readonly<Record<string, BeforeAfter<ShownValue>>>;
  /** Scores as seen from the user's last activity after the fold. */
  readonly interests: Readonly<Record<string, BeforeAfter<number>>>;
}

export const nothingMoved: Moved = { tags: {}, interests: {} };

const movedTags = (before: Facets, after: Facets, at: EpochMs): Moved['tags'] => {
  const valuesIn = ({ tags }: Facets): ReadonlyMap<string, ShownValue> =>
    new Map(readStream(tags, at).map(({ name, value }) => [name, shownValue(value)]));
  const [was, is] = [valuesIn(before), valuesIn(after)];
  const names = new Set([...was.keys(), ...is.keys()]);
  return Object.fromEntries(
    [...names]
      .map((name) => [name, [was.get(name) ?? null, is.get(name) ?? null]] as const)
      .filter(([, [from, to]]) => from !== to),
  );
};

const movedInterests = (
  { interests: was }: Facets,
  { interests: is }: Facets,
): Moved['interests'] => {
  const { activeAt } = is;
  if (activeAt === undefined) return {};
  const shown = (score: Decayed): number | null =>
    score === undefined ? null : roundScore(valueAt(score, activeAt));
  const categories = new Set([...was.scores.keys(), ...is.scores.keys()]);
  return Object.fromEntries(
    [...categories]
      .map((name) => [name, was.scores.get(name)?.score, is.scores.get(name)?.score] as const)
      .filter(([, from, to]) => from !== to)
      .map(([name, from, to]) => [name, [shown(from), shown(to)]] as const),
  );
};

/** `after` must come out of `before` by folding. */
export const movedBetween = (before: Facets, after: Facets): Moved => {
  const at = after.newestArrivedAt;
  if (before === after || at === undefined) return nothingMoved;
  return { tags: movedTags(before, after, at), interests: movedInterests(before, after) };
};
