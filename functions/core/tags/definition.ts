/**
 * A tag is data: what is measured, over which events, over which time, and where.
 *
 * The same value is read by the fold (stream), by the nightly SQL and by the oracle, so a tag means
 * one thing. Its version names the meaning: a changed definition is another tag to every store.
 */
import type { EventKind } from '../event/event.ts';
import { hash32Hex } from '../hash.ts';
import { type DurationMs, days, hours, minutes } from '../time.ts';

/** Fields that a sum may read today; integers, micros where the name says so. */
export type SumField = 'commerce.orders' | 'commerce.revenueMicros';

export type Measure =
  | { readonly op: 'count' }
  | { readonly op: 'sum'; readonly field: SumField }
  | { readonly op: 'first'; readonly field: 'timestamp' }
  | { readonly op: 'last'; readonly field: 'timestamp' }
  /** Whole 24-hour days since the newest such event. */
  | { readonly op: 'timeSince' }
  /** The category with most weight. */
  | {
      readonly op: 'top';
      readonly field: 'enrichment.categoryVector';
      readonly weights: Readonly<Record<string, number>>;
    };

/** An event matches if its kind or its name is listed; where neither is given, every event does. */
export interface EventFilter {
  readonly kinds?: readonly EventKind[];
  readonly names?: readonly string[];
}

export type Span =
  | { readonly minutes: number }
  | { readonly hours: number }
  | { readonly days: number };

export type Period =
  | { readonly kind: 'lifetime' }
  | { readonly kind: 'over'; readonly length: DurationMs };

export type TagSource = 'stream' | 'batch' | 'both';

export interface TagDefinition {
  readonly name: string;
  readonly measure: Measure;
  readonly events: EventFilter;
  readonly period: Period;
  readonly source: TagSource;
}

export const spanMs = (span: Span): DurationMs => {
  if ('minutes' in span) return minutes(span.minutes);
  return 'hours' in span ? hours(span.hours) : days(span.days);
};

export const over = (span: Span): Period => ({ kind: 'over', length: spanMs(span) });
export const lifetime = (): Period => ({ kind: 'lifetime' });

/** JSON with sorted members, so that the order in which a definition is written means nothing. */
const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
};

/** 8 hex digits. */
export const tagVersion = (definition: TagDefinition): string =>
  hash32Hex(canonicalJson(definition));
