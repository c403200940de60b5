/** Random shoppers: few items that come again, orders, copies, lines that land late. */
import { POSITIVE_WEIGHTS } from '../../functions/core/recommend/learning.ts';
import { toUtcDate } from '../../functions/core/time.ts';
import { below, pick, type Random } from '../simulation/random.ts';
import type { SlowPositive } from '../support/learnt-slowly.ts';

/** Day numbers: nothing arrives before the first; the nights are run on these days. */
export const FIRST_DAY = 20_700;
export const NIGHTS = [FIRST_DAY + 36, FIRST_DAY + 41] as const;
const DAY_MS = 86_400_000;
/** So that the very edges of half an hour and of thirty days are met. */
const STEP_MS = 10 * 60_000;
const LATE_DAYS = 2;
const COPY_DAYS = 30;

export interface ShopperLine {
  readonly tenant: string;
  readonly user: string;
  readonly n: number;
  readonly arrivedAt: number;
  readonly name: string;
  readonly eventId: string;
  readonly orderId: string | undefined;
  readonly product: string | undefined;
  readonly lines: readonly string[];
  readonly stub: boolean;
  /** The night before which it has landed. */
  readonly night: 0 | 1;
}

export interface Shopper {
  readonly tenant: string;
  readonly user: string;
  readonly lines: readonly ShopperLine[];
}

const NAMES = [...Object.keys(POSITIVE_WEIGHTS), 'Product Viewed', 'Page Viewed'];
/** Of a log; with their lines they stay below the 64 that SQL looks back at. */
const EVENTS_MAX = 26;
const ITEMS = 14;
const FAVOURITES = 3;
const STEPS = [0, 1, 2, 3, 3, 4, 18, 144, 288];
const MONTHS = [30 * 144, 30 * 144 + 1];
const LONG_ID = 'ö'.repeat(65);
/** A line that names no item. */
const NO_ID = '-';

const itemOf = (random: Random): string => {
  // Some come again and again.
  const place = below(random, random() < 0.4 ? FAVOURITES : ITEMS);
  return place === 0 ? "it's #ü" : `i${place}`;
};

/** Somebody comes for some hours, goes, and is back after days. */
const nextAt = (random: Random, before: number): number => {
  const steps = random() < 0.05 ? pick(random, MONTHS) : pick(random, STEPS);
  return before + steps * STEP_MS;
};

const orderLines = (random: Random): readonly string[] =>
  Array.from({ length: below(random, 5) }, () =>
    random() < 0.1 ? pick(random, [NO_ID, '', LONG_ID]) : itemOf(random),
  );

const lineOf = (
  random: Random,
  shopper: Pick<Shopper, 'tenant' | 'user'>,
  n: number,
  arrivedAt: number,
): ShopperLine => {
  const name = pick(random, NAMES);
  const isOrder = name === 'Order Completed';
  const day = Math.floor(arrivedAt / DAY_MS);
  const isLate = day >= NIGHTS[0] - LATE_DAYS && random() < 0.4;
  return {
    ...{ tenant: shopper.tenant, user: shopper.user, n, arrivedAt, name },
    eventId: random() < 0.15 ? `e-${below(random, n + 1)}` : `e-${n}`,
    orderId: isOrder && random() < 0.8 ? `o${below(random, 4)}` : undefined,
    product: isOrder && random() < 0.7 ? undefined : itemOf(random),
    lines: isOrder || random() < 0.1 ? orderLines(random) : [],
    stub: random() < 0.05,
    night: day > NIGHTS[0] || isLate ? 1 : 0,
  };
};

export const shopperOf = (random: Random, place: number): Shopper => {
  const user = `u${place}`;
  const tenant = random() < 0.7 ? 'main' : 'other';
  let at = FIRST_DAY * DAY_MS + below(random, 7 * 144) * STEP_MS;
  const lines: ShopperLine[] = [];
  for (let n = 0; n < EVENTS_MAX; n += 1) {
    at = nextAt(random, at);
    if (at >= (NIGHTS[1] + 1) * DAY_MS) break;
    lines.push(lineOf(random, { tenant, user }, n, at));
  }
  return { tenant, user, lines };
};

export const landedText = (line: ShopperLine): { readonly dt: string; readonly line: string } => {
  const { n, user, tenant, arrivedAt, name, orderId, product, lines } = line;
  const at = {
    ...{ stream: '0123abcd', shard: 'shardId-000000000000', index: 0 },
    sequence: `${9_990 + n}${user.slice(1).padStart(4, '0')}`,
  };
  const instant = new Date(arrivedAt).toISOString();
  const dt = toUtcDate(Math.floor(arrivedAt / DAY_MS));
  if (line.stub) {
    const stub = { stub: 1, partitionKey: `${tenant}#${user}`, at, arrivedAt: instant };
    return { dt, line: JSON.stringify({ ...stub, reason: 'bug' }) };
  }
  const isOrder = name === 'Order Completed';
  const items = lines.map((productId) => (productId === NO_ID ? {} : { productId }));
  const commerce = {
    ...(isOrder && { orders: 1, revenueMicros: 5_000_000, orderId }),
    ...(items.length > 0 && { items }),
  };
  const text = JSON.stringify({
    ...{ schemaVersion: '1', tenant, eventId: line.eventId, kind: 'track', name, userId: user },
    timestamp: instant,
    properties: { ...(product !== undefined && { product_id: product }) },
    ...(Object.keys(commerce).length > 0 && { commerce }),
    ...{ traits: {}, context: {}, enrichment: { categoryVector: [] } },
    ...{ at, arrivedAt: instant, lookups: 1 },
  });
  return { dt, line: text };
};

const itemsIn = ({ product, lines }: ShopperLine): readonly string[] => {
  const all = [product, ...lines].filter((id) => id !== undefined);
  return [...new Set(all.filter((id) => !['', NO_ID, LONG_ID].includes(id)))];
};

/** Events that count and say something, in the order of (arrivedAt, key). */
export const positivesOf = ({ lines }: Shopper): readonly SlowPositive[] => {
  const ordered = lines.toSorted((a, b) => a.arrivedAt - b.arrivedAt || a.n - b.n);
  const [seen, orders] = [new Map<string, number>(), new Map<string, number>()];
  const isNear = (before: number | undefined, day: number): boolean =>
    before !== undefined && day - before <= COPY_DAYS;
  return ordered.flatMap((line) => {
    if (line.stub) return [];
    const day = Math.floor(line.arrivedAt / DAY_MS);
    if (isNear(seen.get(line.eventId), day)) return [];
    seen.set(line.eventId, day);
    if (line.orderId !== undefined) {
      if (isNear(orders.get(line.orderId), day)) return [];
      orders.set(line.orderId, day);
    }
    const weight = POSITIVE_WEIGHTS[line.name];
    if (weight === undefined) return [];
    return [{ arrivedAt: line.arrivedAt, weight, items: itemsIn(line) }];
  });
};
