/** The slow reading of all lines of one user: which of them count, and what the oracle says of those. */
import type { EnrichedEvent } from '../../functions/core/event/event.ts';
import { oracleScores, oracleTag, type TagFact } from '../../functions/core/profile/tag-oracle.ts';
import type { TagDefinition } from '../../functions/core/tags/definition.ts';
import { spanMs, type TopMeasure } from '../../functions/core/tags/definition.ts';
import { TOP_EPOCH } from '../../functions/core/tags/top.ts';
import { epochMs } from '../../functions/core/time.ts';
import type { LogLine } from './random-log.ts';

const DAY_MS = 86_400_000;
const REACH_DAYS = 30;

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

/** What a reading says: a number in the tag's unit, an instant, a text; undefined: nothing. */
export type Said = number | string | undefined;

const factOf = ({ event }: CountedLine): TagFact => {
  const { eventId, kind, name, commerce, enrichment, properties, context, traits } = event;
  return {
    ...{ eventId, kind, name, timestamp: epochMs(Date.parse(event.timestamp)) },
    categories: enrichment.categoryVector,
    orders: commerce?.orders ?? 0,
    revenueMicros: commerce?.revenueMicros ?? 0,
    fields: JSON.parse(JSON.stringify({ properties, context, traits, commerce, enrichment })),
  };
};

interface Facts {
  readonly all: readonly TagFact[];
  readonly counted: ReadonlySet<TagFact>;
}

const factsOf = (lines: readonly CountedLine[]): Facts => {
  const pairs = lines.map((line) => [line, factOf(line)] as const);
  const counted = pairs.filter(([{ orderCounts }]) => orderCounts).map(([, fact]) => fact);
  return { all: pairs.map(([, fact]) => fact), counted: new Set(counted) };
};

/** Of all lines that were taken, as of an instant. */
export const slowValue = (
  definition: TagDefinition,
  lines: readonly CountedLine[],
  now: number,
): Said => {
  const { all, counted } = factsOf(lines);
  return oracleTag(definition, all, counted, epochMs(now));
};

export interface Ranked {
  readonly name: string;
  /** Millionths; of a decayed tag the logarithm of the sum. */
  readonly score: number;
}

/** Whether a tag is about an event: what it counts, of this one alone. */
const isMine = (definition: TagDefinition, fact: TagFact, now: number): boolean =>
  oracleTag(
    { ...definition, measure: { op: 'count' } } as TagDefinition,
    [fact],
    new Set(),
    epochMs(now),
  ) === 1;

/** Best first. */
export const slowTop = (
  definition: TagDefinition,
  lines: readonly CountedLine[],
  now: number,
): readonly Ranked[] => {
  const { all } = factsOf(lines);
  const { halfLife } = definition.measure as TopMeasure;
  return oracleScores(
    definition,
    all.filter((fact) => isMine(definition, fact, now)),
    epochMs(now),
  ).map(([name, score]) => ({
    name,
    score:
      halfLife === undefined
        ? score
        : Math.log2(score / 1e6) + (now - TOP_EPOCH) / spanMs(halfLife),
  }));
};
