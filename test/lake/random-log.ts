/**
 * What a few users sent over twelve days, as lines of the enriched stream: late, twice, out of
 * order, by skewed clocks, parked, enriched again; and what of it had landed when each night began.
 */
import type { EnrichedEvent, Json } from '../../functions/core/event/event.ts';
import {
  epochMs,
  startOfUtcDay,
  toRfc3339,
  toUtcDate,
  utcDayOf,
} from '../../functions/core/time.ts';
import { below, pick, type Random } from '../simulation/random.ts';

export const FIRST_DAY = 20_748;
const DAYS = 12;
const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export const NIGHTS = [FIRST_DAY + 6, FIRST_DAY + 10] as const;
export const NOW = epochMs(startOfUtcDay(FIRST_DAY + DAYS - 1) + 13 * HOUR_MS + 1_234);
/** A night begins at three. */
export const beginOf = (night: number): number => startOfUtcDay(night) + 3 * HOUR_MS;

export const NAMES = [
  ...['Product Viewed', 'Order Completed', 'Order Cancelled', 'Order Refunded'],
  ...["It's odd", ''],
] as const;
export const WORDS = [
  ...['gold', 'GOLD', '5', '12.5', 'true', 'é', '\u{1d4b3}', "o'clock", 'a\nb', '\uffee'],
  ...['a "quoted" one', `${'x'.repeat(63)}é`, '\u{1d4b3}'.repeat(40)],
] as const;

const PLANS: readonly Json[] = [
  ...WORDS,
  // No number with an exponent: DuckDB writes it in another way than the line does.
  ...[5, 12.5, 1, 0, -3, 0.1, 0.000001, 12_345_678.25, 'NaN', '1e3', ' 5', '5\n'],
  ...[true, false, null, [], ['gold', 'gold', 5, true, 'é', null, ['x']], { gold: 1 }, ''],
];
const AMOUNTS: readonly Json[] = [
  ...[12.5, '12.50', 470.5, '0.000001', -3, '-0.5', '-0', 1e6, 99.99, '123456.654321', 0],
  ...['1.1234567', '.5', '5.', '+5', '1e3', '5\n', '\u0665', 1e21, 1e-7, true, null, {}, [5], 'x'],
];

export interface LandedLine {
  readonly text: string;
  readonly dt: string;
  /** The night that sees it first; undefined: none of them. */
  readonly night: 0 | 1 | undefined;
}

export interface LogLine {
  /** The line's key, in the order of keys. */
  readonly key: string;
  readonly arrivedAt: number;
  readonly event: EnrichedEvent | undefined;
  readonly landed: readonly LandedLine[];
}

export interface Log {
  readonly tenant: string;
  readonly user: string;
  readonly lines: readonly LogLine[];
}

/** A user may have gone before a night, or before both. */
const lastArrivalOf = (random: Random): number =>
  random() < 0.3 ? startOfUtcDay(FIRST_DAY + 2 + below(random, DAYS - 3)) : NOW;

const arrivalOf = (random: Random, last: number): number =>
  startOfUtcDay(FIRST_DAY) + Math.floor(random() * (last - startOfUtcDay(FIRST_DAY)));

/** Mostly just before it arrived; some a while ago, some long ago, some of a fast clock. */
const claimedAt = (random: Random, arrivedAt: number): number => {
  const kind = random();
  if (kind < 0.6) return arrivedAt - below(random, 2 * MINUTE_MS);
  if (kind < 0.7) return arrivedAt + below(random, 5 * MINUTE_MS);
  if (kind < 0.9) return arrivedAt - below(random, 9 * DAY_MS);
  return arrivedAt - below(random, 400 * DAY_MS);
};

const commerceOf = (random: Random, name: string): Pick<EnrichedEvent, 'commerce'> => {
  if (!name.startsWith('Order')) return {};
  const orders = name === 'Order Completed' ? 1 : name === 'Order Cancelled' ? -1 : 0;
  const micros = below(random, 100_000_000) * (name === 'Order Completed' ? 1 : -1);
  const orderId = random() < 0.9 && { orderId: `order-${below(random, 6)}` };
  return { commerce: { ...orderId, orders, ...(random() < 0.9 && { revenueMicros: micros }) } };
};

const listOf = (random: Random): readonly string[] =>
  Array.from({ length: below(random, 4) }, () => pick(random, ['TECH', 'HOME', 'FASHION', 'É']));

const bag = (random: Random, fields: Readonly<Record<string, () => Json>>) =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (random() < 0.75 ? [[name, value()]] : [])),
  );

type Origin = Pick<EnrichedEvent, 'tenant' | 'userId' | 'anonymousId'>;

const contentOf = (random: Random, origin: Origin) => {
  const name = pick(random, NAMES);
  const kind =
    name === '' ? pick(random, ['page', 'screen', 'identify'] as const) : ('track' as const);
  const plan = (): Json => pick(random, PLANS);
  return {
    schemaVersion: '1' as const,
    ...origin,
    kind,
    name,
    rawName: null,
    properties: bag(random, {
      plan,
      amount: () => pick(random, AMOUNTS),
      nested: () => (random() < 0.7 ? bag(random, { size: plan }) : plan()),
      words: () => (random() < 0.6 ? listOf(random) : plan()),
      constructor: plan,
    }),
    traits: bag(random, { tier: plan, age: () => pick(random, AMOUNTS) }),
    context: bag(random, { device: () => bag(random, { type: plan }) }),
    ...commerceOf(random, name),
    extras: {},
    enrichment: {
      categoryVector: listOf(random),
      deviceType: 'UNKNOWN' as const,
      geoRegion: pick(random, ['AMER', 'EMEA'] as const),
    },
  };
};

