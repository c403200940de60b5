import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type CountedEvent,
  compileProfile,
  decodeFacets,
  encodeFacets,
  type Facets,
  facetDifferences,
  foldFacets,
  noFacets,
} from '../../../functions/core/profile/facets.ts';
import { over } from '../../../functions/core/tags/definition.ts';
import { readStream, type ServedTag } from '../../../functions/core/tags/read.ts';
import { days, epochMs } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';
import { counted, history, NOW, type Told } from '../../support/counted-events.ts';

const definitions = compileProfile(config);
const fold = (facets: Facets, ...told: readonly Told[]): Facets =>
  foldFacets(facets, told.map(counted), definitions);
const born = noFacets(definitions);
const tagsAt = (facets: Facets, now: number): Readonly<Record<string, ServedTag | undefined>> =>
  Object.fromEntries(readStream(facets.tags, epochMs(now)).map((tag) => [tag.name, tag] as const));

const partBytes = (facets: Facets): Record<string, number> =>
  Object.fromEntries(
    Object.entries(JSON.parse(encodeFacets(facets)) as object).map(([part, value]) => [
      part,
      Buffer.byteLength(JSON.stringify(value)),
    ]),
  );

test('a window forgets what no reader can want, though the event that came is none of its own', () => {
  const tilesOf = (facets: Facets): readonly number[] =>
    facets.tags.states.flatMap(({ held }) => (held.kind === 'window' ? held.value.tiles.size : []));
  const viewed = fold(born, { kind: 'page', at: NOW });
  expect(Math.max(...tilesOf(viewed))).toBe(1);
  const later = fold(viewed, { kind: 'identify', at: NOW + 3 * 86_400_000 });
  expect(tilesOf(later).every((tiles) => tiles === 0)).toBe(true);
  const windowBytes = ({ tags }: Facets): number =>
    tags.states.reduce(
      (sum, { held, text }) => sum + (held.kind === 'window' ? text.length : 0),
      0,
    );
  expect(windowBytes(later)).toBeLessThan(windowBytes(viewed));
});

test('every part stays within its bytes, whatever comes', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.string({ unit: 'binary', maxLength: 90 }),
  );
  const hostile = fc.array(
    fc.record({
      kind: fc.constantFrom('page', 'track', 'screen'),
      name: fc.constantFrom('Product Viewed', 'Order Completed', 'Ad Clicked', 'Product Added'),
      ago: fc.integer({ min: -300_000, max: 35 * 86_400_000 }),
      late: fc.integer({ min: 0, max: 20 * 86_400_000 }),
      categories: fc.array(text, { maxLength: 20 }),
      productId: text,
      sessionId: text,
      page: text,
      revenueMicros: fc.maxSafeInteger(),
    }),
    { minLength: 1, maxLength: 300 },
  );
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 64 }), (all, batch) => {
      const events = all.map(({ ago, late, ...rest }, index) =>
        counted(
          {
            ...(rest as Omit<Told, 'at'>),
            orders: 1,
            at: NOW - ago,
            arrivedAt: Math.min(NOW, NOW - ago + late),
            eventId: `e-${index}`,
          },
          index,
        ),
      );
      let facets = born;
      for (let start = 0; start < events.length; start += batch) {
        facets = foldFacets(facets, events.slice(start, start + batch), definitions);
      }
      const bytes = partBytes(facets);
      expect(bytes.t).toBeLessThanOrEqual(1_536);
      expect(bytes.i).toBeLessThanOrEqual(512);
      expect(bytes.r).toBeLessThanOrEqual(624);
      expect(bytes.h ?? 0).toBeLessThanOrEqual(216);
      expect(bytes.b ?? 0).toBeLessThanOrEqual(184);
      expect(bytes.s).toBeLessThanOrEqual(512);
      expect(bytes.p).toBeLessThanOrEqual(770);
      expect(encodeFacets(decodeFacets(encodeFacets(facets), definitions))).toBe(
        encodeFacets(facets),
      );
    }),
    { numRuns: 60 },
  );
});

