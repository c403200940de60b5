/**
 * What is known of the items of a taste: nightly lists, increments since, and demand. Each may be
 * away: an answer without it is better than none, and says so.
 */
import type { Catalogue } from '../core/recommend/catalogue.ts';
import type { ItemLists, ListsPointer } from '../core/recommend/lists.ts';
import type { Learnt, Taste } from '../core/recommend/ranking.ts';
import { INTERESTS_SPOKEN_MAX } from '../core/recommend/speak-shop.ts';
import {
  ALL,
  categoryScopeName,
  regionScopeName,
  type TrendScope,
  type Trends,
} from '../core/recommend/trends.ts';
import type { EpochMs } from '../core/time.ts';
import type { ItemListsReader } from '../ports/item-lists.ts';
import type { PairDeltas } from '../ports/pair-deltas.ts';
import { ExpiringMap } from './expiring-map.ts';
import { isBreakerOpen } from './guarded-stream.ts';
import { within } from './within.ts';

export type ReadTrends = (
  tenant: string,
  scopes: readonly TrendScope[],
) => Promise<ReadonlyMap<TrendScope, Trends>>;

export type Missing = 'profile' | 'lists' | 'increments' | 'trends' | 'availability';

export interface Gathered {
  readonly learnt: Learnt;
  readonly pointer?: ListsPointer | undefined;
  readonly without: readonly Missing[];
}

export type GatherLearnt = (
  tenant: string,
  taste: Taste,
  catalogue: Catalogue,
  now: EpochMs,
) => Promise<Gathered>;

export interface GatherPorts {
  readonly lists: ItemListsReader;
  /** Present where there is a cache. */
  readonly deltas?: Pick<PairDeltas, 'read'> | undefined;
  readonly trends?: ReadTrends | undefined;
  readonly now: () => number;
  readonly fault: (message: string, fault: unknown) => void;
}

/** Each of the three; a page that waits longer for them is worse than one without. */
const PATIENCE_MS = 250;
const POINTERS = { entriesMax: 32, ttlMs: 10_000 };
/** Rows never change; what is not asked for any more makes room. Eight kilobytes each at most. */
const ROWS = { entriesMax: 2_000, ttlMs: 600_000 };
const NONE = 'none';

export const gatherLearnt = ({ lists, deltas, trends, now, fault }: GatherPorts): GatherLearnt => {
  const pointers = new ExpiringMap<ListsPointer | typeof NONE>(POINTERS);
  const rows = new ExpiringMap<ItemLists | typeof NONE>(ROWS);

  const pointerOf = async (tenant: string): Promise<ListsPointer | undefined> => {
    const held = pointers.get(tenant, now())?.value;
    if (held !== undefined) return held === NONE ? undefined : held;
    const pointer = await lists.pointer(tenant);
    pointers.set(tenant, pointer ?? NONE, now());
    return pointer;
  };

  const rowsOf = async (
    tenant: string,
    { version }: ListsPointer,
    items: readonly string[],
  ): Promise<ReadonlyMap<string, ItemLists>> => {
    const keyOf = (item: string): string => JSON.stringify([tenant, version, item]);
    const missing = items.filter((item) => rows.get(keyOf(item), now()) === undefined);
    const read: ReadonlyMap<string, ItemLists> =
      missing.length === 0 ? new Map() : await lists.read(tenant, version, missing);
    for (const item of missing) rows.set(keyOf(item), read.get(item) ?? NONE, now());
    return new Map(
      items.flatMap((item) => {
        const row = read.get(item) ?? rows.get(keyOf(item), now())?.value ?? NONE;
        return row === NONE ? [] : [[item, row] as const];
      }),
    );
  };

  return async (tenant, taste, catalogue, at) => {
    const without: Missing[] = [];
    const orNothing = async <T>(name: Missing, work: Promise<T>, nothing: T): Promise<T> => {
      try {
        return await within(PATIENCE_MS, work);
      } catch (cause) {
        if (!isBreakerOpen(cause)) fault(`recommended without ${name}`, cause);
        without.push(name);
        return nothing;
      }
    };

    const seen = taste.history.map(({ item }) => item);
    const items = [...new Set([...seen, ...taste.bought.map(({ item }) => item)])];
    const nightly = async () => {
      const pointer = await pointerOf(tenant);
      const found = pointer && items.length > 0 ? await rowsOf(tenant, pointer, items) : new Map();
      return { pointer, found };
    };
    const since = async () => {
      const pointer = await pointerOf(tenant).catch(() => undefined);
      return deltas !== undefined && seen.length > 0
        ? deltas.read(tenant, seen, { from: pointer?.cut, now: at })
        : new Map();
    };
    const interests = taste.interests.slice(0, INTERESTS_SPOKEN_MAX);
    const scopes = [
      ALL,
      ...(taste.region === undefined ? [] : [regionScopeName(taste.region)]),
      ...interests.map(([category]) => categoryScopeName(category.toUpperCase())),
    ];
    const demand = async () => (trends === undefined ? new Map() : trends(tenant, scopes));
    const [night, increments, demanded] = await Promise.all([
      orNothing('lists', nightly(), { pointer: undefined, found: new Map() }),
      orNothing('increments', since(), new Map()),
      orNothing('trends', demand(), new Map()),
    ]);
    return {
      learnt: { lists: night.found, deltas: increments, trends: demanded, catalogue },
      pointer: night.pointer,
      without,
    };
  };
};
