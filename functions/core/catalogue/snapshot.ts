/** A tenant's catalogue as one text: a line for each item, the newest first. */
import { utf8Bytes } from '../event/utf8.ts';
import { hash64Hex } from '../hash.ts';
import { invariant } from '../invariant.ts';
import type { Catalogue, OfferedItem } from '../recommend/catalogue.ts';
import { epochMs } from '../time.ts';
import type { CatalogueItem } from './item.ts';

export const SNAPSHOT_ITEMS_MAX = 100_000;
/** Of all lines, before gzip: a process holds them some three times over. */
export const SNAPSHOT_BYTES_MAX = 64 * 1_024 * 1_024;

/** An item as it is now, or that it is gone. */
export interface ItemChange {
  readonly id: string;
  readonly found: CatalogueItem | undefined;
}

export interface Snapshot {
  /** Of no snapshot before it, and of no other one after the same. */
  readonly version: string;
  readonly lines: readonly string[];
  /** The oldest, for which there was no room. */
  readonly dropped: number;
}

/** What no recommendation asks for, url and image, is left to the item's own row. */
const offered = ({ item, createdAt }: CatalogueItem): OfferedItem => ({
  id: item.id,
  ...(item.name !== undefined && { name: item.name }),
  categories: item.categories,
  available: item.available,
  ...(item.owner !== undefined && { owner: item.owner }),
  ...(item.price !== undefined && { price: item.price }),
  attributes: item.attributes,
  createdAt,
});

export const encodeItem = (item: OfferedItem): string => JSON.stringify(item);

const isTextOrNone = (value: unknown): boolean => value === undefined || typeof value === 'string';

export const decodeItem = (line: string): OfferedItem => {
  const read: Readonly<Record<string, unknown>> = Object(JSON.parse(line));
  const { id, name, categories, available, owner, price, attributes, createdAt } = read;
  invariant(typeof id === 'string', 'an item of a snapshot has an id');
  invariant(isTextOrNone(name) && isTextOrNone(owner), 'its name and owner are texts');
  invariant(
    Array.isArray(categories) && categories.every((each) => typeof each === 'string'),
    'its categories are texts',
  );
  invariant(typeof available === 'boolean', 'it is available or not');
  invariant(price === undefined || typeof price === 'number', 'its price is a number');
  invariant(typeof attributes === 'object' && attributes !== null, 'it has attributes');
  invariant(Number.isSafeInteger(createdAt), 'it was put at an instant');
  return { ...(read as unknown as OfferedItem), createdAt: epochMs(Number(createdAt)) };
};

type Placed = Pick<OfferedItem, 'id' | 'createdAt'>;

const newestFirst = (left: Placed, right: Placed): number =>
  right.createdAt - left.createdAt || (left.id < right.id ? -1 : Number(left.id > right.id));

/** Line by line, so that no text of all of them is made. */
const versionOf = (before: string, changes: readonly ItemChange[]): string =>
  changes
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
    .reduce(
      (hash, { id, found }) =>
        hash64Hex(`${hash}\n${found ? encodeItem(offered(found)) : JSON.stringify(id)}`),
      hash64Hex(before),
    );

interface Bounds {
  readonly itemsMax: number;
  readonly bytesMax: number;
}

const fitting = (lines: readonly string[], { itemsMax, bytesMax }: Bounds): number => {
  let bytes = 0;
  const tooMany = lines.findIndex((line, place) => {
    bytes += utf8Bytes(line) + 1;
    return place >= itemsMax || bytes > bytesMax;
  });
  return tooMany === -1 ? lines.length : tooMany;
};

/** What a snapshot comes to once these changes are laid over it; each item once. */
export const withChanges = (
  before: { readonly version: string; readonly lines: readonly string[] },
  changes: readonly ItemChange[],
  bounds: Bounds = { itemsMax: SNAPSHOT_ITEMS_MAX, bytesMax: SNAPSHOT_BYTES_MAX },
): Snapshot => {
  const changed = new Set(changes.map(({ id }) => id));
  const placed = (item: OfferedItem, line: string) => ({
    ...{ id: item.id, createdAt: item.createdAt },
    line,
  });
  const kept = before.lines.flatMap((line) => {
    const item = decodeItem(line);
    return changed.has(item.id) ? [] : [placed(item, line)];
  });
  const put = changes.flatMap(({ found }) => {
    if (found === undefined) return [];
    const item = offered(found);
    return [placed(item, encodeItem(item))];
  });
  const lines = [...kept, ...put].sort(newestFirst).map(({ line }) => line);
  const fits = fitting(lines, bounds);
  return {
    version: versionOf(before.version, changes),
    lines: lines.slice(0, fits),
    dropped: lines.length - fits,
  };
};

const NONE: readonly string[] = [];

export const catalogueOf = (version: string, items: readonly OfferedItem[]): Catalogue => {
  const byId = new Map(items.map((item) => [item.id, item]));
  const byCategory = new Map<string, string[]>();
  const newest = [...byId.values()].sort(newestFirst);
  for (const { id, categories } of newest) {
    for (const category of categories) {
      const ids = byCategory.get(category);
      if (ids === undefined) byCategory.set(category, [id]);
      else ids.push(id);
    }
  }
  return {
    version,
    find: (id) => byId.get(id),
    inCategory: (category) => byCategory.get(category) ?? NONE,
    newest: newest.map(({ id }) => id),
    size: byId.size,
  };
};

/** Where nothing was ever put. */
export const NO_CATALOGUE: Catalogue = catalogueOf('', []);