test('a user who does everything all the time for 40 days fits, and says what is cut', () => {
  let facets = born;
  for (let hour = 0; hour < 40 * 24; hour += 1) {
    const time = NOW - (40 * 24 - hour) * 3_600_000;
    const events: CountedEvent[] = Array.from({ length: 60 }, (_, index) => ({
      kind: index % 3 === 0 ? ('page' as const) : ('track' as const),
      name:
        ['Product Viewed', 'Ad Clicked', 'Product Added', 'Ad Viewed', 'Order Completed'][
          index % 5
        ] ?? '',
      at: time + index * 60_000,
      arrivedAt: time + index * 60_000 + (index % 4) * 86_400_000 * 2,
      eventId: `${hour}-${index}`,
      orders: 1 as const,
      revenueMicros: 123_456_789,
    })).map((told, index) => counted(told, index));
    facets = foldFacets(facets, events, definitions);
  }
  // So much is there that the bytes were the bound, and they are used.
  expect(partBytes(facets).t).toBeLessThanOrEqual(1_536);
  const tags = tagsAt(facets, NOW);
  expect(tags.orders_total).toMatchObject({ partial: false, value: { amount: 40 * 24 * 12 } });
  expect(tags.orders_30d?.partial).toBe(true);
});

test('tags of 20 busy windows exceed their bytes: the oldest tiles go, and the values say so', () => {
  const many = compileProfile({
    ...config,
    segments: { rules: [], otherwise: 'x' },
    tags: Array.from({ length: 20 }, (_, index) => ({
      name: `pages_${index}`,
      measure: { op: 'count' },
      events: { kinds: ['page'] },
      period: over({ hours: 24 }),
      source: 'stream',
    })),
  });
  const events = Array.from({ length: 49 * 20 }, (_, index) =>
    counted({ kind: 'page', at: NOW - (index % 49) * 1_800_000, arrivedAt: NOW }, index),
  );
  const facets = foldFacets(noFacets(many), events, many);
  expect(partBytes(facets).t).toBeLessThanOrEqual(1_536);
  expect(partBytes(facets).t).toBeGreaterThan(1_400);
  const tags = Object.values(tagsAt(facets, NOW));
  expect(tags.map((tag) => tag?.partial)).toEqual(Array(20).fill(true));
  expect(partBytes(decodeFacets(encodeFacets(facets), many))).toEqual(partBytes(facets));
});

test('events dated 2024, 2030 and now leave the windows right', () => {
  const name = 'Product Viewed';
  const facets = fold(
    born,
    { name, at: Date.UTC(2024, 3, 25), arrivedAt: NOW },
    { name, at: Date.UTC(2030, 0, 1), arrivedAt: NOW },
    { name, at: NOW, arrivedAt: NOW },
  );
  const next = fold(facets, { name, at: NOW + 1_000, arrivedAt: NOW + 1_000 });
  expect(tagsAt(next, NOW + 2_000).views_24h).toMatchObject({
    value: { amount: 3 },
    partial: false,
  });
  expect(tagsAt(next, NOW + 2_000).first_seen?.value).toEqual({
    type: 'instant',
    at: Date.UTC(2024, 3, 25),
  });
});

test('an order that was counted before adds no order and no revenue, but everything else', () => {
  const order = { name: 'Order Completed', orders: 1, revenueMicros: 5_000_000, at: NOW } as const;
  const facets = fold(born, order, {
    ...order,
    at: NOW + 1,
    orderCounts: false,
    categories: ['A'],
  });
  const tags = tagsAt(facets, NOW);
  expect(tags.orders_total?.value).toMatchObject({ amount: 1 });
  expect(tags.ltv_total?.value).toMatchObject({ amount: 5_000_000 });
  expect(tags.last_seen?.value).toMatchObject({ at: NOW + 1 });
  expect(facets.interests.scores.has('a')).toBe(true);
});

const renamed = compileProfile({
  ...config,
  tags: [
    ...config.tags.filter((tag) => tag.name !== 'views_5m'),
    {
      name: 'views_10m',
      measure: { op: 'count' },
      events: { kinds: ['page'] },
      period: over({ minutes: 10 }),
      source: 'stream',
    },
    {
      name: 'pages_total',
      measure: { op: 'count' },
      events: { kinds: ['page'] },
      period: { kind: 'lifetime' },
      source: 'both',
    },
  ],
});

