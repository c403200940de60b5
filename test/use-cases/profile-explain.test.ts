/** Why a tag says what it says: the tiles of the very value that is served, and the events in them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EnrichedEvent, JsonObject } from '../../functions/core/event/event.ts';
import type { ExplainAnswer } from '../../functions/core/profile/explain-answer.ts';
import { EXPLAINED_EVENTS_MAX } from '../../functions/core/profile/explain-answer.ts';
import { type OracleFact, oracleProfile } from '../../functions/core/profile/oracle.ts';
import { epochMs, fromRfc3339, toRfc3339 } from '../../functions/core/time.ts';
import type { TimelineStore } from '../../functions/ports/timeline.ts';
import { config } from '../../tributary.config.ts';
import { factOf, instantsBefore } from '../support/counted-events.ts';
import { enriched, NOW, positionOf, requestOf, sentEvent } from '../support/enriched-lines.ts';
import { timelinePlatform } from '../support/timeline-platform.ts';

const USER = 'user123';
const path = (tag: string) => `/v1/profiles/${USER}/explain/${tag}`;
const viewed = (id: string, timestamp: string, more: JsonObject = {}) =>
  sentEvent(id, { userId: USER, timestamp, ...more });
const order = (id: string, orderId: string, revenue: string, more: JsonObject = {}) =>
  sentEvent(id, {
    userId: USER,
    event: 'Order Completed',
    timestamp: '2026-11-24T11:30:00Z',
    properties: { order_id: orderId, revenue },
    ...more,
  });

test('a count: its window, the tiles in it, and each event with what the fold moved', async () => {
  const platform = timelinePlatform();
  await platform.send([
    viewed('a', '2026-11-24T11:58:03Z'),
    viewed('b', '2026-11-24T11:58:07Z'),
    viewed('old', '2026-11-24T11:54:49.999Z'),
  ]);
  await platform.send([viewed('c', '2026-11-24T11:59:59Z')]);
  const { status, json } = await platform.get(path('views_5m'));
  expect(status).toBe(200);
  const version = platform.itemOf(USER).version;
  expect(json).toMatchObject({
    userId: USER,
    version,
    servedAt: '2026-11-24T12:00:00.000Z',
    name: 'views_5m',
    tag: { value: 3, type: 'count', source: 'stream', partial: false },
    window: { kind: 'sliding', lengthMs: 300_000, hopMs: 10_000, from: '2026-11-24T11:55:00.000Z' },
    unit: 1,
    total: 3,
    tiles: [
      { start: '2026-11-24T11:58:00.000Z', amount: 2 },
      { start: '2026-11-24T11:59:50.000Z', amount: 1 },
    ],
    cut: false,
    timeline: 'kept',
  });
  expect(
    json.events.map(({ eventId, amount, moved, version: of }: ExplainAnswer['events'][number]) => [
      eventId,
      amount,
      moved,
      of,
    ]),
  ).toEqual([
    ['c', 1, { before: 2, after: 3 }, version],
    ['b', 1, { before: 0, after: 2 }, version - 1],
    ['a', 1, { before: 0, after: 2 }, version - 1],
  ]);
});

test('money: whole micros that add up to the value, an order once, a cancellation against it', async () => {
  const platform = timelinePlatform();
  await platform.send([order('a', 'o-1', '0.1'), order('b', 'o-2', '0.2')]);
  await platform.send([order('a2', 'o-1', '0.1')]);
  await platform.send([order('c', 'o-2', '0.2', { event: 'Order Cancelled' })]);
  const { json } = await platform.get(path('revenue_30d'));
  expect(json).toMatchObject({ unit: 1_000_000, total: 100_000, tag: { value: 0.1 }, cut: false });
  expect(json.tiles).toEqual([
    { start: '2026-11-24T00:00:00.000Z', arrivalDay: '2026-11-24', amount: 100_000 },
  ]);
  const amounts = json.events.map(({ eventId, amount }: ExplainAnswer['events'][number]) => [
    eventId,
    amount,
  ]);
  expect(Object.fromEntries(amounts)).toEqual({ a: 100_000, b: 200_000, c: -200_000 });
  const lifetime = (await platform.get(path('ltv_total'))).json;
  expect(lifetime.window).toEqual({ kind: 'lifetime' });
  expect(lifetime.tiles).toEqual([{ arrivalDay: '2026-11-24', amount: 100_000 }]);
});

test('an instant is the event of that instant, a number of days the newest order', async () => {
  const platform = timelinePlatform();
  await platform.send([
    viewed('first', '2026-11-20T10:00:00Z'),
    viewed('last', '2026-11-24T11:00:00Z'),
  ]);
  await platform.send([order('o', 'o-1', '5', { timestamp: '2026-11-22T11:00:00Z' })]);
  const named = async (tag: string) => {
    const { json } = await platform.get(path(tag));
    expect([json.window.kind, json.tiles, json.cut]).toEqual(['instant', [], false]);
    return [json.tag.value, json.events.map(({ eventId }: { eventId: string }) => eventId)];
  };
  expect(await named('first_seen')).toEqual(['2026-11-20T10:00:00.000Z', ['first']]);
  expect(await named('last_seen')).toEqual(['2026-11-24T11:00:00.000Z', ['last']]);
  expect(await named('days_since_order')).toEqual([2, ['o']]);
});

test('an event whose row is away, or past its time, makes the answer say that it is cut', async () => {
  const platform = timelinePlatform();
  await platform.send([order('a', 'o-1', '5')]);
  platform.timeline.users.clear();
  await platform.send([order('b', 'o-2', '7')]);
  const { json } = await platform.get(path('ltv_total'));
  expect(json).toMatchObject({ total: 12_000_000, cut: true, events: [{ eventId: 'b' }] });
  platform.clock.ms = NOW + 40 * 86_400_000;
  expect((await platform.get(path('ltv_total'))).json).toMatchObject({ cut: true, events: [] });
});

test('the newest hundred events are named, and what is more is said', async () => {
  const platform = timelinePlatform();
  const many = Array.from({ length: EXPLAINED_EVENTS_MAX + 1 }, (_, n) =>
    viewed(`e-${n}`, toRfc3339(epochMs(NOW - n * 1_000))),
  );
  await platform.send(many.slice(1));
  expect((await platform.get(path('views_24h'))).json).toMatchObject({ total: 100, cut: false });
  await platform.send(many.slice(0, 1));
  const { json } = await platform.get(path('views_24h'));
  expect(json).toMatchObject({ total: 101, cut: true });
  expect(json.events).toHaveLength(EXPLAINED_EVENTS_MAX);
  expect(json.events[0].eventId).toBe('e-0');
});

test('a row that tells of a later version than the profile that was read is not counted in', async () => {
  const platform = timelinePlatform();
  await platform.send([viewed('a', '2026-11-24T11:58:00Z')]);
  const stale = platform.itemOf(USER);
  await platform.send([viewed('b', '2026-11-24T11:59:00Z')]);
  platform.memory.profiles.set(`main#${USER}`, stale);
  const { json } = await platform.get(path('views_24h'));
  expect(json).toMatchObject({ version: stale.version, total: 1, cut: false });
  expect(json.events.map(({ eventId }: { eventId: string }) => eventId)).toEqual(['a']);
});

test('rows of 30 days are searched however wrong the clock of the client was', async () => {
  const platform = timelinePlatform();
  await platform.send([
    viewed('wrong', '2031-01-01T00:00:00Z'),
    viewed('b', '2026-11-24T11:59:00Z'),
  ]);
  for (let n = 0; n < 60; n += 1) {
    await platform.send([
      viewed(`id-${n}`, '2030-01-01T00:00:00Z', { event: null, type: 'identify' }),
    ]);
  }
  await platform.send([viewed('c', '2001-01-01T00:00:00Z'), viewed('d', '2026-11-24T11:59:30Z')]);
  const { json } = await platform.get(path('views_5m'));
  expect(json).toMatchObject({ total: 3, cut: false });
  expect(json.events.map(({ eventId }: { eventId: string }) => eventId)).toEqual([
    'wrong',
    'd',
    'b',
  ]);
});

test('who is unknown, what is unknown and what has no value are told apart', async () => {
  const platform = timelinePlatform();
  await platform.send([viewed('a', '2026-11-24T11:58:00Z')]);
  const code = async (asked: string) => {
    const { status, json } = await platform.get(asked);
    expect(status).toBe(404);
    return json;
  };
  expect((await code('/v1/profiles/nobody/explain/views_5m')).code).toBe('unknown_user');
  const unknown = await code(path('nothing'));
  expect(unknown.code).toBe('unknown_tag');
  expect(unknown.names).toContain('views_5m');
  expect(unknown.names).toContain('favourite_category');
  expect(unknown.detail).toContain('views_5m, ');
  expect((await code(path('days_since_order'))).code).toBe('no_value');
  expect((await code(path('__proto__'))).code).toBe('unknown_tag');
});

test('without a timeline the tiles are explained and no events', async () => {
  const platform = timelinePlatform({ isOff: true });
  await platform.send([viewed('a', '2026-11-24T11:58:00Z')]);
  const { json } = await platform.get(path('views_24h'));
  expect(json).toMatchObject({ total: 1, events: [], cut: true, timeline: 'off' });
  expect((await platform.get(path('clicks_24h'))).json).toMatchObject({ total: 0, cut: false });
});

const shapes: readonly JsonObject[] = [
  { event: 'Product Viewed', properties: { product_id: 'i', category: 'tech' } },
  { event: 'Product Clicked', properties: { product_id: 'i', category: 'toys' } },
  { event: 'Ad Viewed', properties: {} },
  { event: 'Product Added', properties: { product_id: 'j' } },
  { event: null, type: 'page', name: 'home' },
  { event: null, type: 'identify', traits: { plan: 'gold' } },
  { event: 'Order Completed', properties: { revenue: '2.5' } },
  { event: 'Order Refunded', properties: { revenue: '0.3' } },
];
/** A pool of events; requests take slices of it, so that copies and re-cuts come by themselves. */
const logs = fc.record({
  pool: fc.array(fc.tuple(fc.constantFrom(...shapes), instantsBefore(epochMs(NOW))), {
    minLength: 1,
    maxLength: 16,
  }),
  requests: fc.array(fc.tuple(fc.nat(15), fc.integer({ min: 1, max: 8 })), {
    minLength: 1,
    maxLength: 8,
  }),
  fates: fc.infiniteStream(fc.constantFrom('well', 'well', 'fails', 'happens and fails')),
});

