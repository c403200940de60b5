import type { CanonicalEvent, Json } from '../event/event.ts';
import { own } from './json-path.ts';

/** More say nothing about a taste, and each costs room in a profile. */
export const CATEGORIES_MAX = 16;
export const CATEGORY_CHARACTERS_MAX = 64;

/**
 * The categories of an event, upper case, without duplicates, in the order given: of the event
 * itself, else of the items that it orders. One text, a list or null are all understood.
 */
export const categoryVectorOf = ({
  properties,
  commerce,
}: Pick<CanonicalEvent, 'properties' | 'commerce'>): readonly string[] => {
  const stated = distinctCategories(own(properties, 'category'));
  if (stated.length > 0) return stated;
  const listed = distinctCategories(own(properties, 'categories'));
  if (listed.length > 0) return listed;
  return distinctCategories(commerce?.items?.map((item) => item.category ?? null));
};

const distinctCategories = (value: Json | undefined): readonly string[] => {
  const given: readonly Json[] = Array.isArray(value) ? value : [value ?? null];
  const distinct = new Set<string>();
  for (const each of given) {
    const text = typeof each === 'number' ? String(each) : each;
    if (typeof text !== 'string') continue;
    const category = clip(text.trim().toUpperCase());
    if (category !== '') distinct.add(category);
    if (distinct.size === CATEGORIES_MAX) break;
  }
  return [...distinct];
};

/** Cut before a surrogate pair rather than inside it: half a character is not text. */
const clip = (text: string): string =>
  text.length <= CATEGORY_CHARACTERS_MAX
    ? text
    : text
        .slice(0, CATEGORY_CHARACTERS_MAX)
        .replace(/[\uD800-\uDBFF]$/, '')
        .trimEnd();
