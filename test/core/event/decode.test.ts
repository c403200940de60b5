import fc from 'fast-check';
import { expect, test } from 'vitest';
import { INGEST_ROUTES } from '../../../functions/collect/routes.ts';
import { cutEnvelopes } from '../../../functions/core/event/envelope.ts';
import type { Json, JsonObject } from '../../../functions/core/event/event.ts';
import { judgeEvents, readRequest } from '../../../functions/core/event/request.ts';
import { canonicalEvent } from '../../../functions/core/event/schema.ts';
import { accepted, decodeAt, NOW, rejectedAt } from '../../support/decoding.ts';

const view = { userId: 'u', eventType: 'VIEW' };

test('000: a UserEvent becomes a product view with its labels in canonical places', () => {
  const event = accepted({
    userId: 'user123',
    eventType: 'VIEW',
    timestamp: 1714060800000,
    context: { page: 'home', itemId: 'item001', category: 'tech', device: 'MOBILE', geo: 'USA' },
  });
  expect(event).toMatchObject({
    kind: 'track',
    name: 'Product Viewed',
    rawName: 'VIEW',
    userId: 'user123',
    timestamp: '2024-04-25T16:00:00.000Z',
    originalTimestamp: '2024-04-25T16:00:00.000Z',
    properties: { product_id: 'item001', category: 'tech' },
    context: { page: { name: 'home' }, device: { type: 'MOBILE' }, location: { country: 'USA' } },
    extras: {},
  });
});

test.each([
  ['000', '/events', { eventType: 'VIEW' }, 'page', ''],
  ['000', '/events', { eventType: 'VIEW', context: { itemId: 'i' } }, 'track', 'Product Viewed'],
  ['000', '/events', { eventType: 'CLICK' }, 'track', 'Product Clicked'],
  ['000', '/events', { eventType: 'ADD_TO_CART' }, 'track', 'Product Added'],
  ['000', '/events', { eventType: 'REMOVE_FROM_CART' }, 'track', 'Product Removed'],
  ['000', '/events', { eventType: 'PURCHASE' }, 'track', 'Order Completed'],
  ['000', '/events', { eventType: 'SEARCH' }, 'track', 'Products Searched'],
  ['001', '/collect', { eventType: 'impression', adId: 'a' }, 'track', 'Ad Viewed'],
  ['001', '/collect', { eventType: 'view' }, 'track', 'Ad Viewed'],
  ['001', '/collect', { type: 'click', campaignId: 'c' }, 'track', 'Ad Clicked'],
  ['001', '/events', { eventType: 'click', adId: 'a' }, 'track', 'Ad Clicked'],
  ['001', '/collect/event', { eventType: 'purchase', amount: 5 }, 'track', 'Order Completed'],
  ['002', '/api/users/activity', { itemId: 'i', action: 'view' }, 'track', 'Product Viewed'],
  ['002', '/api/users/activity', { itemId: 'i', action: 'click' }, 'track', 'Product Clicked'],
  ['002', '/api/users/activity', { itemId: 'i' }, 'track', 'Product Viewed'],
  ['002', '/api/orders/place', { orderId: 'o' }, 'track', 'Order Completed'],
  ['003', '/api/events/product-view', { productId: 'p', name: 'Shoe' }, 'track', 'Product Viewed'],
  ['003', '/api/events/purchase', { orderId: 'o' }, 'track', 'Order Completed'],
  ['003', '/api/events/cart', { productId: 'p', action: 'ADD' }, 'track', 'Product Added'],
  ['003', '/api/events/cart', { productId: 'p', action: 'REMOVE' }, 'track', 'Product Removed'],
  ['003', '/api/events/cart', { cartId: 'c', action: 'UPDATE' }, 'track', 'Cart Updated'],
  ['003', '/api/events/cart', { cartId: 'c', action: 'CLEAR' }, 'track', 'Cart Cleared'],
  ['003', '/api/events/cart', { eventType: 'CART', action: 'remove' }, 'track', 'Product Removed'],
  ['003', '/events', { eventType: 'product-view', productId: 'p' }, 'track', 'Product Viewed'],
  ['003', '/api/events/search', { query: 'q' }, 'track', 'Products Searched'],
  ['004', '/events', { eventType: 'PAGE_VIEW', pageUrl: '/a' }, 'page', ''],
  ['004', '/events', { eventType: 'PRODUCT_VIEW', productId: 'p' }, 'track', 'Product Viewed'],
  ['native', '/v1/events', { kind: 'track', name: 'product viewed' }, 'track', 'Product Viewed'],
  ['native', '/v1/events', { kind: 'page', name: 'Order Completed' }, 'page', ''],
  ['native', '/v1/events', { kind: 'identify', traits: { a: 1 } }, 'identify', ''],
  ['native', '/v1/events', { type: 'screen', name: 'Home' }, 'screen', ''],
  ['native', '/v1/events', { event: 'ADDED_TO-wish list' }, 'track', 'Added To Wish List'],
  ['native', '/v1/events', { event: 'view' }, 'page', ''],
  // A door never overrides what an event says of itself.
  ['native', '/api/events/search', { event: 'Product Viewed' }, 'track', 'Product Viewed'],
  ['native', '/api/orders/place', { kind: 'page', name: 'Home' }, 'page', ''],
])('%s by %s: %j is %s %s', (_, path, sent, kind, name) => {
  expect(accepted({ userId: 'u', ...sent }, path)).toMatchObject({ kind, name });
});

