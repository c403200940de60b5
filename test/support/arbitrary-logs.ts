/**
 * Random logs of one user as the lake and the stream see them: enriched events in order of arrival,
 * late, out of order, dated by skewed clocks, sent twice, with fields that are what they should be
 * or are not.
 */
import fc from 'fast-check';
import type {
  Commerce,
  EnrichedEvent,
  Json,
  JsonObject,
} from '../../functions/core/event/event.ts';
import type { CountedEvent } from '../../functions/core/tags/fold.ts';
import { type EpochMs, epochMs, fromRfc3339, toRfc3339 } from '../../functions/core/time.ts';
import { counted, instantsBefore } from './counted-events.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const LOG_NAMES = [
  'Product Viewed',
  'Product Clicked',
  'Order Completed',
  'Order Cancelled',
  'Order Refunded',
  'Signed Up',
  '',
] as const;
export const LOG_KINDS = ['track', 'track', 'track', 'page', 'identify'] as const;
export const LOG_CATEGORIES = ['TECH', 'BOOKS', 'TOYS'] as const;

/** Read as a number, or not: text and numbers of six decimals are, the rest is `unread`. */
export const LOG_NUMBERS: readonly Json[] = [
  0,
  1,
  -1,
  5,
  19.99,
  '19.99',
  0.1,
  '0.100000',
  -2.5,
  1_000_000,
  '007',
  '999999999.999999',
  '1e3',
  1e21,
  0.1234567,
  '1.2.3',
  '',
  ' 1',
  true,
  null,
  [1],
  { value: 1 },
];
/** Beyond the first plane of Unicode, where orders of text differ; and longer than 64 bytes. */
export const LOG_TEXTS: readonly Json[] = [
  'gold',
  'silver',
  'Gold',
  '',
  '5',
  5,
  false,
  '\u{1f600}',
  '\uff5e',
  'naïve',
  "o'hara",
  '"quoted"',
  `${'x'.repeat(63)}é`,
  null,
  ['gold', 'blue', 'gold', 7],
  {},
];

const properties: fc.Arbitrary<JsonObject> = fc.record(
  {
    price: fc.constantFrom(...LOG_NUMBERS),
    plan: fc.constantFrom(...LOG_TEXTS),
    labels: fc.oneof(
      fc.array(fc.constantFrom('red', 'blue', 'gold', 'green'), { maxLength: 4 }),
      fc.constantFrom<Json>('red', null, {}),
    ),
    deep: fc.record({ flag: fc.constantFrom<Json>(true, false, 'true', 1) }),
  },
  { requiredKeys: [] },
);

const ORDERS = { 'Order Completed': 1, 'Order Cancelled': -1, 'Order Refunded': 0 } as const;

const commerceOf = (
  name: string,
  order: number,
  revenueMicros: number,
  isNumbered: boolean,
): Commerce | undefined => {
  const orders = Object.entries(ORDERS).find(([each]) => each === name)?.[1];
  if (orders === undefined) return undefined;
  return {
    orders,
    revenueMicros: orders === 1 ? revenueMicros : 0 - revenueMicros,
    ...(isNumbered && { orderId: `order-${order}` }),
    currency: 'USD',
  };
};

/** Of which some are copies of an earlier one, that arrive later and elsewhere. */
export const arbitraryLog = (
  now: EpochMs,
  {
    eventsMax = 12,
    user = 'user123',
  }: { readonly eventsMax?: number; readonly user?: string } = {},
): fc.Arbitrary<readonly EnrichedEvent[]> =>
  fc
    .array(
      fc.record({
        kind: fc.constantFrom(...LOG_KINDS),
        name: fc.constantFrom(...LOG_NAMES),
        at: fc.oneof(
          { weight: 9, arbitrary: instantsBefore(now) },
          fc.constant(Date.UTC(2024, 3, 25)),
        ),
        late: fc.constantFrom(0, 0, 1_000, HOUR, DAY, 2 * DAY, 9 * DAY),
        copied: fc.constantFrom(undefined, undefined, undefined, 0, 5_000, HOUR, 2 * DAY),
        properties,
        order: fc.integer({ min: 1, max: 3 }),
        isNumbered: fc.boolean(),
        revenueMicros: fc.constantFrom(0, 1, 30_250_000, 99_999_999),
        categories: fc.uniqueArray(fc.constantFrom(...LOG_CATEGORIES), { maxLength: 2 }),
        device: fc.constantFrom('MOBILE' as const, 'DESKTOP' as const),
      }),
      { maxLength: eventsMax, size: 'max' },
    )
    .map((all) =>
      all
        .flatMap((told, index) => {
          const arrivedAt = Math.min(now, Math.max(told.at - 5 * 60_000, told.at + told.late));
          const commerce = commerceOf(told.name, told.order, told.revenueMicros, told.isNumbered);
          const { event } = counted({ ...told, eventId: `e-${index}`, arrivedAt }, index);
          const whole: EnrichedEvent = {
            ...event,
            userId: user,
            properties: told.properties,
            context: { device: { type: told.device.toLowerCase() } },
            enrichment: { ...event.enrichment, deviceType: told.device },
            ...(commerce && { commerce }),
          };
          const copies = told.copied === undefined ? [] : [Math.min(now, arrivedAt + told.copied)];
          return [arrivedAt, ...copies].map((arrival, copy) => ({
            ...whole,
            arrivedAt: toRfc3339(epochMs(arrival)),
            at: { ...whole.at, sequence: String(copy + 1), index },
          }));
        })
        .sort((a, b) => (a.arrivedAt < b.arrivedAt ? -1 : a.arrivedAt > b.arrivedAt ? 1 : 0)),
    );

const instantOf = (text: string): EpochMs => {
  const at = fromRfc3339(text);
  if (at === undefined) throw new Error(`${text} is no instant`);
  return at;
};

/** As the aggregator hands them to the fold: each event once, and which orders count. */
export const countedOf = (log: readonly EnrichedEvent[]): readonly CountedEvent[] => {
  const [ids, orders] = [new Set<string>(), new Set<string>()];
  return log.flatMap((event) => {
    if (ids.has(event.eventId)) return [];
    ids.add(event.eventId);
    const { orderId, orders: sign = 0 } = event.commerce ?? {};
    const order = orderId === undefined || sign === 0 ? undefined : `${event.name}\n${orderId}`;
    const orderCounts = order === undefined || !orders.has(order);
    if (order !== undefined) orders.add(order);
    const [timestamp, arrivedAt] = [instantOf(event.timestamp), instantOf(event.arrivedAt)];
    return [{ event, timestamp, arrivedAt, orderCounts }];
  });
};
