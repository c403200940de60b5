/** The catalogue as acts make it: an item is there from its first act on. */
import type { Catalogue, OfferedItem } from '../../functions/core/recommend/catalogue.ts';
import type { EpochMs } from '../../functions/core/time.ts';

export interface Shelves {
  readonly put: (item: string, at: EpochMs) => void;
  readonly catalogue: () => Catalogue;
}

export const shelves = (): Shelves => {
  const items = new Map<string, OfferedItem>();
  const ids: string[] = [];
  let held: Catalogue | undefined;
  return {
    put: (id, createdAt) => {
      if (items.has(id)) return;
      items.set(id, { id, categories: [], available: true, attributes: {}, createdAt });
      ids.push(id);
      held = undefined;
    },
    catalogue: () => {
      held ??= {
        version: String(ids.length),
        find: (id) => items.get(id),
        inCategory: () => [],
        newest: ids.toReversed(),
        size: ids.length,
      };
      return held;
    },
  };
};
