/** A catalogue that is searched from end to end. */
import type { Catalogue, OfferedItem } from '../../functions/core/recommend/catalogue.ts';
import { epochMs } from '../../functions/core/time.ts';

export const shelfItem = (id: string, more: Partial<OfferedItem> = {}): OfferedItem => ({
  id,
  categories: [],
  available: true,
  attributes: {},
  createdAt: epochMs(0),
  ...more,
});

export const shelf = (...items: readonly OfferedItem[]): Catalogue => {
  const newest = items.toSorted(
    (left, right) => right.createdAt - left.createdAt || (left.id < right.id ? -1 : 1),
  );
  return {
    version: 'shelf',
    find: (id) => items.find((item) => item.id === id),
    inCategory: (category) =>
      newest.filter(({ categories }) => categories.includes(category)).map(({ id }) => id),
    newest: newest.map(({ id }) => id),
    size: items.length,
  };
};