const factsOf = (events: readonly JsonObject[]): readonly OracleFact[] =>
  events
    .flatMap((event) => requestOf([event]))
    .flatMap((cut, place) => enriched(cut, positionOf(place)).lines)
    .map((line) => {
      const event = JSON.parse(line) as EnrichedEvent;
      const timestamp = fromRfc3339(event.timestamp) ?? epochMs(0);
      return factOf({ event, timestamp, arrivedAt: epochMs(NOW), orderCounts: true });
    });

/** An event was in a value if the value without it is another. */
const namedByOracle = (facts: readonly OracleFact[], tag: string): Set<string> => {
  const valueIn = (all: readonly OracleFact[]) =>
    oracleProfile(all, epochMs(NOW), config).tags[tag] ?? 0;
  const whole = valueIn(facts);
  return new Set(
    facts
      .filter((fact) => valueIn(facts.filter((other) => other !== fact)) !== whole)
      .map(({ eventId }) => eventId),
  );
};

test('whatever was resent, cut anew or killed: tiles add up, and the events are the oracle’s', async () => {
  let unknown = 0;
  await fc.assert(
    fc.asyncProperty(logs, async ({ pool, requests, fates }) => {
      const events = pool.map(([shape, time], n) => {
        const { properties } = shape;
        const orderId = properties === undefined ? {} : { order_id: `o-${n}` };
        return viewed(`e-${n}`, toRfc3339(epochMs(time)), {
          ...shape,
          properties: { ...Object(properties), ...orderId },
        });
      });
      let faults = 20;
      const timeline = (memory: TimelineStore): TimelineStore => ({
        putIfAbsent: async (origin, row) => {
          faults -= 1;
          const fate = faults < 0 ? 'well' : fates.next().value;
          if (fate === 'fails') throw new Error('before its effect');
          const put = await memory.putIfAbsent(origin, row);
          if (fate === 'happens and fails') throw new Error('after its effect');
          return put;
        },
      });
      const platform = timelinePlatform({ timeline });
      const sent = new Set<JsonObject>();
      for (const [from, count] of requests) {
        const request = events.slice(from % events.length).slice(0, count);
        for (const event of request) sent.add(event);
        await platform.send(request);
      }
      const facts = factsOf([...sent]);
      const served = (await platform.get(`/v1/profiles/${USER}`)).json;
      for (const [tag, value] of Object.entries(served.tags)) {
        const { json } = await platform.get(path(tag));
        expect(json.tag, tag).toEqual(value);
        expect(json.cut, tag).toBe(false);
        const all: ExplainAnswer = json;
        unknown += all.events.filter(({ version }) => version === 'unknown').length;
        if (all.window.kind === 'instant') continue;
        const sum = (parts: readonly { amount: number }[]) =>
          parts.reduce((total, { amount }) => total + amount, 0);
        expect(sum(all.tiles) / all.unit, tag).toBe(all.tag.value);
        expect(sum(all.events), tag).toBe(all.total);
        const named = new Set(all.events.map(({ eventId }) => eventId));
        expect(named.size, tag).toBe(all.events.length);
        expect(named, tag).toEqual(namedByOracle(facts, tag));
      }
    }),
    { numRuns: 60 },
  );
  expect(unknown).toBeGreaterThan(0);
});