test('a tag that is new to an item is partial until its window has filled', () => {
  const old = fold(born, { kind: 'page', at: NOW - 1_000 });
  const read = decodeFacets(encodeFacets(old), renamed);
  const grown = foldFacets(read, [counted({ kind: 'page', at: NOW })], renamed);
  expect(tagsAt(grown, NOW).views_10m).toMatchObject({ partial: true, value: { amount: 1 } });
  expect(tagsAt(grown, NOW).views_24h).toMatchObject({ partial: false, value: { amount: 2 } });
  expect(tagsAt(grown, NOW + 11 * 60_000).views_10m).toMatchObject({ partial: false });
  expect(tagsAt(grown, NOW + 400 * 86_400_000).pages_total).toMatchObject({ partial: true });
});

test("another bundle's tag is kept for a day, and knows that it missed what this one folded", () => {
  const page = (at: number) => counted({ kind: 'page', at });
  const theirs = foldFacets(noFacets(renamed), [page(NOW)], renamed);
  const ours = decodeFacets(encodeFacets(theirs), definitions);
  const untouched = decodeFacets(encodeFacets(ours), renamed);
  expect(tagsAt(untouched, NOW).views_10m).toMatchObject({ partial: false, value: { amount: 1 } });
  const folded = foldFacets(ours, [page(NOW + 1_000)], definitions);
  const back = decodeFacets(encodeFacets(folded), renamed);
  expect(tagsAt(back, NOW + 1_000).views_10m).toMatchObject({
    partial: true,
    value: { amount: 1 },
  });
  const aDayLater = foldFacets(ours, [page(NOW + days(1) + 1)], definitions);
  expect(aDayLater.tags.unknown.size).toBe(0);
});

test('where an expired item was overwritten, what needs its past is partial', () => {
  const facets = foldFacets(
    noFacets(definitions, NOW),
    [counted({ kind: 'page', at: NOW })],
    definitions,
  );
  const tags = tagsAt(decodeFacets(encodeFacets(facets), definitions), NOW);
  expect(tags.orders_total?.partial).toBe(true);
  expect(tags.first_seen?.partial).toBe(true);
});

test('sums stop at the largest exact integer', () => {
  const order = {
    name: 'Order Completed',
    orders: 1,
    revenueMicros: Number.MAX_SAFE_INTEGER,
  } as const;
  const facets = fold(born, { ...order, at: NOW }, { ...order, at: NOW + 1 });
  expect(tagsAt(facets, NOW).ltv_total?.value).toMatchObject({ amount: Number.MAX_SAFE_INTEGER });
});

test('differences add up to the sessions, however the folds are cut', () => {
  fc.assert(
    fc.property(history(NOW, 25), fc.integer({ min: 1, max: 25 }), (events, batch) => {
      const whole = facetDifferences(born, foldFacets(born, events, definitions));
      let facets = born;
      const total = new Map<number, readonly [number, number, number]>();
      let late = 0;
      for (let start = 0; start < events.length; start += batch) {
        const before = decodeFacets(encodeFacets(facets), definitions);
        facets = foldFacets(before, events.slice(start, start + batch), definitions);
        const { sessions, lateForSessions } = facetDifferences(before, facets);
        late += lateForSessions;
        for (const { day, sessions: count, bounces, durationMs } of sessions) {
          const [a, b, c] = total.get(day) ?? [0, 0, 0];
          total.set(day, [a + count, b + bounces, c + durationMs]);
        }
      }
      const expected = whole.sessions.map(({ day, sessions, bounces, durationMs }) => [
        day,
        [sessions, bounces, durationMs],
      ]);
      const zero = (sums: readonly number[]) => sums.every((each) => each === 0);
      expect([...total].filter(([, sums]) => !zero(sums)).sort(([a], [b]) => a - b)).toEqual(
        expected.filter(([, sums]) => !zero(sums as number[])),
      );
      expect(late).toBe(whole.lateForSessions);
    }),
  );
});

test('what is no facet is a broken promise', () => {
  const good = encodeFacets(fold(born, { kind: 'page', at: NOW }));
  for (const text of [
    '',
    'null',
    '1',
    '{}',
    '[]',
    good.slice(0, -1),
    good.replace('"p":"', '"p":"!'),
  ]) {
    expect(() => decodeFacets(text, definitions), text).toThrow(
      expect.objectContaining({ name: 'InvariantViolation' }),
    );
  }
});
