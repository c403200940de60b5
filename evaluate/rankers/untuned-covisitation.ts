/** Baseline: directed, distance-decayed co-visitation with the numbers it was first written with. */
import {
  backwardAmount,
  basketAmount,
  forwardAmount,
} from '../../functions/core/recommend/amounts.ts';
import { AMOUNT_UNIT, LEARNING_PRESETS } from '../../functions/core/recommend/learning.ts';
import type { Weighted } from '../../functions/core/recommend/lists.ts';
import { type Act, weightOf } from '../act.ts';
import type { Ranker } from '../ranker.ts';
import { numbered } from '../world/numbered.ts';
import { behind, inDemand } from './in-demand.ts';

const PRESET = LEARNING_PRESETS.commerce;
const HISTORY = 10;
const FADING = 0.6;
const FIRST_ITEMS = 1_024;

/** Every pair of all time, four bytes each: their eighth digit decides nothing. */
const allPairs = () => {
  const rows: Float32Array[] = [];
  const rowOf = (from: number, upTo: number): Float32Array => {
    const held = rows[from];
    if (held !== undefined && upTo < held.length) return held;
    let length = held?.length ?? FIRST_ITEMS;
    while (length <= upTo) length *= 2;
    const row = new Float32Array(length);
    if (held !== undefined) row.set(held);
    rows[from] = row;
    return row;
  };
  return {
    add: (from: number, to: number, amount: number): void => {
      const row = rowOf(from, to);
      row[to] = (row[to] ?? 0) + amount / AMOUNT_UNIT;
    },
    rowOf: (from: number): Float32Array | undefined => rows[from],
  };
};

/** No half-life, no caps of lists, nothing of personal frequency. */
export const untunedCovisitation = (): Ranker => {
  const demand = inDemand();
  const items = numbered();
  const pairs = allPairs();
  const times: number[] = [];
  const histories = new Map<string, readonly number[]>();

  const scoresOf = (user: string): ReadonlyMap<string, number> => {
    const sums = new Float64Array(items.size());
    for (const [index, from] of (histories.get(user) ?? []).entries()) {
      const row = pairs.rowOf(from);
      if (row === undefined) continue;
      const share = FADING ** index / Math.sqrt(times[from] ?? 1);
      const length = Math.min(row.length, sums.length);
      for (let to = 0; to < length; to += 1) sums[to] = (sums[to] ?? 0) + share * (row[to] ?? 0);
    }
    const found: Weighted[] = [];
    for (const [item, sum] of sums.entries()) if (sum > 0) found.push([items.nameOf(item), sum]);
    return new Map(found);
  };

  const learnEvent = (act: Act, basket: readonly number[], before: readonly number[]): void => {
    const weight = weightOf(act);
    const own = new Set(basket);
    const together = basketAmount(weight, basket.length);
    for (const item of basket) {
      times[item] = (times[item] ?? 0) + 1;
      for (const [index, other] of before.entries()) {
        if (own.has(other)) continue;
        pairs.add(other, item, forwardAmount(PRESET, weight, index + 1));
        pairs.add(item, other, backwardAmount(PRESET, weight, index + 1));
      }
      for (const other of basket) if (other !== item) pairs.add(other, item, together);
    }
  };

  return {
    name: 'untuned DCV',
    prepare:
      ({ user, exclude }) =>
      () =>
        behind(scoresOf(user), () => demand.top(exclude), exclude),
    learn: (act) => {
      for (const item of act.items) demand.count(item);
      const basket = act.items.map(items.numberOf);
      const before = histories.get(act.user) ?? [];
      learnEvent(act, basket, before);
      const rest = before.filter((item) => !basket.includes(item));
      histories.set(act.user, [...basket.toReversed(), ...rest].slice(0, HISTORY));
    },
  };
};