test('a page keeps its name, which is no event name', () => {
  const event = accepted({ userId: 'u', type: 'page', name: 'Home' });
  expect(event).toMatchObject({ rawName: 'Home', properties: { name: 'Home' } });
});

test('004: the page URL is in the context and in the properties', () => {
  const event = accepted({ ...view, eventType: 'PAGE_VIEW', pageUrl: '/home', value: 0 });
  expect(event.context).toEqual({ page: { url: '/home' } });
  expect(event.properties).toEqual({ url: '/home', value: 0 });
});

test('a native URL is the property that it is, not the page', () => {
  expect(accepted({ ...view, properties: { url: '/p/1' } }).context).toEqual({});
});

test('traits of an identify may come in its context', () => {
  const event = accepted({
    kind: 'identify',
    userId: 'u',
    context: { traits: { plan: 'x' }, ip: 1 },
  });
  expect(event).toMatchObject({ traits: { plan: 'x' }, context: { ip: 1 } });
});

const order = (more: JsonObject, name = 'Order Completed') =>
  accepted({ userId: 'u', event: name, properties: more }).commerce;

test.each([
  [{ revenue: 1, total: 2, amount: 3, value: 4 }, 1_000_000],
  [{ total: 2, amount: 3, value: 4 }, 2_000_000],
  [{ amount: '3.10', value: 4 }, 3_100_000],
  [{ value: '0.000001' }, 1],
  [{ revenue: 0.1 + 0.2 }, 300_000],
  [{ revenue: '1e3' }, 1_000_000_000],
  [{ revenue: '0.0000005' }, 1],
  [{ revenue: '-0.0000005' }, -1],
  [{ revenue: '0.00000049' }, 0],
  [{ revenue: 'free', total: 7 }, 7_000_000],
  [{ products: [{ price: '0.10', quantity: 3 }, { price: 0.2 }, { sku: 'x' }] }, 500_000],
  [{ price: '19.99', quantity: 3 }, 59_970_000],
  [{ price: '19.99' }, 19_990_000],
  [{ revenue: '9007199254.740991' }, 9_007_199_254_740_991],
])('%j is worth %d millionths', (properties, revenueMicros) => {
  expect(order(properties as unknown as JsonObject)).toMatchObject({ orders: 1, revenueMicros });
});

