import { invariant } from '../core/invariant.ts';
import {
  DELTA_ITEMS_MAX,
  DELTA_MEMBERS_KEPT,
  DELTA_MEMBERS_MAX,
  deltaDays,
  deltaEndsAt,
  deltaOf,
  OWN_EVENTS,
} from '../core/recommend/deltas.ts';
import type { ItemDelta } from '../core/recommend/ranking.ts';
import type { PairDeltas } from '../ports/pair-deltas.ts';
import { deltaAdds, deltaKeyOf } from './pair-delta-keys.ts';

type Amounts = Map<string, number>;

/** As a sorted set has them: of equal weight by bytes. */
const lightestFirst = (amounts: Amounts): readonly string[] =>
  [...amounts]
    .sort(([leftId, left], [rightId, right]) =>
      left === right ? Buffer.compare(Buffer.from(leftId), Buffer.from(rightId)) : left - right,
    )
    .map(([other]) => other);

const trim = (amounts: Amounts): void => {
  if (amounts.size <= DELTA_MEMBERS_MAX) return;
  const neighbours = lightestFirst(amounts).filter((other) => other !== OWN_EVENTS);
  for (const other of neighbours.slice(0, amounts.size - DELTA_MEMBERS_KEPT)) amounts.delete(other);
};

export interface MemoryPairDeltas extends PairDeltas {
  /** Everything that is held, for those who compare it. */
  readonly entries: () => Iterable<readonly [key: string, amounts: ReadonlyMap<string, number>]>;
}

/** Deltas in this process, for tests and the simulation. */
export const memoryPairDeltas = (now: () => number): MemoryPairDeltas => {
  const held = new Map<string, { readonly amounts: Amounts; readonly untilMs: number }>();
  const get = (key: string): Amounts | undefined => {
    const found = held.get(key);
    return found !== undefined && now() < found.untilMs ? found.amounts : undefined;
  };
  return {
    add: async (tenant, days) => {
      for (const { item, day, amounts: more } of deltaAdds(days)) {
        const key = deltaKeyOf(tenant, item, day);
        const amounts = get(key) ?? new Map<string, number>();
        for (const [other, amount] of more) amounts.set(other, (amounts.get(other) ?? 0) + amount);
        trim(amounts);
        held.set(key, { amounts, untilMs: deltaEndsAt(day) });
      }
    },
    read: async (tenant, items, range) => {
      invariant(items.length <= DELTA_ITEMS_MAX, 'deltas of at most 100 items are read at once');
      const found = new Map<string, ItemDelta>();
      for (const item of items) {
        const delta = deltaOf(
          deltaDays(range).map((day) => [day, get(deltaKeyOf(tenant, item, day.day)) ?? []]),
        );
        if (delta !== undefined) found.set(item, delta);
      }
      return found;
    },
    entries: () => [...held].map(([key, { amounts }]) => [key, amounts] as const),
  };
};