interface Place {
  readonly shard: number;
  readonly sequence: number;
  readonly index: number;
}

const keyOf = ({ shard, sequence, index }: Place): string =>
  `${shard}/${String(sequence).padStart(12, '0')}/${String(index).padStart(5, '0')}`;

const atOf = ({ shard, sequence, index }: Place): EnrichedEvent['at'] => ({
  stream: '0a1b2c3d',
  shard: `shardId-${String(shard).padStart(12, '0')}`,
  // Of different lengths, so that comparing them as text would fail.
  sequence: String(sequence),
  index,
});

/** Night 0 sees what landed before it; some of its last days lands after it, for night 1. */
const nightOf = (random: Random, arrivedAt: number, cuts: readonly number[]) => {
  const [first = 0, second = 0] = cuts;
  const day = utcDayOf(epochMs(arrivedAt));
  if (arrivedAt >= beginOf(NIGHTS[1])) return undefined;
  if (arrivedAt < beginOf(NIGHTS[0])) {
    const mayBeLate = day >= first - 2;
    if (!mayBeLate || random() < 0.8) return 0;
    return day < second || random() < 0.8 ? 1 : undefined;
  }
  return day < second || random() < 0.7 ? 1 : undefined;
};

const landedOf = (random: Random, text: string, arrivedAt: number, night: 0 | 1 | undefined) => {
  const day = utcDayOf(epochMs(arrivedAt));
  const latest = night === undefined ? day : NIGHTS[night];
  const later = Math.min(latest, day + below(random, 5));
  const dt = toUtcDate(random() < 0.1 ? day - 1 : random() < 0.8 ? day : Math.max(day, later));
  return { text, dt, night };
};

interface Sending {
  readonly random: Random;
  readonly origin: Origin;
  readonly cuts: readonly number[];
}

const lineOf = (
  { random, origin, cuts }: Sending,
  place: Place,
  { arrivedAt, event }: { readonly arrivedAt: number; readonly event: EnrichedEvent | undefined },
): LogLine => {
  const night = nightOf(random, arrivedAt, cuts);
  const stub = {
    stub: 1,
    partitionKey: `${origin.tenant}#${origin.userId ?? origin.anonymousId}`,
    at: atOf(place),
    arrivedAt: toRfc3339(epochMs(arrivedAt)),
    reason: 'not_canonical',
  };
  const landed: LandedLine[] = [];
  const land = (line: object): void => {
    landed.push(landedOf(random, JSON.stringify(line), arrivedAt, night));
  };
  if (event === undefined || random() < 0.05) land(stub);
  if (event !== undefined) {
    land(event);
    // Delivered twice; enriched again, by newer tables.
    if (random() < 0.1) land(event);
    if (random() < 0.05)
      land({ ...event, lookups: 2, enrichment: { ...event.enrichment, categoryVector: ['NEW'] } });
  }
  return { key: keyOf(place), arrivedAt, event, landed };
};

const eventOf = (
  random: Random,
  content: ReturnType<typeof contentOf>,
  { place, eventId, arrivedAt }: { place: Place; eventId: string; arrivedAt: number },
): EnrichedEvent => {
  const received = toRfc3339(epochMs(arrivedAt));
  const requestId = `r-${place.sequence}`;
  return {
    ...content,
    eventId,
    timestamp: toRfc3339(epochMs(Math.max(0, claimedAt(random, arrivedAt)))),
    receivedAt: received,
    ingest: {
      ...{ protocol: 'native', path: '/v1/events', requestId, batchId: '0'.repeat(16) },
      ...{ part: 0, parts: 1, envelopes: 1, keyId: 'k' },
    },
    at: atOf(place),
    arrivedAt: received,
    lookups: 1,
  };
};

/** One user's lines, in the order of arrival. */
export const randomLog = (random: Random, place: number, cuts: readonly number[]): Log => {
  const user = random() < 0.1 ? `o'user#${place}` : `user-${place}`;
  const tenant = random() < 0.1 ? 'other' : 'main';
  const origin = { tenant, ...(random() < 0.8 ? { userId: user } : { anonymousId: user }) };
  const sending = { random, origin, cuts };
  const contents = new Map<string, ReturnType<typeof contentOf>>();
  // A few say more than a profile can hold exactly.
  const count = 2 + below(random, random() < 0.05 ? 150 : 24);
  const last = lastArrivalOf(random);
  const arrivals = Array.from({ length: count }, () => arrivalOf(random, last)).sort(
    (a, b) => a - b,
  );
  const lines = arrivals.map((at, n): LogLine => {
    // At one instant some, for the key to decide.
    const arrivedAt = n > 0 && random() < 0.1 ? (arrivals[n - 1] ?? at) : at;
    const where = {
      shard: below(random, 2),
      sequence: place * 10_000 + n * (n % 3 === 0 ? 1 : 7),
      index: below(random, 3),
    };
    if (random() < 0.04) return lineOf(sending, where, { arrivedAt, event: undefined });
    const known = [...contents.keys()];
    const isCopy = known.length > 0 && random() < 0.2;
    const eventId = isCopy ? pick(random, known) : `u${place}-${n}`;
    // A client's copy may say something else: the first one counts.
    const held = random() < 0.7 ? contents.get(eventId) : undefined;
    const content = held ?? contentOf(random, origin);
    contents.set(eventId, content);
    const event = eventOf(random, content, { place: where, eventId, arrivedAt });
    return lineOf(sending, where, { arrivedAt, event });
  });
  return { tenant, user, lines };
};