test.each([
  ['Order Completed', { revenue: 'free' }],
  ['Order Refunded', {}],
  ['Order Completed', { revenue: 5, currency: 'EUR' }],
  ['Order Completed', { revenue: 9e15 }],
])('%s of %j adds nothing and says so', (name, properties) => {
  const commerce = order(properties, name);
  expect(commerce?.unpriced).toBe(true);
  expect(commerce).not.toHaveProperty('revenueMicros');
});

test('a refund and a cancellation take off, however their amount is signed', () => {
  expect(order({ revenue: 5 }, 'Order Refunded')).toEqual({ orders: 0, revenueMicros: -5_000_000 });
  expect(order({ revenue: -5 }, 'order_cancelled')).toEqual({
    orders: -1,
    revenueMicros: -5_000_000,
  });
});

test('another currency is summed by its rate', () => {
  const { commerce } = accepted(
    { ...view, event: 'Order Completed', properties: { revenue: '10', currency: 'eur' } },
    '/events',
    {
      rates: { EUR: '1.08' },
    },
  );
  expect(commerce).toEqual({ currency: 'EUR', orders: 1, revenueMicros: 10_800_000 });
});

test('only an order has revenue', () => {
  expect(accepted({ ...view, productId: 'p', price: 5 }).commerce).toEqual({
    items: [{ productId: 'p', priceMicros: 5_000_000 }],
  });
});

test.each([
  ['2026-11-24T12:00:00+02:00', '2026-11-24T10:00:00.000Z'],
  ['2026-11-24T10:00:00', '2026-11-24T10:00:00.000Z'],
  [1_795_514_400, '2026-11-24T10:00:00.000Z'],
  [1_795_514_400_000, '2026-11-24T10:00:00.000Z'],
  ['1795514400000', '2026-11-24T10:00:00.000Z'],
  [1_795_514_400_000_000, '2026-11-24T10:00:00.000Z'],
  // Ahead of us by more than five minutes, and not.
  [NOW + 300_000, '2026-11-24T12:05:00.000Z'],
  [NOW + 300_001, '2026-11-24T12:05:00.000Z'],
  [NOW + 299_999, '2026-11-24T12:04:59.999Z'],
  [-1, '2026-11-24T12:00:00.000Z'],
  [0, '1970-01-01T00:00:00.000Z'],
])('the timestamp %s is %s', (timestamp, at) => {
  expect(accepted({ ...view, timestamp }).timestamp).toBe(at);
});

test('the claim is kept where it was not believed', () => {
  expect(accepted({ ...view, timestamp: '1950-01-01' }).originalTimestamp).toBe(
    '1950-01-01T00:00:00.000Z',
  );
  expect(accepted({ ...view, timestamp: '2099-01-01' }).originalTimestamp).toBe(
    '2099-01-01T00:00:00.000Z',
  );
  expect(accepted(view).originalTimestamp).toBeUndefined();
});

test('a correction that leads before 1970 is not believed', () => {
  const sent = { ...view, timestamp: 0 };
  expect(accepted({ ...sent, sentAt: NOW }).timestamp).toBe('1970-01-01T00:00:00.000Z');
  expect(accepted({ ...sent, sentAt: NOW + 1 }).timestamp).toBe('2026-11-24T12:00:00.000Z');
});

test('within a day of skew, event time is what a right clock would have said', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -86_400_000, max: 86_400_000 }),
      fc.integer({ min: 0, max: 86_400_000 }),
      (skew, age) => {
        const event = accepted({ ...view, timestamp: NOW - age + skew, sentAt: NOW + skew });
        expect(Date.parse(event.timestamp)).toBe(NOW - age);
      },
    ),
  );
});

