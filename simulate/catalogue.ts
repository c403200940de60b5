import type { Random } from './random.ts';
import { ITEMS_PER_THEME, SHELVES, THEMES_PER_SHELF } from './shelves.ts';

export interface Item {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly theme: string;
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
] as const satisfies readonly (keyof typeof SHELVES)[];

const ITEMS_PER_CATEGORY = THEMES_PER_SHELF * ITEMS_PER_THEME;

/** `Kettle | 59 | Tea strainer | 8` as pairs. */
const pricedOf = (parts: readonly string[]): readonly (readonly [name: string, price: number])[] =>
  parts.flatMap((name, place) => (place % 2 === 0 ? [[name, Number(parts[place + 1])]] : []));

const shelfOf = (category: keyof typeof SHELVES): readonly Omit<Item, 'id'>[] =>
  SHELVES[category]
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [theme = '', ...parts] = line.split('|').map((part) => part.trim());
      return pricedOf(parts).map(([name, price]) => ({
        name,
        category,
        theme,
        priceCents: price * 100 - 1,
      }));
    });

/** The same in every run: `item001` is 000's. */
export const catalogue: readonly Item[] = CATEGORIES.flatMap(shelfOf).map((item, place) => ({
  id: `item${String(place + 1).padStart(3, '0')}`,
  ...item,
}));

/** Some are far more popular than others: the square of a fair draw leans to the first. */
const leaning = (random: Random, choices: number): number =>
  Math.floor(random.next() ** 2 * choices);

/** Of the shelf; beside the item that the shopper looks at, more often one of its theme. */
const THEME_SHARE = 0.7;

const firstOfTheme = ({ category, theme }: Item): number =>
  catalogue.findIndex((item) => item.category === category && item.theme === theme);

export const drawItem = (random: Random, category: string, beside?: Item): Item => {
  const shelf = Math.max(0, (CATEGORIES as readonly string[]).indexOf(category));
  const [from, choices] =
    beside?.category === category && random.chance(THEME_SHARE)
      ? [firstOfTheme(beside), ITEMS_PER_THEME]
      : [shelf * ITEMS_PER_CATEGORY, ITEMS_PER_CATEGORY];
  const item = catalogue[from + leaning(random, choices)];
  if (item === undefined) throw new RangeError(`no item in ${category}`);
  return item;
};
