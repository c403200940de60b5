import { expect, test } from 'vitest';
import { itemsAsk } from '../../../functions/core/catalogue/item-schemas.ts';
import { CATEGORIES, catalogue, drawItem, type Item } from '../../../simulate/catalogue.ts';
import { offerCatalogue } from '../../../simulate/offer-catalogue.ts';
import { seeded } from '../../../simulate/random.ts';
import type { Call } from '../../../simulate/transport.ts';

test('the shop has 300 items with names and prices of their own, 25 on each shelf', () => {
  expect(catalogue).toHaveLength(300);
  expect(new Set(catalogue.map(({ id }) => id)).size).toBe(300);
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(300);
  expect(catalogue[0]).toMatchObject({ id: 'item001', category: 'tech' });
  for (const { name, priceCents } of catalogue) expect(priceCents, name).toBeGreaterThan(300);
  for (const category of CATEGORIES) {
    expect(catalogue.filter((item) => item.category === category)).toHaveLength(25);
  }
});

test('the catalogue is sent as the API takes it, and a refusal is told', async () => {
  const sent: Call[] = [];
  const answer = (status: number) => async (call: Call) => {
    sent.push(call);
    const { items } = itemsAsk.parse(JSON.parse(call.body ?? ''));
    return { status, body: JSON.stringify({ stored: items.length }) };
  };
  expect(await offerCatalogue(answer(200))).toContain('300 items');
  expect(sent.map(({ method, path }) => `${method} ${path}`)).toEqual(['PUT /v1/items']);
  await expect(offerCatalogue(answer(403))).rejects.toThrow('403');
});

test('beside an item, one of its theme is drawn more often than not', () => {
  const random = seeded(1);
  const beside = catalogue.find(({ name }) => name === 'Kettle, 70–100 °C') as Item;
  const drawn = Array.from({ length: 1_000 }, () => drawItem(random, 'kitchen', beside));
  const kin = drawn.filter(({ theme }) => theme === 'tea').length;
  expect(kin).toBeGreaterThan(650);
  expect(kin).toBeLessThan(850);
  expect(drawn.every(({ category }) => category === 'kitchen')).toBe(true);
});
