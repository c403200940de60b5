import { expect, test } from 'vitest';
import { INGEST_ROUTES } from '../../../functions/collect/routes.ts';
import { categoryVectorOf } from '../../../functions/core/enrichment/category-vector.ts';
import { decodeEvent } from '../../../functions/core/event/decode.ts';
import type { Json } from '../../../functions/core/event/event.ts';
import { isReject } from '../../../functions/core/event/reject.ts';
import { itemsOf } from '../../../functions/core/profile/recent-items.ts';
import { epochMs, toRfc3339 } from '../../../functions/core/time.ts';
import { newCrowd, type ShopperEvent } from '../../../simulate/crowd.ts';
import { config } from '../../../tributary.config.ts';

const START = Date.parse('2026-11-21T09:40:00.000Z');
const eventsOf = (seed: number, count: number): readonly ShopperEvent[] => {
  const crowd = newCrowd({ seed, users: 200, runId: 'run', prefix: '' });
  return Array.from({ length: count }, (_, n) => crowd.next(START + n * 5));
};

test('one seed, one crowd: the same events with the same ids; another seed, others', () => {
  expect(eventsOf(7, 2_000)).toEqual(eventsOf(7, 2_000));
  expect(eventsOf(8, 50)).not.toEqual(eventsOf(7, 50));
  expect(new Set(eventsOf(7, 2_000).map(({ fact }) => fact.eventId)).size).toBe(2_000);
  expect(eventsOf(7, 1)[0]?.fact.eventId).toBe('run-1');
});

test('the users of the documents are always there', () => {
  const { users } = newCrowd({ seed: 1, users: 101, runId: 'run', prefix: 'p-' });
  expect(users).toHaveLength(107);
  expect(users).toEqual(
    expect.arrayContaining(['p-user-1', 'p-user-101', 'p-user_E', 'p-user123']),
  );
});

test('every door and every deed is used, and a funnel narrows', () => {
  const events = eventsOf(1, 20_000);
  const paths = new Set(events.map(({ path }) => path));
  expect(paths).toEqual(new Set(INGEST_ROUTES.map(({ path }) => path)));
  const count = (name: string): number => events.filter(({ fact }) => fact.name === name).length;
  expect(count('Product Viewed')).toBeGreaterThan(count('Product Added'));
  expect(count('Product Added')).toBeGreaterThan(count('Order Completed'));
  for (const name of ['Order Completed', 'Order Refunded', 'Order Cancelled', 'Ad Clicked']) {
    expect(count(name), name).toBeGreaterThan(20);
  }
});

test('collect understands every event exactly as its fact says', () => {
  for (const { path, body, fact } of eventsOf(3, 20_000)) {
    const hints = INGEST_ROUTES.find((route) => route.path === path)?.hints;
    if (hints === undefined) throw new Error(`no door ${path}`);
    const draft = decodeEvent(body as Json, {
      tenant: 'main',
      currency: config.currency,
      rates: config.rates,
      receivedAt: epochMs(fact.timestamp + 40),
      hints,
      newEventId: () => 'none',
      shared: { context: {} },
    });
    if (isReject(draft)) throw new Error(`${draft.detail} ${JSON.stringify(body)}`);
    const { event } = draft;
    const categories = categoryVectorOf(event).map((category) => category.toLowerCase());
    expect({
      path,
      eventId: event.eventId,
      kind: event.kind,
      name: event.name,
      user: event.userId,
      timestamp: event.timestamp,
      categories: new Set(categories),
      productIds: itemsOf(event),
      orderId: event.commerce?.orderId,
      orders: event.commerce?.orders ?? 0,
      revenueMicros: event.commerce?.revenueMicros ?? 0,
      traits: event.traits,
    }).toEqual({
      path,
      eventId: fact.eventId,
      kind: fact.kind,
      name: fact.name,
      user: fact.user,
      timestamp: toRfc3339(fact.timestamp),
      categories: new Set(fact.categories),
      productIds: new Set(fact.productIds),
      orderId: fact.orderId,
      orders: fact.orders,
      revenueMicros: fact.revenueMicros,
      traits: fact.traits ?? {},
    });
  }
});
