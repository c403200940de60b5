import { type Calendar, oneDay } from './calendar.ts';
import { below, pick, type Random } from './random.ts';

export interface SentEvent {
  readonly eventId: string;
  readonly userId: string;
  readonly [member: string]: unknown;
}

export interface Request {
  readonly atMs: number;
  readonly events: readonly SentEvent[];
  /** What the client does once the request is acknowledged. */
  readonly afterwards: 'nothing' | 'verbatim' | 'halves' | 'much later';
  /** Of no use to anyone but the cut: a resend after a 503 may come without it. */
  readonly padding: number;
}

const NAMES = [
  'Product Viewed',
  'Product Clicked',
  'Product Added',
  'Order Completed',
  'Ad Viewed',
  'Something Else',
] as const;

const BUG_SHARE = 0.004;
const DAY_MS = 86_400_000;
const PAGE_EVERY_MS = 30_000;
const FEW_DAYS = [0, 0, 0, 600_000, 2 * DAY_MS];
/** More sessions than a profile keeps. */
const MANY_DAYS = [0, 600_000, ...[1, 2, 3, 4, 5, 6].map((days) => days * DAY_MS)];

/** Ids of events that `collect` refuses. */
export const BAD_ID = 'bad-';

/** A device that makes `enrich` throw while its bug is out in the world. */
export const CURSED_DEVICE = 'cursed';

class Shopper {
  readonly #random: Random;
  readonly #startMs: number;
  readonly #calendar: Calendar;
  #ids = 0;

  constructor(random: Random, startMs: number, calendar: Calendar) {
    this.#random = random;
    this.#startMs = startMs;
    this.#calendar = calendar;
  }

  event(userId: string, atMs: number, padding: number, isWide: boolean): SentEvent {
    const random = this.#random;
    this.#ids += 1;
    const eventId = `e-${this.#ids}`;
    const isOdd = random() < 0.02;
    const odd = pick(random, ['2024-02-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z']);
    const timestamp = isOdd
      ? odd
      : new Date(atMs - pick(random, isWide ? MANY_DAYS : FEW_DAYS)).toISOString();
    const common = {
      eventId,
      userId,
      timestamp,
      context: random() < BUG_SHARE ? { device: { type: CURSED_DEVICE } } : {},
      ...(padding === 0 ? {} : { padding: 'x'.repeat(padding) }),
    };
    const kind = below(random, 10);
    if (kind === 0) {
      const traits = { plan: pick(random, ['a', 'b', 'c']), [`t${below(random, 4)}`]: eventId };
      return { ...common, type: 'identify', traits };
    }
    if (kind < 3) return { ...common, type: 'page', name: pick(random, ['home', 'cart']) };
    const name = pick(random, NAMES);
    const properties = {
      product_id: `item-${below(random, 12)}`,
      category: `CAT${below(random, isWide ? 24 : 5)}`,
      ...(name === 'Order Completed' ? { order_id: `o-${eventId}`, total: 10.25 } : {}),
    };
    return { ...common, type: 'track', event: name, properties };
  }

  /** What `collect` refuses. */
  bad(userId: string): SentEvent {
    this.#ids += 1;
    return { eventId: `${BAD_ID}${this.#ids}`, userId, type: 'track', timestamp: 'not a time' };
  }

  /** A page every half minute, for hours: told in a few requests, not in their order. */
  reads(userId: string): readonly Request[] {
    const views = Array.from({ length: 290 }, (_, place): SentEvent => {
      this.#ids += 1;
      const timestamp = new Date(this.#startMs - place * PAGE_EVERY_MS).toISOString();
      return { eventId: `e-${this.#ids}`, userId, timestamp, type: 'page', name: 'home' };
    });
    return Array.from({ length: 5 }, (_, place) => ({
      atMs: this.#calendar.at(this.#startMs + 1_000 * below(this.#random, 20)),
      events: views.slice(58 * place, 58 * (place + 1)),
      afterwards: 'nothing' as const,
      padding: 0,
    }));
  }

  requests(users: readonly string[], eventsMin: number): readonly Request[] {
    const random = this.#random;
    const isWide = random() < 0.14;
    const requests: Request[] = [];
    let workMs = this.#startMs;
    for (let events = 0; events < eventsMin; ) {
      workMs += below(random, 400);
      const atMs = this.#calendar.at(workMs);
      const isHot = random() < 0.35;
      const sizes = isHot ? [1, 10, 25, 25, 90] : [1, 1, 2, 5, 10];
      const padding = random() < 0.15 ? 1_500 : 0;
      const count = padding > 0 ? Math.max(20, pick(random, sizes)) : pick(random, sizes);
      const single = isHot ? users[0] : pick(random, users);
      const mixed = random() < 0.1;
      const made = Array.from({ length: count }, () => {
        const user = (mixed ? pick(random, users) : single) ?? 'u0';
        return random() < 0.01 ? this.bad(user) : this.event(user, atMs, padding, isWide);
      });
      const afterwards = pick(random, [
        'nothing',
        'nothing',
        'nothing',
        'verbatim',
        'halves',
      ] as const);
      requests.push({ atMs, events: made, afterwards, padding });
      events += made.filter(({ eventId }) => !eventId.startsWith(BAD_ID)).length;
    }
    return [...requests, ...this.#greetings(users, requests, this.#calendar.at(workMs))];
  }

  /** Whom chance has left out comes by as well. */
  #greetings(
    users: readonly string[],
    requests: readonly Request[],
    atMs: number,
  ): readonly Request[] {
    const told = new Set(
      requests.flatMap(({ events }) =>
        events.filter(({ eventId }) => !eventId.startsWith(BAD_ID)).map(({ userId }) => userId),
      ),
    );
    return users
      .filter((user) => !told.has(user))
      .map((user) => ({
        atMs,
        events: [this.event(user, atMs, 0, false)],
        afterwards: 'verbatim' as const,
        padding: 0,
      }));
  }
}

/** Clients that hurt: hot users, big requests, old and future times, copies of every kind. */
export const workloadOf = (
  random: Random,
  startMs: number,
  calendar: Calendar = oneDay,
  eventsMin = 200,
): readonly Request[] => {
  const users = Array.from({ length: 5 + below(random, 4) }, (_, index) => `u${index}`);
  const shopper = new Shopper(random, startMs, calendar);
  const requests = [...shopper.requests(users, eventsMin + below(random, 120))];
  // One in eight seeds goes beyond what the memory promises, for one user.
  if (random() < 0.125) {
    const user = 'u-forgotten';
    const count = 20 + below(random, 20);
    const first = Array.from({ length: count }, () => shopper.event(user, startMs, 0, false));
    requests.unshift({ atMs: startMs, events: first, afterwards: 'much later', padding: 0 });
    for (let more = 0; more < 36; more += 1) {
      const atMs = calendar.at(startMs + 500 * more);
      const events = Array.from({ length: 4 }, () => shopper.event(user, atMs, 0, false));
      requests.push({ atMs, events, afterwards: 'nothing', padding: 0 });
    }
  }
  // One in twelve has a user who looks at more pages than a profile keeps tiles of.
  if (random() < 0.083) requests.push(...shopper.reads('u-reader'));
  return requests.toSorted((a, b) => a.atMs - b.atMs);
};
