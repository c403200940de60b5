import type { ItemLists, ListsPointer } from '../core/recommend/lists.ts';

/** The nightly lists of items: immutable versions, of which a pointer names the one to take. */
export interface ItemListsReader {
  /** Undefined before the first night. */
  readonly pointer: (tenant: string) => Promise<ListsPointer | undefined>;
  /** Of those that have a row in this version; each item once. */
  readonly read: (
    tenant: string,
    version: string,
    items: readonly string[],
  ) => Promise<ReadonlyMap<string, ItemLists>>;
}

/** An item's lists of one version, as text that the codec made. */
export interface ItemListsRow {
  readonly tenant: string;
  readonly item: string;
  readonly version: string;
  readonly lists: ItemLists;
  /** Epoch seconds. */
  readonly ttl: number;
}

export interface ItemListsWriter {
  /** The same row twice is the same row. */
  readonly put: (row: ItemListsRow) => Promise<void>;
  /** Refused where the lists that are pointed to have a later cut, or are of a later run. */
  readonly pointTo: (
    tenant: string,
    pointer: ListsPointer,
    at: number,
  ) => Promise<'pointed' | 'newer'>;
}

export interface ItemListsStore extends ItemListsReader, ItemListsWriter {}