test('sentAt and context may be said once for all events; an event’s own win', () => {
  const request = readRequest({
    events: [view, { ...view, sentAt: NOW, context: { app: 'own' } }],
    sentAt: NOW + 60_000,
    context: { app: 'shared', os: 'x' },
    left: 1,
  });
  const [first, second] = 'refused' in request ? [] : judgeEvents(request, decodeAt('/events'));
  expect(first?.status === 'accepted' && first.draft.event).toMatchObject({
    sentAt: '2026-11-24T12:01:00.000Z',
    context: { app: 'shared', os: 'x' },
    extras: { request: { left: 1 } },
  });
  expect(second?.status === 'accepted' && second.draft.event).toMatchObject({
    sentAt: '2026-11-24T12:00:00.000Z',
    context: { app: 'own', os: 'x' },
    extras: {},
  });
});

test('a member called __proto__ is data, everywhere', () => {
  const sent = JSON.parse(
    '{"userId":"u","event":"x","__proto__":{"a":1},"context":{"page":"home","__proto__":{"b":1}},"properties":{"__proto__":{"c":1}},"productId":"p"}',
  ) as Json;
  const event = accepted(sent);
  for (const bag of [event.extras, event.context, event.properties]) {
    expect(Object.getPrototypeOf(bag)).toBe(Object.prototype);
    expect(Object.hasOwn(bag, '__proto__')).toBe(true);
  }
  expect(JSON.stringify(event)).toContain('"__proto__":{"b":1}');
});

