import { expect, test } from 'vitest';
import {
  answerItem,
  ITEM_BYTES_MAX,
  readItem,
  readItems,
} from '../../../functions/core/catalogue/item.ts';
import { ATTRIBUTES_MAX, type ItemInput } from '../../../functions/core/catalogue/item-schemas.ts';
import { epochMs } from '../../../functions/core/time.ts';

test('an item needs an id alone: it is available, and is in no category', () => {
  expect(readItem({ id: 'lamp' })).toEqual({
    ...{ id: 'lamp', categories: [], available: true, attributes: {} },
  });
});

test('categories are upper case, each once, the first one first', () => {
  const item = readItem({ id: 'lamp', categories: ['light', ' Home ', 'LIGHT'] });
  expect(item).toMatchObject({ categories: ['LIGHT', 'HOME'] });
});

test.each<[string, object, string]>([
  ['a member that nobody knows', { prize: 1 }, 'item: '],
  ['an empty id', { id: '' }, '`id`: '],
  ['an id over its bytes', { id: 'ü'.repeat(65) }, '`id`: at most 128 bytes'],
  ['a price below nothing', { price: -1 }, '`price`: '],
  ['a price with seven decimals', { price: 0.0000001 }, '`price`: at most 6 decimals'],
  ['a price that is a text', { price: '12' }, '`price`: '],
  ['a link that is no web address', { url: 'javascript:alert(1)' }, '`url`: '],
  ['an attribute that is a list', { attributes: { sizes: [1] } }, '`attributes.sizes`: '],
  ['a category without a letter', { categories: [' '] }, '`categories.0`: '],
])('%s is refused, and its member named', (_, more, wrong) => {
  const why = readItem({ id: 'lamp', ...more });
  expect(typeof why === 'string' && why.startsWith(wrong), String(why)).toBe(true);
});

test('an item holds so many attributes and so many bytes, and no more', () => {
  const attributes = (count: number, length: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, 'x'.repeat(length)]));
  expect(readItem({ id: 'lamp', attributes: attributes(ATTRIBUTES_MAX, 1) })).toBeTypeOf('object');
  const many = readItem({ id: 'lamp', attributes: attributes(ATTRIBUTES_MAX + 1, 1) });
  expect(many).toBe(`\`attributes\`: at most ${ATTRIBUTES_MAX}`);
  const large = readItem({ id: 'lamp', attributes: attributes(10, 500) });
  expect(large).toMatch(new RegExp(`^item: \\d+ bytes, at most ${ITEM_BYTES_MAX}$`));
});

test('each item of a request is judged alone, and of two with one id neither is stored', () => {
  const { items, results } = readItems([
    { id: 'a' },
    { id: 'b' },
    7,
    { id: 'a' },
    { id: 'c', x: 1 },
  ]);
  expect(items.map(({ id }) => id)).toEqual(['b']);
  expect(results.map(({ index, id, status }) => [index, id, status])).toEqual([
    [0, 'a', 'rejected'],
    [1, 'b', 'stored'],
    [2, undefined, 'rejected'],
    [3, 'a', 'rejected'],
    [4, 'c', 'rejected'],
  ]);
  expect(results[0]?.error).toBe('`id`: twice in this request');
});

test('an item is answered as it was put, with its instants', () => {
  const item = readItem({ id: 'lamp', price: 12.5 }) as ItemInput;
  expect(answerItem({ item, createdAt: epochMs(0), updatedAt: epochMs(1) })).toEqual({
    ...item,
    createdAt: '1970-01-01T00:00:00.000Z',
    updatedAt: '1970-01-01T00:00:00.001Z',
  });
});
