/**
 * What a tag must say at an instant, out of plain facts: an op a few lines, nothing of the fold.
 *
 * A tag of the nightly alone says the same of what had arrived by then: hand over those facts.
 */
import type { EventKind, Json, JsonObject } from '../event/event.ts';
import { hopOf, SHORT_WINDOW_MAX } from '../tags/check-tags.ts';
import { type FieldFilter, type Scalar, spanMs, type TagDefinition } from '../tags/definition.ts';
import { compareText } from '../tags/said.ts';
import { clipUtf8 } from '../tags/text-bytes.ts';
import { days, type EpochMs, utcDayOf } from '../time.ts';

/** What a tag may read of one acknowledged event. */
export interface TagFact {
  readonly eventId: string;
  readonly kind: EventKind;
  readonly name: string;
  readonly timestamp: EpochMs;
  readonly categories: readonly string[];
  readonly orders: -1 | 0 | 1;
  readonly revenueMicros: number;
  /** `properties`, `context`, `traits`, `commerce` and `enrichment`, where a tag reads them. */
  readonly fields?: JsonObject;
}

/** Counts and whole orders as they are, other numbers in micros, instants in epoch ms, texts. */
export type OracleValue = number | string;

const DAY = days(1);
const TEXT_BYTES = 64;
const AMOUNT_MAX = BigInt(Number.MAX_SAFE_INTEGER);

const fieldOf = (fact: TagFact, path: string): Json | undefined => {
  if (path === 'enrichment.categoryVector') return fact.categories;
  return path.split('.').reduce<Json | undefined>((value, member) => {
    const object = typeof value === 'object' && !Array.isArray(value) ? value : null;
    const own = Object.entries(object ?? {}).find(([name]) => name === member);
    return own?.[1];
  }, fact.fields);
};

const textOf = (value: Json | undefined): string | undefined =>
  value === undefined || typeof value === 'object' ? undefined : String(value);

const textsOf = (fact: TagFact, path: string): readonly string[] => {
  const value = fieldOf(fact, path);
  const list = Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [value];
  return [...new Set(list.map(textOf).filter((text) => text !== undefined))];
};

const clamped = (micros: bigint): number =>
  Number(micros > AMOUNT_MAX ? AMOUNT_MAX : micros < -AMOUNT_MAX ? -AMOUNT_MAX : micros);

const microsOf = (value: Json | undefined): bigint | undefined => {
  const text = typeof value === 'boolean' ? '' : (textOf(value) ?? '');
  if (!/^-?[0-9]{1,12}(\.[0-9]{1,6})?$/.test(text)) return undefined;
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(6, '0'));
};

const isValue = (value: Json | undefined, wanted: Scalar): boolean =>
  typeof wanted === 'number'
    ? microsOf(value) !== undefined && microsOf(value) === microsOf(wanted)
    : textOf(value) === String(wanted);

const holds = (filter: FieldFilter, fact: TagFact): boolean => {
  const value = fieldOf(fact, filter.field);
  if ('is' in filter) return isValue(value, filter.is);
  if ('in' in filter) return filter.in.some((wanted) => isValue(value, wanted));
  if ('exists' in filter) return filter.exists === (value != null && typeof value !== 'object');
  const micros = microsOf(value);
  if (micros === undefined) return false;
  return 'atLeast' in filter
    ? micros >= (microsOf(filter.atLeast) ?? 0n)
    : micros <= (microsOf(filter.atMost) ?? 0n);
};

const matches = ({ events: { kinds, names, where = [] } }: TagDefinition, fact: TagFact): boolean =>
  ((kinds === undefined && names === undefined) ||
    (kinds ?? []).includes(fact.kind) ||
    (names ?? []).includes(fact.name)) &&
  where.every((filter) => holds(filter, fact));

const inWindow = ({ period }: TagDefinition, at: EpochMs, now: EpochMs): boolean => {
  if (period.kind === 'lifetime') return true;
  if (period.length > SHORT_WINDOW_MAX) {
    return utcDayOf(at) > utcDayOf(now) - period.length / DAY;
  }
  const hop = hopOf(period.length) ?? period.length;
  return at - (at % hop) > now - period.length - hop;
};

