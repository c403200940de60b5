/** What can be recommended: an item as its owner describes it, and the rows that keep it. */
import { utf8Bytes } from '../event/utf8.ts';
import { type EpochMs, toRfc3339 } from '../time.ts';
import { type ItemAnswer, type ItemInput, itemInput, type PutResult } from './item-schemas.ts';

/** As JSON; a row of 4 KB is written as four units. */
export const ITEM_BYTES_MAX = 4 * 1_024;

export interface CatalogueItem {
  readonly item: ItemInput;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

export interface ReadItems {
  /** What may be stored; each id once. */
  readonly items: readonly ItemInput[];
  /** In the order in which they were sent. */
  readonly results: readonly PutResult[];
}

const idIn = (sent: unknown): string | undefined => {
  const id = typeof sent === 'object' && sent !== null && 'id' in sent ? sent.id : undefined;
  return typeof id === 'string' ? id : undefined;
};

const upperCase = (categories: readonly string[]): string[] => [
  ...new Set(categories.map((category) => category.toUpperCase())),
];

/** The item, or why it is none. */
export const readItem = (sent: unknown): ItemInput | string => {
  const read = itemInput.safeParse(sent);
  if (!read.success) {
    const [issue] = read.error.issues;
    const member = issue?.path.join('.') ?? '';
    return `${member === '' ? 'item' : `\`${member}\``}: ${issue?.message ?? 'is wrong'}`;
  }
  const item = { ...read.data, categories: upperCase(read.data.categories) };
  const bytes = utf8Bytes(JSON.stringify(item));
  return bytes <= ITEM_BYTES_MAX ? item : `item: ${bytes} bytes, at most ${ITEM_BYTES_MAX}`;
};

/** Each is judged alone; of two with one id neither could be said to be the last. */
export const readItems = (sent: readonly unknown[]): ReadItems => {
  const times = Map.groupBy(sent.map(idIn), (id) => id);
  const items: ItemInput[] = [];
  const results = sent.map((one, index): PutResult => {
    const id = idIn(one);
    const named = { index, ...(id !== undefined && { id }) };
    const isTwice = id !== undefined && (times.get(id)?.length ?? 0) > 1;
    const item = isTwice ? '`id`: twice in this request' : readItem(one);
    if (typeof item === 'string') return { ...named, status: 'rejected', error: item };
    items.push(item);
    return { ...named, status: 'stored' };
  });
  return { items, results };
};

export const answerItem = ({ item, createdAt, updatedAt }: CatalogueItem): ItemAnswer => ({
  ...item,
  createdAt: toRfc3339(createdAt),
  updatedAt: toRfc3339(updatedAt),
});
