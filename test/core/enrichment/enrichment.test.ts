import { expect, test } from 'vitest';
import {
  CATEGORIES_MAX,
  CATEGORY_CHARACTERS_MAX,
  categoryVectorOf,
} from '../../../functions/core/enrichment/category-vector.ts';
import { deviceTypeOf } from '../../../functions/core/enrichment/device-type.ts';
import { geoRegionOf } from '../../../functions/core/enrichment/geo-region.ts';
import { lookupTables } from '../../../functions/core/enrichment/lookup-tables.ts';

const region = (country: string) => geoRegionOf({ location: { country } }, lookupTables);
const device = (type: string) => deviceTypeOf({ device: { type } }, lookupTables);
const byAgent = (userAgent: string) => deviceTypeOf({ userAgent }, lookupTables);

test.each([
  ['USA', 'AMER'],
  ['us', 'AMER'],
  ['United States of America', 'AMER'],
  ['BRA', 'AMER'],
  ['de', 'EMEA'],
  ['DEU', 'EMEA'],
  ['Germany', 'EMEA'],
  ["côte d'ivoire", 'EMEA'],
  ['U.K.', 'EMEA'],
  ['south africa', 'EMEA'],
  ['JP', 'APAC'],
  ['new zealand', 'APAC'],
  ['Ind', 'APAC'],
  ['Atlantis', 'UNKNOWN'],
  ['', 'UNKNOWN'],
])('the country %j lies in %s', (country, expected) => {
  expect(region(country)).toBe(expected);
});

test('a country that is no text, or longer than any name, is unknown', () => {
  expect(geoRegionOf({ location: { country: 49 } }, lookupTables)).toBe('UNKNOWN');
  expect(geoRegionOf({}, lookupTables)).toBe('UNKNOWN');
  expect(region(`${' '.repeat(64)}de`)).toBe('UNKNOWN');
});

test('the tables know 250 countries, and no code or name of two regions', () => {
  const codes = [...lookupTables.regions.keys()].filter((word) => word.length === 2);
  expect(codes).toHaveLength(250); // 249 of ISO 3166 without Antarctica, Kosovo, and `UK`.
});

test.each([
  ['MOBILE', 'MOBILE'],
  ['mobile', 'MOBILE'],
  ['Smart TV', 'TV'],
  ['iPad', 'TABLET'],
  ['web', 'DESKTOP'],
  ['toaster', 'UNKNOWN'],
])('a device called %j is %s', (type, expected) => {
  expect(device(type)).toBe(expected);
});

test.each([
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148', 'MOBILE'],
  ['Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/130 Mobile Safari/537.36', 'MOBILE'],
  ['Mozilla/5.0 (Linux; Android 14; SM-X910) Chrome/130 Safari/537.36', 'TABLET'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130 Safari/537.36', 'DESKTOP'],
  ['Mozilla/5.0 (SMART-TV; Linux; Tizen 8.0) TV Safari/537.36', 'TV'],
  ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'BOT'],
  ['something else', 'UNKNOWN'],
])('the user agent %j is %s', (userAgent, expected) => {
  expect(byAgent(userAgent)).toBe(expected);
});

test('a robot is one whatever device it claims; else the claim beats the user agent', () => {
  expect(
    deviceTypeOf({ device: { type: 'mobile' }, userAgent: 'Googlebot/2.1' }, lookupTables),
  ).toBe('BOT');
  expect(deviceTypeOf({ device: { type: 'tablet' }, userAgent: 'Macintosh' }, lookupTables)).toBe(
    'TABLET',
  );
});

test('categories are upper case, from one text, a list or null, each once', () => {
  const of = (category: string | null | (string | null | number)[]) =>
    categoryVectorOf({ properties: { category } });
  expect(of('tech')).toEqual(['TECH']);
  expect(of([' tech', 'Sport', null, 'TECH', 7])).toEqual(['TECH', 'SPORT', '7']);
  expect(of(null)).toEqual([]);
  expect(categoryVectorOf({ properties: {} })).toEqual([]);
});

test('an order without a category of its own has those of its items', () => {
  const commerce = { items: [{ productId: 'a', category: 'shoes' }, { productId: 'b' }] };
  expect(categoryVectorOf({ properties: {}, commerce })).toEqual(['SHOES']);
  expect(categoryVectorOf({ properties: { category: 'sale' }, commerce })).toEqual(['SALE']);
});

test('categories are bounded in number and length, and never end in half a character', () => {
  const many = categoryVectorOf({
    properties: { category: Array.from({ length: 99 }, (_, n) => n) },
  });
  expect(many).toHaveLength(CATEGORIES_MAX);
  const [long] = categoryVectorOf({ properties: { category: `${'x'.repeat(63)}😀` } });
  expect(long).toBe('X'.repeat(CATEGORY_CHARACTERS_MAX - 1));
});
