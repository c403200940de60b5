/**
 * Which values had most weight. The best 16 are kept; what was dropped leaves a floor: a value that
 * enters later may have been dropped before with at most that score, so it starts there and carries
 * it as its error.
 *
 * Undecayed scores are whole millionths and exact. Decayed ones are kept as log2 of the sum, seen
 * from a fixed epoch, so that they commute; they agree to 1e-9.
 */
import { type DurationMs, type EpochMs, epochMs } from '../time.ts';
import { AMOUNT_MAX, addAmounts, MICROS } from './amount.ts';
import type { CommutativeMonoid } from './monoid.ts';
import { packSigned, packUnsigned, readPacked } from './packed-integers.ts';
import { compareText } from './said.ts';

/** Undefined is nothing. */
export type Score = number | undefined;

export interface Scored {
  readonly score: number;
  /** At most this much of the score may not be the value's. */
  readonly error: Score;
}

export interface Top {
  readonly scores: ReadonlyMap<string, Scored>;
  readonly floor: Score;
}

export const TOP_KEYS_MAX = 16;
export const TOP_KEY_BYTES_MAX = 64;
/** 2026-01-01T00:00:00Z */
export const TOP_EPOCH = epochMs(1_767_225_600_000);
/** Scores that agree to this part of log2 are one rank, and then the name decides. */
const RANK_STEPS = 1e9;
/** Stored in 2^-40, well inside the 1e-9 to which scores agree. */
const STORED_SCALE = 2 ** 40;

/** How scores of a tag add up. */
export interface Scale {
  readonly once: (weightMicros: number, at: EpochMs) => number;
  readonly sum: (left: Score, right: Score) => Score;
  /** What ranks compare. */
  readonly rank: (score: number) => number;
  readonly pack: (score: number) => string;
  readonly load: (stored: number) => number;
}

const either = (
  sum: (left: number, right: number) => number,
): ((left: Score, right: Score) => Score) => {
  return (left, right) =>
    left === undefined || right === undefined ? (left ?? right) : sum(left, right);
};

const whole: Scale = {
  once: (weightMicros) => weightMicros,
  sum: either(addAmounts),
  rank: (score) => score,
  pack: packSigned,
  load: (stored) => stored,
};

/** At the shortest half-life, a day, it is reached by events before 2004. */
const storable = (score: number): number => Math.max(-AMOUNT_MAX, Math.min(AMOUNT_MAX, score));

const fading = (halfLifeMs: DurationMs): Scale => ({
  once: (weightMicros, at) => Math.log2(weightMicros / MICROS) + (at - TOP_EPOCH) / halfLifeMs,
  sum: either((left, right) => {
    const larger = Math.max(left, right);
    return larger + Math.log2(1 + 2 ** (Math.min(left, right) - larger));
  }),
  rank: (score) => Math.round(score * RANK_STEPS),
  pack: (score) => packSigned(storable(Math.round(score * STORED_SCALE))),
  load: (stored) => stored / STORED_SCALE,
});

/** In millionths as seen from then, of a score as the scale keeps it. */
export const weightAt = (
  score: number,
  halfLifeMs: DurationMs | undefined,
  at: EpochMs,
): number => {
  if (halfLifeMs === undefined) return score;
  const micros = Math.round(MICROS * 2 ** (score - (at - TOP_EPOCH) / halfLifeMs));
  return Math.min(AMOUNT_MAX, micros);
};

export const scaleOf = (halfLifeMs: DurationMs | undefined): Scale =>
  halfLifeMs === undefined ? whole : fading(halfLifeMs);

export const noTop: Top = { scores: new Map(), floor: undefined };

export const topOf = ({ sum }: Scale): CommutativeMonoid<Top> => ({
  empty: noTop,
  merge: (left, right) => {
    const scores = new Map<string, Scored>();
    for (const key of new Set([...left.scores.keys(), ...right.scores.keys()])) {
      const [a, b] = [left.scores.get(key), right.scores.get(key)];
      const score = sum(a?.score ?? left.floor, b?.score ?? right.floor) ?? 0;
      scores.set(key, { score, error: sum(a ? a.error : left.floor, b ? b.error : right.floor) });
    }
    return { scores, floor: sum(left.floor, right.floor) };
  },
});

/** Best first. */
export const rankedTop = (
  { scores }: Top,
  { rank }: Scale,
): readonly (readonly [key: string, scored: Scored])[] =>
  [...scores].sort(
    ([leftKey, left], [rightKey, right]) =>
      rank(right.score) - rank(left.score) || compareText(leftKey, rightKey),
  );

export const bestOf = (state: Top, halfLifeMs: DurationMs | undefined): string | undefined =>
  rankedTop(state, scaleOf(halfLifeMs))[0]?.[0];

/** Keeps so many of the best. */
export const boundTop = (state: Top, scale: Scale, keysMax = TOP_KEYS_MAX): Top => {
  if (state.scores.size <= keysMax) return state;
  const ranked = rankedTop(state, scale);
  const dropped = ranked[keysMax]?.[1].score;
  const floor = dropped === undefined ? state.floor : Math.max(dropped, state.floor ?? dropped);
  return { scores: new Map(ranked.slice(0, keysMax)), floor };
};

const packScore = (score: Score, { pack }: Scale): string =>
  score === undefined ? packUnsigned(0) : packUnsigned(1) + pack(score);

export const encodeTop = (state: Top, scale: Scale): string => {
  let text = packScore(state.floor, scale);
  for (const [key, { score, error }] of rankedTop(state, scale)) {
    text += packUnsigned(key.length) + key + scale.pack(score) + packScore(error, scale);
  }
  return text;
};

export const decodeTop = (text: string, { load }: Scale): Top => {
  let reader = readPacked(text);
  const score = (): Score => (reader.unsigned() === 0 ? undefined : load(reader.signed()));
  const floor = score();
  const scores = new Map<string, Scored>();
  while (!reader.ended()) {
    const length = reader.unsigned();
    const rest = reader.rest();
    reader = readPacked(rest.slice(length));
    scores.set(rest.slice(0, length), { score: load(reader.signed()), error: score() });
  }
  return { scores, floor };
};
