/**
 * What a tag is, of all lines of one user: slow, obvious, and nothing of the fold or of SQL. Numbers
 * are read by digits into big integers; nothing is kept, everything is computed from all events.
 */
import type { EnrichedEvent } from '../../functions/core/event/event.ts';
import type { FieldFilter, Scalar, TagDefinition } from '../../functions/core/tags/definition.ts';
import type { LogLine } from './random-log.ts';

const DAY_MS = 86_400_000;
const REACH_DAYS = 30;
const AMOUNT_MAX = 2n ** 53n - 1n;

export interface CountedLine {
  readonly event: EnrichedEvent;
  readonly arrivedAt: number;
  readonly orderCounts: boolean;
}

const dayOf = (at: number): number => Math.floor(at / DAY_MS);

/** Each event once, in the order of (arrival, key), and whether it is the first of its order. */
export const countedLines = (lines: readonly LogLine[]): readonly CountedLine[] => {
  const ordered = lines.toSorted(
    (left, right) => left.arrivedAt - right.arrivedAt || (left.key < right.key ? -1 : 1),
  );
  const ids = new Map<string, number>();
  const orders = new Map<string, number>();
  const reached = (day: number | undefined, at: number): boolean =>
    day !== undefined && dayOf(at) - day <= REACH_DAYS;
  return ordered.flatMap(({ event, arrivedAt }) => {
    if (event === undefined || reached(ids.get(event.eventId), arrivedAt)) return [];
    ids.set(event.eventId, dayOf(arrivedAt));
    const { commerce, name } = event;
    if (commerce?.orderId === undefined || (commerce.orders ?? 0) === 0)
      return [{ event, arrivedAt, orderCounts: true }];
    const order = JSON.stringify([name, commerce.orderId]);
    const orderCounts = !reached(orders.get(order), arrivedAt);
    if (orderCounts) orders.set(order, dayOf(arrivedAt));
    return [{ event, arrivedAt, orderCounts }];
  });
};

const at = (event: EnrichedEvent, path: string): unknown =>
  path.split('.').reduce<unknown>((value, member) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const own = Object.entries(value).find(([name]) => name === member);
    return own?.[1];
  }, event);

const text = (value: unknown): string | undefined =>
  ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;

export const micros = (value: unknown): bigint | undefined => {
  if (typeof value === 'boolean') return undefined;
  const digits = /^(-?)([0-9]{1,12})(\.([0-9]{1,6}))?$/.exec(text(value) ?? '');
  if (digits === null) return undefined;
  const size = BigInt(`${digits[2]}${(digits[4] ?? '').padEnd(6, '0')}`);
  const bounded = size > AMOUNT_MAX ? AMOUNT_MAX : size;
  return digits[1] === '-' ? -bounded : bounded;
};

const isScalar = (value: unknown, wanted: Scalar): boolean =>
  typeof wanted === 'number'
    ? micros(value) !== undefined && micros(value) === micros(wanted)
    : text(value) === String(wanted);

const holds = (filter: FieldFilter, event: EnrichedEvent): boolean => {
  const value = at(event, filter.field);
  if ('is' in filter) return isScalar(value, filter.is);
  if ('in' in filter) return filter.in.some((wanted) => isScalar(value, wanted));
  if ('exists' in filter) return (text(value) !== undefined) === filter.exists;
  const number = micros(value);
  if (number === undefined) return false;
  return 'atLeast' in filter
    ? number >= (micros(filter.atLeast) ?? 0n)
    : number <= (micros(filter.atMost) ?? 0n);
};

const matches = ({ events }: TagDefinition, event: EnrichedEvent): boolean => {
  const { kinds, names, where = [] } = events;
  const isNamed =
    (kinds === undefined && names === undefined) ||
    (kinds ?? []).includes(event.kind) ||
    (names ?? []).includes(event.name);
  return isNamed && where.every((filter) => holds(filter, event));
};

const codePoints = (value: string): readonly number[] =>
  [...value].map((char) => char.codePointAt(0) ?? 0);

export const byCodePoint = (left: string, right: string): number => {
  const [a, b] = [codePoints(left), codePoints(right)];
  const differs = a.findIndex((point, place) => point !== b[place]);
  if (differs < 0) return a.length - b.length;
  return differs >= b.length ? 1 : (a[differs] ?? 0) - (b[differs] ?? 0);
};

/** The longest beginning of at most 64 bytes. */
const clip = (value: string): string => {
  let kept = '';
  for (const char of value) {
    if (Buffer.byteLength(kept + char) > 64) break;
    kept += char;
  }
  return kept;
};

const texts = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return [...new Set(value.filter((each) => typeof each === 'string'))];
  const one = text(value);
  return one === undefined ? [] : [one];
};

