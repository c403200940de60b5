import { invariant } from '../invariant.ts';
import type { LoadItem } from './tasks.ts';

/** A machine's state holds 256 KB. */
export const ITEMS_MAX = 1_000;
export const ITEM_BYTES_MAX = 100;
/** More objects than any UNLOAD writes. */
export const OBJECTS_MAX = 100_000;

/** As even as can be: items differ by one object at most. */
export const itemsOf = (attempt: number, objects: number): readonly LoadItem[] => {
  invariant(objects <= OBJECTS_MAX, 'an UNLOAD writes a bounded number of objects');
  const count = Math.min(ITEMS_MAX, objects);
  return Array.from({ length: count }, (_, place) => ({
    attempt,
    from: Math.floor((place * objects) / count),
    to: Math.floor(((place + 1) * objects) / count),
  }));
};
