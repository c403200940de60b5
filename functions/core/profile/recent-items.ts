/** The items of a user's last events, each once at its newest instant. */
import type { CanonicalEvent } from '../event/event.ts';
import { utf8Bytes } from '../event/utf8.ts';
import type { CommutativeMonoid } from '../tags/monoid.ts';
import { jsonBytes } from '../tags/text-bytes.ts';
import { type EpochMs, epochMs } from '../time.ts';

export const RECENT_ITEMS_MAX = 20;
/** With the user's own lists beside them (personal-items.ts) 1 KB. */
export const RECENT_ITEMS_BYTES_MAX = 624;
/** A longer id is no catalogue's, and is not kept; a clipped one would name another item. */
export const ITEM_ID_BYTES_MAX = 128;
/** `["id",1767225600000],` beside the id itself. */
const ENTRY_EXTRA_BYTES = 17;

/** The newest instant of each item. */
export type RecentItems = ReadonlyMap<string, EpochMs>;

export const recentItems: CommutativeMonoid<RecentItems> = {
  empty: new Map(),
  merge: (left, right) => {
    const merged = new Map(left);
    for (const [item, at] of right) {
      merged.set(item, epochMs(Math.max(at, merged.get(item) ?? at)));
    }
    return merged;
  },
};

/** What merging the items of each event one after the other comes to. */
export const foldItems = (
  before: RecentItems,
  events: readonly { readonly event: CanonicalEvent; readonly timestamp: EpochMs }[],
): RecentItems => {
  const items = new Map(before);
  for (const { event, timestamp } of events) {
    for (const item of itemsOf(event)) {
      items.set(item, epochMs(Math.max(timestamp, items.get(item) ?? timestamp)));
    }
  }
  return items;
};

/** Newest first; of one instant by id. */
export const newestItems = (items: RecentItems): readonly (readonly [string, EpochMs])[] =>
  [...items].sort(([leftId, left], [rightId, right]) =>
    left === right ? (leftId < rightId ? -1 : 1) : right - left,
  );

const NO_ITEMS: ReadonlySet<string> = new Set();

/** The items that an event names: its product, and the lines of its order. */
export const itemsOf = (
  event: Pick<CanonicalEvent, 'properties' | 'commerce'>,
): ReadonlySet<string> => {
  const product = event.properties.product_id;
  if (product === undefined && event.commerce === undefined) return NO_ITEMS;
  const ids = (event.commerce?.items ?? []).map((item) => item.productId);
  if (typeof product === 'string' || typeof product === 'number') ids.unshift(String(product));
  return new Set(ids.filter((id) => id !== '' && utf8Bytes(id) <= ITEM_ID_BYTES_MAX));
};

const entryBytes = (id: string): number => jsonBytes(id) + ENTRY_EXTRA_BYTES;

/** Keeps the newest that fit in number and in bytes. An item that fell out can only return as newer. */
export const boundItems = (items: RecentItems): RecentItems => {
  let bytes = 2;
  for (const id of items.keys()) bytes += entryBytes(id);
  if (items.size <= RECENT_ITEMS_MAX && bytes <= RECENT_ITEMS_BYTES_MAX) return items;
  bytes = 2;
  const newest = newestItems(items);
  const kept = newest.findIndex(([id], index) => {
    bytes += entryBytes(id);
    return index >= RECENT_ITEMS_MAX || bytes > RECENT_ITEMS_BYTES_MAX;
  });
  return kept === -1 ? items : new Map(newest.slice(0, kept));
};

export type StoredItems = readonly (readonly [id: string, at: number])[];

export const encodeItems = (items: RecentItems): StoredItems => newestItems(items);

export const decodeItems = (stored: StoredItems): RecentItems =>
  new Map(stored.map(([id, at]) => [id, epochMs(at)]));