/** What a reading says: a number in the tag's unit, an instant, a text; undefined: nothing. */
export type Said = number | string | undefined;

export interface Ranked {
  readonly name: string;
  /** Millionths; of a decayed tag the logarithm of the sum. */
  readonly score: number;
}

const EPOCH = Date.UTC(2026, 0, 1);

const sumOfPowers = (powers: readonly number[]): number => {
  const most = Math.max(...powers);
  return most + Math.log2(powers.reduce((sum, power) => sum + 2 ** (power - most), 0));
};

type Top = Extract<TagDefinition['measure'], { op: 'top' }> & {
  readonly halfLife?: { readonly days?: number };
};

/** Best first. */
export const slowTop = (
  definition: TagDefinition,
  lines: readonly CountedLine[],
  now: number,
): readonly Ranked[] => {
  const { field, weights, halfLife } = definition.measure as Top;
  const shares = new Map<string, { weight: bigint; power: number }[]>();
  for (const { event } of mine(definition, lines, now)) {
    const weight =
      weights === undefined ? 1 : Object.entries(weights).find(([n]) => n === event.name)?.[1];
    if (weight === undefined) continue;
    const age = Date.parse(event.timestamp) - EPOCH;
    const power = Math.log2(weight) + age / ((halfLife?.days ?? 1) * DAY_MS);
    const share = { weight: BigInt(Math.round(weight * 1e6)), power };
    for (const name of new Set(texts(at(event, field)).map(clip)))
      shares.set(name, [...(shares.get(name) ?? []), share]);
  }
  const rank = ({ score }: Ranked): number => (halfLife ? Math.round(score * 1e9) : score);
  return [...shares]
    .map(([name, all]) => ({
      name,
      score: halfLife
        ? sumOfPowers(all.map(({ power }) => power))
        : Number(all.reduce((sum, { weight }) => sum + weight, 0n)),
    }))
    .sort((left, right) => rank(right) - rank(left) || byCodePoint(left.name, right.name));
};

const mine = (
  definition: TagDefinition,
  lines: readonly CountedLine[],
  now: number,
): readonly CountedLine[] => {
  const { period } = definition;
  return lines.filter(
    ({ event }) =>
      matches(definition, event) &&
      (period.kind === 'lifetime' ||
        dayOf(Date.parse(event.timestamp)) > dayOf(now) - period.length / DAY_MS),
  );
};

const amountsOf = (field: string, lines: readonly CountedLine[]): readonly bigint[] =>
  lines.flatMap(({ event, orderCounts }) => {
    if (field !== 'commerce.orders' && field !== 'commerce.revenueMicros')
      return micros(at(event, field)) ?? [];
    const value = at(event, field);
    return orderCounts && typeof value === 'number' ? [BigInt(value)] : [];
  });

const inOrder = (lines: readonly CountedLine[]): readonly EnrichedEvent[] =>
  lines
    .map(({ event }) => event)
    .toSorted(
      (left, right) =>
        Date.parse(left.timestamp) - Date.parse(right.timestamp) ||
        byCodePoint(left.eventId, right.eventId),
    );

/** Of all lines that were taken, as of an instant. */
export const slowValue = (
  definition: TagDefinition,
  lines: readonly CountedLine[],
  now: number,
): Said => {
  const { measure } = definition;
  const some = mine(definition, lines, now);
  switch (measure.op) {
    case 'count':
      return some.length;
    case 'sum':
      return Number(amountsOf(measure.field, some).reduce((sum, amount) => sum + amount, 0n));
    case 'min':
    case 'max': {
      const sorted = amountsOf(measure.field, some).toSorted((a, b) =>
        a < b ? -1 : a > b ? 1 : 0,
      );
      const found = sorted.at(measure.op === 'min' ? 0 : -1);
      return found === undefined ? undefined : Number(found);
    }
    case 'distinct':
      return new Set(some.flatMap(({ event }) => texts(at(event, measure.field)))).size;
    case 'top':
      return slowTop(definition, lines, now)[0]?.name;
    default: {
      const { field = 'timestamp' } = measure as { readonly field?: string };
      const ordered = inOrder(some).filter(
        (event) => field === 'timestamp' || text(at(event, field)) !== undefined,
      );
      const event = ordered.at(measure.op === 'first' ? 0 : -1);
      if (event === undefined) return undefined;
      const happened = Date.parse(event.timestamp);
      if (measure.op === 'timeSince') return Math.max(0, Math.floor((now - happened) / DAY_MS));
      return field === 'timestamp' ? happened : clip(text(at(event, field)) ?? '');
    }
  }
};
