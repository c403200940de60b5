/**
 * Weights by item and region, of a bounded number of items: space-saving, as it can be merged. What
 * is counted of an item is certain; what was counted of it before it had a place is in its error.
 */
import type { GeoRegion } from '../event/event.ts';

export const DEMAND_ITEMS_MAX = 500;
/** What a table that is being filled holds before it is pruned: so an item costs constant time. */
export const DEMAND_ITEMS_HELD_MAX = 2 * DEMAND_ITEMS_MAX;

/** In the order of an item's weights; the last stands for everybody else. */
export const DEMAND_REGIONS = ['AMER', 'EMEA', 'APAC', 'UNKNOWN'] as const satisfies GeoRegion[];

export interface DemandedItem {
  /** One for each region: true weights are at least these. */
  readonly weights: readonly number[];
  /** Over all regions the true weight is at most so much more. */
  readonly error: number;
}

/** Whoever made it may add to it. */
export interface DemandTable {
  readonly items: Map<string, DemandedItem>;
  /** An item that has no place has at most this weight; 0 = the table is exact. */
  floor: number;
}

export const newDemandTable = (): DemandTable => ({ items: new Map(), floor: 0 });

export const countedWeight = ({ weights }: DemandedItem): number =>
  weights.reduce((sum, weight) => sum + weight, 0);

const upperBound = (item: DemandedItem): number => countedWeight(item) + item.error;

/** Heaviest first, by what an item may weigh at most; of equal weight by id. */
const inOrder = (items: DemandTable['items']): readonly (readonly [string, DemandedItem])[] =>
  [...items].sort(
    ([leftId, left], [rightId, right]) =>
      upperBound(right) - upperBound(left) || (leftId < rightId ? -1 : 1),
  );

/** With the heaviest of its items; the floor rises to the first that goes. */
export const heaviestOf = (table: DemandTable, itemsMax = DEMAND_ITEMS_MAX): DemandTable => {
  if (table.items.size <= itemsMax) return table;
  const ordered = inOrder(table.items);
  const [, first] = ordered[itemsMax] ?? [];
  return {
    items: new Map(ordered.slice(0, itemsMax)),
    floor: first === undefined ? table.floor : Math.max(table.floor, upperBound(first)),
  };
};

export interface Demanded {
  readonly item: string;
  readonly region: string | undefined;
  readonly weight: number;
}

const places: ReadonlyMap<string, number> = new Map(
  DEMAND_REGIONS.map((region, place) => [region, place]),
);
const ELSEWHERE = DEMAND_REGIONS.length - 1;

const prune = (table: DemandTable): void => {
  const { items, floor } = heaviestOf(table);
  table.items.clear();
  for (const [id, item] of items) table.items.set(id, item);
  table.floor = floor;
};

/** In place. An item that is new in a table which has given up items may have been among them. */
export const addDemand = (table: DemandTable, { item, region, weight }: Demanded): void => {
  const known = table.items.get(item);
  const weights = [...(known?.weights ?? DEMAND_REGIONS.map(() => 0))];
  const place = places.get(region ?? '') ?? ELSEWHERE;
  weights[place] = (weights[place] ?? 0) + weight;
  table.items.set(item, { weights, error: known?.error ?? table.floor });
  if (table.items.size > DEMAND_ITEMS_HELD_MAX) prune(table);
};

const sumOf = (left: readonly number[], right: readonly number[]): readonly number[] =>
  left.map((weight, place) => weight + (right[place] ?? 0));

const added = (left: DemandedItem, right: DemandedItem): DemandedItem => ({
  weights: sumOf(left.weights, right.weights),
  error: left.error + right.error,
});

/** What both say, of the heaviest items: the bounds of either hold for the sum of what they saw. */
export const mergeDemand = (left: DemandTable, right: DemandTable): DemandTable => {
  const absent = ({ floor }: DemandTable): DemandedItem => ({
    weights: DEMAND_REGIONS.map(() => 0),
    error: floor,
  });
  const items = new Map<string, DemandedItem>();
  for (const id of new Set([...left.items.keys(), ...right.items.keys()])) {
    const mine = left.items.get(id) ?? absent(left);
    items.set(id, added(mine, right.items.get(id) ?? absent(right)));
  }
  return heaviestOf({ items, floor: left.floor + right.floor });
};
