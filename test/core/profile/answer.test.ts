import { expect, test } from 'vitest';
import {
  answerFlatProfile,
  answerPageViews,
  answerProfile,
  etagOf,
} from '../../../functions/core/profile/answer.ts';
import { profileAnswer } from '../../../functions/core/profile/answer-schemas.ts';
import {
  compileProfile,
  type Facets,
  foldFacets,
  noFacets,
} from '../../../functions/core/profile/facets.ts';
import { epochMs } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';
import { at, counted, NOW, type Told, USER } from '../../support/counted-events.ts';

const definitions = compileProfile(config);
const after = (...told: readonly Told[]): Facets =>
  foldFacets(noFacets(definitions), told.map(counted), definitions);
const profileOf = (facets: Facets) => ({
  version: 7,
  facets,
  traits: { plan: 'pro' },
  newestArrivedAt: facets.newestArrivedAt ?? NOW,
});
const native = (facets: Facets, now: number = NOW) =>
  answerProfile(USER, profileOf(facets), definitions, epochMs(now));
const flat = (facets: Facets, now: number = NOW) =>
  answerFlatProfile(profileOf(facets), definitions, epochMs(now));

const VIEW = { name: 'Product Viewed', productId: 'item001', categories: ['TECH'] };

test("after 000's curl the profile says what the design says", () => {
  const facets = after({ ...VIEW, at: 1_714_060_800_000, arrivedAt: NOW });
  const answer = native(facets);
  expect(profileAnswer.strict().parse(answer)).toEqual(answer);
  expect(answer.interests).toEqual([{ category: 'tech', score: 1, error: 0 }]);
  expect(answer.recentItems).toEqual(['item001']);
  expect(answer.tags.orders_total).toEqual({
    value: 0,
    type: 'sum',
    source: 'both',
    version: 'a4f32cd8',
    asOf: '2026-11-21T09:40:07.000Z',
    partial: false,
  });
  expect(answer.tags.first_seen?.value).toBe('2024-04-25T16:00:00.000Z');
  expect(answer.tags.last_seen?.value).toBe('2024-04-25T16:00:00.000Z');
  expect(answer.tags.last_seen?.type).toBe('instant');
  expect(answer.tags.views_24h?.value).toBe(0);
  expect(answer.tags.days_since_order).toBeUndefined();
  expect(answer.tags.favourite_category).toBeUndefined();
  expect(answer.activityScore).toBe(0);
  expect(answer.segment).toEqual({ value: 'regular_user', partial: false });
  expect(answer.traits).toEqual({ plan: 'pro' });
  expect(answer.sessions).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      start: '2024-04-25T16:00:00.000Z',
      end: '2024-04-25T16:00:00.000Z',
      events: 1,
    },
  ]);
});

test('three fresh views give 3.0 and 0.3', () => {
  const answer = native(after({ ...VIEW, at: NOW }, { ...VIEW, at: NOW }, { ...VIEW, at: NOW }));
  expect(answer.interests).toEqual([{ category: 'tech', score: 3, error: 0 }]);
  expect(answer.activityScore).toBe(0.3);
});

test('a view now is "1" in views_5m, and "0" five minutes and one hop later with no new event', () => {
  const facets = after({ ...VIEW, at: NOW });
  expect(flat(facets).views_5m).toBe('1');
  expect(flat(facets, NOW + 310_000).views_5m).toBe('0');
});

test("001's map is all strings: money exact, instants in RFC 3339, what is unknown left out", () => {
  const order = { name: 'Order Completed', orders: 1 } as const;
  const facets = after(
    { ...order, revenueMicros: 400_500_000, at: NOW },
    { ...order, revenueMicros: 70_000_001, at: NOW },
  );
  expect(flat(facets, NOW + 3 * 86_400_000 - 1)).toEqual({
    views_5m: '0',
    views_24h: '0',
    clicks_5m: '0',
    clicks_24h: '0',
    impressions_24h: '0',
    adds_24h: '0',
    orders_30d: '2',
    revenue_30d: '470.500001',
    orders_total: '2',
    ltv_total: '470.500001',
    first_seen: '2026-11-21T09:40:07.000Z',
    last_seen: '2026-11-21T09:40:07.000Z',
    days_since_order: '2',
    segment_id: 'high_value_user',
  });
});

test('segments are read at the instant of the answer, in order', () => {
  const seen = after({ ...VIEW, at: NOW });
  const day = 86_400_000;
  const table = [
    [0, 'active_user'],
    [7 * day, 'active_user'],
    [7 * day + 1, 'regular_user'],
    [30 * day, 'at_risk_user'],
    [90 * day, 'at_risk_user'],
    [90 * day + 1, 'regular_user'],
  ] as const;
  for (const [later, segment] of table) expect(flat(seen, NOW + later).segment_id).toBe(segment);
  const order = { name: 'Order Completed', orders: 1, revenueMicros: 1 } as const;
  const loyal = after(...[1, 2, 3].map((index) => ({ ...order, at: NOW, eventId: `o-${index}` })));
  expect(flat(loyal).segment_id).toBe('loyal_user');
});

test('a segment over a partial tag is partial', () => {
  const lost = foldFacets(noFacets(definitions, NOW), [counted({ ...VIEW, at: NOW })], definitions);
  expect(native(lost).segment).toEqual({ value: 'active_user', partial: true });
});

test('the ETag changes with what is served and not with the instant of serving', () => {
  const facets = after({ ...VIEW, at: NOW });
  const etag = etagOf(native(facets, NOW));
  expect(etagOf(native(facets, NOW + 1))).toBe(etag);
  expect(etagOf(native(facets, NOW + 310_000))).not.toBe(etag);
  const renamed = { ...native(facets), traits: { servedAt: 'x' } };
  expect(etagOf(renamed)).not.toBe(etagOf({ ...renamed, traits: { servedAt: 'y' } }));
  const many = { profiles: [native(facets)], unknown: [] };
  expect(etagOf({ profiles: [native(facets, NOW + 1)], unknown: [] })).toBe(etagOf(many));
});

test("004's rows are one-minute windows every 30 seconds, newest first", () => {
  const page = (time: string): Told => ({ kind: 'page', at: at(time) });
  const facets = after(
    page('2026-11-21T09:00:10.000Z'),
    page('2026-11-21T09:00:29.999Z'),
    page('2026-11-21T09:00:30.000Z'),
  );
  const all = { from: epochMs(NOW - 86_400_000), to: NOW };
  const { rows, partial } = answerPageViews(USER, profileOf(facets), all, NOW);
  expect(partial).toBe(false);
  expect(rows.map((row) => [row.window_start, row.window_end, row.page_view_count])).toEqual([
    ['2026-11-21T09:00:30.000Z', '2026-11-21T09:01:30.000Z', 1],
    ['2026-11-21T09:00:00.000Z', '2026-11-21T09:01:00.000Z', 3],
    ['2026-11-21T08:59:30.000Z', '2026-11-21T09:00:30.000Z', 2],
  ]);
  const some = { from: at('2026-11-21T09:00:00.000Z'), to: at('2026-11-21T09:00:30.000Z') };
  expect(answerPageViews(USER, profileOf(facets), some, NOW).rows).toHaveLength(1);
  const older = { ...all, from: epochMs(all.from - 1) };
  expect(answerPageViews(USER, profileOf(facets), older, NOW).partial).toBe(true);
});