/** One per fact that has one; an order that was counted before has none. */
const amountsOf = (
  facts: readonly TagFact[],
  field: string,
  counted: ReadonlySet<TagFact>,
): readonly bigint[] => {
  const first = facts.filter(
    (fact) => counted.has(fact) && (!fact.fields || fieldOf(fact, field) !== undefined),
  );
  if (field === 'commerce.orders') return first.map(({ orders }) => BigInt(orders));
  if (field === 'commerce.revenueMicros') {
    return first.map(({ revenueMicros }) => BigInt(revenueMicros));
  }
  return facts.flatMap((fact) => microsOf(fieldOf(fact, field)) ?? []);
};

const byTime = (left: TagFact, right: TagFact): number =>
  left.timestamp - right.timestamp || compareText(left.eventId, right.eventId);

/** Best first; decayed as seen from now. */
export const oracleScores = (
  { measure }: TagDefinition,
  mine: readonly TagFact[],
  now: EpochMs,
): readonly (readonly [key: string, score: number])[] => {
  if (measure.op !== 'top') return [];
  const { weights, halfLife } = measure as { weights?: Record<string, number>; halfLife?: object };
  const half =
    halfLife === undefined ? undefined : spanMs(halfLife as Parameters<typeof spanMs>[0]);
  const scores = new Map<string, number>();
  for (const fact of mine) {
    const known =
      weights === undefined ? 1 : Object.entries(weights).find(([n]) => n === fact.name)?.[1];
    const micros = Math.round((known ?? 0) * 1e6);
    const weight = half === undefined ? micros : micros * 2 ** ((fact.timestamp - now) / half);
    const keys = new Set(textsOf(fact, measure.field).map((text) => clipUtf8(text, TEXT_BYTES)));
    for (const key of micros === 0 ? [] : keys) scores.set(key, (scores.get(key) ?? 0) + weight);
  }
  // Scores that agree to 1e-9 of themselves are one rank, and then the name decides.
  const rank = (score: number): number =>
    half === undefined ? score : Math.round(Math.log2(score) * 1e9);
  return [...scores].sort(([a, left], [b, right]) => rank(right) - rank(left) || compareText(a, b));
};

/** Facts in order of arrival, each once; `counted` has no order a second time. */
export const oracleTag = (
  tag: TagDefinition,
  facts: readonly TagFact[],
  counted: ReadonlySet<TagFact>,
  now: EpochMs,
): OracleValue | undefined => {
  const { measure } = tag;
  const mine = facts.filter((fact) => matches(tag, fact) && inWindow(tag, fact.timestamp, now));
  const times = mine.map(({ timestamp }) => timestamp);
  switch (measure.op) {
    case 'count':
      return mine.length;
    case 'sum':
      return clamped(amountsOf(mine, measure.field, counted).reduce((a, b) => a + b, 0n));
    case 'min':
    case 'max': {
      const amounts = amountsOf(mine, measure.field, counted).map(clamped);
      return amounts.length === 0 ? undefined : Math[measure.op](...amounts);
    }
    case 'distinct':
      return new Set(mine.flatMap((fact) => textsOf(fact, measure.field))).size;
    case 'timeSince':
      if (times.length === 0) return undefined;
      return Math.max(0, Math.floor((now - Math.max(...times)) / DAY));
    case 'first':
    case 'last': {
      const { field } = measure;
      const said = mine.toSorted(byTime).flatMap((fact) => {
        const value = field === 'timestamp' ? fact.timestamp : textOf(fieldOf(fact, field));
        return value === undefined ? [] : [value];
      });
      const value = said.at(measure.op === 'first' ? 0 : -1);
      return typeof value === 'string' ? clipUtf8(value, TEXT_BYTES) : value;
    }
    case 'top':
      return oracleScores(tag, mine, now)[0]?.[0];
  }
};