test.each([
  [65, 'too_deep'],
  [64, undefined],
])('an event of %d levels: %s', (levels, reason) => {
  const text = `{"userId":"u","event":"x","p":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
  expect(rejectedAt(JSON.parse(text) as Json)).toBe(reason);
});

test.each([
  [1_000, undefined],
  [1_001, 'too_many_keys'],
])('an event of %d keys, nested ones too: %s', (keys, reason) => {
  const nested = Object.fromEntries(Array.from({ length: keys - 3 }, (_, key) => [`k${key}`, 1]));
  expect(rejectedAt({ userId: 'u', event: 'x', list: [nested] } as Json)).toBe(reason);
});

test.each([
  [32 * 1_024, undefined],
  [32 * 1_024 + 1, 'too_large'],
])('an event of %d bytes: %s', (size, reason) => {
  const empty = JSON.stringify({ ...view, note: 'é' });
  const note = `é${'x'.repeat(size - new TextEncoder().encode(empty).length)}`;
  expect(rejectedAt({ ...view, note })).toBe(reason);
});

test('an event that grows over 64 KiB on its way is refused, not its neighbours', () => {
  const products = Array.from({ length: 480 }, (_, index) => ({
    productId: `p${index}`.padEnd(36, '-'),
    price: 1,
  }));
  const context = { blob: 'x'.repeat(31 * 1_024) };
  const request = {
    events: [{ userId: 'u', event: 'Order Completed', products }, view],
    shared: { context },
    rest: {},
  };
  const judged = judgeEvents(request, decodeAt('/events'));
  expect(judged.map(({ status }) => status)).toEqual(['rejected', 'accepted']);
  expect(judged[0]).toMatchObject({ reject: { reason: 'too_large' } });
});

// —— what holds for any input ——

const names = fc.constantFrom(
  'VIEW',
  'click',
  'Order Completed',
  'x_y',
  'PURCHASE',
  'page',
  'cart',
);
const nasty = fc.constantFrom(
  '__proto__',
  'constructor',
  'toString',
  'userId',
  'properties',
  'extras',
);
const key = fc.oneof(
  { weight: 5, arbitrary: fc.string({ maxLength: 8 }) },
  { weight: 1, arbitrary: nasty },
);
const leaf = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.boolean(),
);
const { tree } = fc.letrec<{ tree: Json }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc
      .array(fc.tuple(key, tie('tree')), { maxLength: 4 })
      .map((pairs) => Object.fromEntries(pairs)),
  ),
}));
const bag = fc
  .array(fc.tuple(key, tree), { maxLength: 4 })
  .map((pairs) => Object.fromEntries(pairs) as JsonObject);
const label = fc.oneof(tree, fc.string());
/** Events that are mostly right, and every member now and then wrong. */
const event = fc
  .record(
    {
      userId: fc.oneof({ weight: 9, arbitrary: fc.string({ minLength: 1 }) }, leaf),
      anonymousId: fc.oneof(fc.string(), fc.nat()),
      eventId: fc.oneof(fc.string(), fc.nat(), fc.constant(null)),
      sessionId: leaf,
      eventType: names,
      event: names,
      name: fc.string(),
      type: fc.oneof(names, fc.constant('track')),
      action: fc.constantFrom('ADD', 'view', 'save'),
      timestamp: fc.oneof(
        fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
        fc.integer({ min: -1e12, max: 2e12 }),
        fc.constantFrom('2026-11-24T12:00:00+02:00', '1795514400', 1_795_514_400.5),
      ),
      sentAt: fc.constantFrom(NOW, '2026-11-24', 'never', null),
      properties: bag,
      traits: bag,
      context: bag.chain((more) =>
        fc
          .record({ page: label, device: label, geo: label, itemId: label, category: label })
          .map((labels): JsonObject => ({ ...more, ...labels })),
      ),
      productId: label,
      itemId: label,
      amount: label,
      items: fc.array(tree, { maxLength: 3 }),
      pageUrl: label,
      category: label,
      extras: tree,
      ingest: tree,
    },
    { requiredKeys: ['userId', 'eventType'] },
  )
  .chain((known) => bag.map((more): JsonObject => ({ ...more, ...known }) as JsonObject));

/** Scalars, counted: each one sent must be found, as often as it was sent. */
const leavesOf = (value: unknown, into = new Map<string, number>()): Map<string, number> => {
  if (typeof value === 'object' && value !== null)
    for (const member of Object.values(value)) leavesOf(member, into);
  else if (value !== null && value !== undefined)
    into.set(String(value), (into.get(String(value)) ?? 0) + 1);
  return into;
};

const isTimeOf = (canonical: JsonObject, text: string): boolean =>
  [canonical.originalTimestamp, canonical.sentAt].some(
    (at) => typeof at === 'string' && String(Date.parse(at)) === text,
  );

const routes = fc.constantFrom(...INGEST_ROUTES.map(({ path }) => path));

test('nothing sent is lost: every scalar is in the canonical event, as often as it was sent', () => {
  let taken = 0;
  fc.assert(
    fc.property(event, routes, (sent, path) => {
      const [judged] = judgeEvents(
        { events: [sent], shared: { context: {} }, rest: {} },
        decodeAt(path),
      );
      if (judged?.status !== 'accepted') return;
      taken += 1;
      const found = leavesOf(JSON.parse(judged.draft.text));
      for (const [text, count] of leavesOf(JSON.parse(JSON.stringify(sent)))) {
        const missing = count - (found.get(text) ?? 0);
        const asTime = isTimeOf(judged.draft.event as unknown as JsonObject, text) ? 2 : 0;
        if (missing > asTime)
          throw new Error(`${missing} × ${JSON.stringify(text)} of ${JSON.stringify(sent)}`);
      }
    }),
    { numRuns: 2_000 },
  );
  expect(taken).toBeGreaterThan(400);
});

test('decoding never throws, refuses with a sentence, and gives what the published schema allows', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(event, tree), { maxLength: 5 }), routes, (events, path) => {
      const judged = judgeEvents({ events, shared: { context: {} }, rest: {} }, decodeAt(path));
      expect(judged).toHaveLength(events.length);
      for (const one of judged)
        if (one.status === 'rejected') expect(one.reject.detail).toMatch(/^.+\.$/s);
      const drafts = judged.flatMap((one) => (one.status === 'accepted' ? [one.draft] : []));
      const envelopes = cutEnvelopes(drafts, {
        origin: { protocol: '000', path, requestId: 'r', keyId: 'k' },
        newBatchId: () => '0123456789abcdef',
      });
      for (const { data } of envelopes)
        for (const line of data.trimEnd().split('\n')) canonicalEvent.parse(JSON.parse(line));
    }),
    { numRuns: 500 },
  );
});
