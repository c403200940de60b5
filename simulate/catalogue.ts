import type { Random } from './random.ts';

export interface Item {
  readonly id: string;
  readonly category: string;
  readonly priceCents: number;
}

export const CATEGORIES = [
  'tech',
  'shoes',
  'books',
  'garden',
  'kitchen',
  'toys',
  'music',
  'sport',
  'beauty',
  'travel',
  'pets',
  'office',
] as const;

const ITEMS_PER_CATEGORY = 25;

/** A few hundred items, the same in every run: `item001` is 000's. */
export const catalogue: readonly Item[] = CATEGORIES.flatMap((category, shelf) =>
  Array.from({ length: ITEMS_PER_CATEGORY }, (_, place) => {
    const number = shelf * ITEMS_PER_CATEGORY + place + 1;
    return {
      id: `item${String(number).padStart(3, '0')}`,
      category,
      priceCents: 199 + ((number * 7_919) % 24_000),
    };
  }),
);

/** Some items are far more popular than others: the square of a fair draw leans to the first. */
export const drawItem = (random: Random, category: string): Item => {
  const shelf = (CATEGORIES as readonly string[]).indexOf(category);
  const place = Math.floor(random.next() ** 2 * ITEMS_PER_CATEGORY);
  const item = catalogue[Math.max(0, shelf) * ITEMS_PER_CATEGORY + place];
  if (item === undefined) throw new RangeError(`no item in ${category}`);
  return item;
};
