/**
 * What a user cares about: per category the decayed weight of the events that name it, seen from
 * the user's own last activity, since taste does not fade by absence.
 *
 * The best 16 are kept. What was dropped leaves a floor: a category that enters later may have been
 * dropped before with at most that score, so it starts there and carries it as its error.
 */
import type { EnrichedEvent } from '../event/event.ts';
import { invariant } from '../invariant.ts';
import type { CommutativeMonoid } from '../tags/monoid.ts';
import { packSigned, readPacked } from '../tags/packed-integers.ts';
import { clipUtf8, jsonBytes } from '../tags/text-bytes.ts';
import { type EpochMs, epochMs } from '../time.ts';
import { type Decayed, decayed, decayedOnce, loadedDecayed, storedDecayed } from './decayed.ts';

export const INTERESTS_MAX = 16;
export const INTERESTS_BYTES_MAX = 512;
export const CATEGORY_BYTES_MAX = 64;
/** Scores that agree to this part of log2 are one rank, and then the name decides. */
const RANK_STEPS = 1e9;

export interface Interest {
  readonly score: number;
  /** At most this much of the score may not be the user's. */
  readonly error: Decayed;
}

export interface Interests {
  readonly scores: ReadonlyMap<string, Interest>;
  readonly floor: Decayed;
  /** The user's newest event time. */
  readonly activeAt: EpochMs | undefined;
}

const latest = (left: EpochMs | undefined, right: EpochMs | undefined): EpochMs | undefined =>
  left === undefined || right === undefined ? (left ?? right) : epochMs(Math.max(left, right));

export const interests: CommutativeMonoid<Interests> = {
  empty: { scores: new Map(), floor: undefined, activeAt: undefined },
  merge: (left, right) => {
    const scores = new Map<string, Interest>();
    for (const category of new Set([...left.scores.keys(), ...right.scores.keys()])) {
      const [a, b] = [left.scores.get(category), right.scores.get(category)];
      const score = decayed.merge(a?.score ?? left.floor, b?.score ?? right.floor);
      invariant(score !== undefined, 'a category has a score on one side');
      const error = decayed.merge(a ? a.error : left.floor, b ? b.error : right.floor);
      scores.set(category, { score, error });
    }
    const floor = decayed.merge(left.floor, right.floor);
    return { scores, floor, activeAt: latest(left.activeAt, right.activeAt) };
  },
};

/** Distinct, lower case. */
export const categoriesOf = (categoryVector: readonly string[]): readonly string[] => [
  ...new Set(
    categoryVector
      .map((category) => clipUtf8(category.toLowerCase(), CATEGORY_BYTES_MAX))
      .filter((category) => category !== ''),
  ),
];

export const interestsOf = (
  event: Pick<EnrichedEvent, 'name' | 'enrichment'>,
  at: EpochMs,
  weights: ReadonlyMap<string, number>,
): Interests => {
  const score = decayedOnce(weights.get(event.name) ?? 0, at);
  const categories = score === undefined ? [] : categoriesOf(event.enrichment.categoryVector);
  const scores = new Map(categories.map((each) => [each, { score: score ?? 0, error: undefined }]));
  return { scores, floor: undefined, activeAt: at };
};

/** What merging the interests of each event one after the other comes to. */
export const foldInterests = (
  before: Interests,
  events: readonly { readonly event: EnrichedEvent; readonly timestamp: EpochMs }[],
  weights: ReadonlyMap<string, number>,
): Interests => {
  const scores = new Map(before.scores);
  let { activeAt } = before;
  for (const { event, timestamp } of events) {
    activeAt = latest(activeAt, timestamp);
    const weight = weights.get(event.name);
    if (weight === undefined) continue;
    for (const [category, { score }] of interestsOf(event, timestamp, weights).scores) {
      const held = scores.get(category);
      const sum = decayed.merge(held?.score ?? before.floor, score);
      invariant(sum !== undefined, 'a category has a score');
      scores.set(category, { score: sum, error: held ? held.error : before.floor });
    }
  }
  return { scores, floor: before.floor, activeAt };
};

/** Best first. */
export const rankedInterests = ({
  scores,
}: Interests): readonly (readonly [category: string, interest: Interest])[] =>
  [...scores].sort(([leftName, left], [rightName, right]) => {
    const step = Math.round(right.score * RANK_STEPS) - Math.round(left.score * RANK_STEPS);
    return step !== 0 ? step : leftName < rightName ? -1 : 1;
  });

type StoredInterest = readonly [category: string, numbers: string];
export type StoredInterests = readonly [
  activeAt: number,
  floor: string,
  ...interests: StoredInterest[],
];

/** An error is stored coarser, and upwards, so that it stays true. */
const ERROR_SCALE = 2 ** 16;
const packError = (error: Decayed): string =>
  error === undefined ? '' : packSigned(Math.ceil(error * ERROR_SCALE));

const stored = ([category, { score, error }]: readonly [string, Interest]): StoredInterest => [
  category,
  packSigned(storedDecayed(score)) + packError(error),
];

export const encodeInterests = (state: Interests): StoredInterests => [
  state.activeAt ?? -1,
  packError(state.floor),
  ...rankedInterests(state).map(stored),
];

/** A floor of any year that RFC 3339 can write. */
const FLOOR_BYTES_MAX = 8;

/** Quotes, commas, brackets and two packed numbers beside a category. */
const ENTRY_BYTES_MAX = 30;

const surelyFit = ({ scores }: Interests): boolean => {
  let bytes = ENTRY_BYTES_MAX;
  for (const category of scores.keys()) bytes += jsonBytes(category) + ENTRY_BYTES_MAX;
  return scores.size <= INTERESTS_MAX && bytes <= INTERESTS_BYTES_MAX;
};

/** Keeps the best that fit in number and in bytes. */
export const boundInterests = (state: Interests): Interests => {
  if (surelyFit(state)) return state;
  const ranked = rankedInterests(state);
  let bytes = jsonBytes([state.activeAt ?? -1, '']) + FLOOR_BYTES_MAX;
  const kept = ranked.findIndex((each, index) => {
    bytes += jsonBytes(stored(each)) + 1;
    return index >= INTERESTS_MAX || bytes > INTERESTS_BYTES_MAX;
  });
  if (kept === -1) return state;
  const dropped = ranked[kept];
  invariant(dropped !== undefined, 'what is dropped was ranked');
  return {
    scores: new Map(ranked.slice(0, kept)),
    // The best of what goes; a floor from before may be higher still.
    floor: Math.max(dropped[1].score, state.floor ?? dropped[1].score),
    activeAt: state.activeAt,
  };
};

const loadError = (packed: string): Decayed =>
  packed === '' ? undefined : readPacked(packed).signed() / ERROR_SCALE;

export const decodeInterests = ([activeAt, floor, ...scores]: StoredInterests): Interests => ({
  activeAt: activeAt < 0 ? undefined : epochMs(activeAt),
  floor: loadError(floor),
  scores: new Map(
    scores.map(([category, numbers]) => {
      const reader = readPacked(numbers);
      const score = loadedDecayed(reader.signed());
      return [category, { score, error: loadError(reader.rest()) }];
    }),
  ),
});
