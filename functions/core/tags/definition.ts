/**
 * A tag is data: what is measured, over which events, over which time, and where.
 *
 * The same value is read by the fold (stream), by the nightly SQL and by the oracle, so a tag means
 * one thing. Its version names the meaning: a changed definition is another tag to every store.
 */
import type { EventKind } from '../event/event.ts';
import { hash32Hex } from '../hash.ts';
import { type DurationMs, days, hours, minutes } from '../time.ts';

/** Where in an enriched event a value is read: `properties.plan`, `context.device.type`. */
export const FIELD_ROOTS = ['properties', 'context', 'traits', 'commerce', 'enrichment'] as const;
export type FieldRoot = (typeof FIELD_ROOTS)[number];
/** Members of `[A-Za-z0-9_]`, joined by dots. */
export type FieldPath = `${FieldRoot}.${string}`;

/** What events add up to. A field of numbers is read in millionths, or not at all. */
export type AmountMeasure =
  | { readonly op: 'count' }
  | { readonly op: 'sum' | 'min' | 'max'; readonly field: FieldPath };

/** How many different values a field had. */
export interface DistinctMeasure {
  readonly op: 'distinct';
  readonly field: FieldPath;
}

/** The earliest and the latest by (event time, eventId): when, or what a field said then. */
export type PickMeasure =
  | { readonly op: 'first' | 'last'; readonly field: 'timestamp' | FieldPath }
  /** Whole 24-hour days since the newest such event. */
  | { readonly op: 'timeSince' };

/** The value of a field with most weight; a list counts once for each of its values. */
export interface TopMeasure {
  readonly op: 'top';
  readonly field: FieldPath;
  /** What an event of this name weighs, and others nothing; without it each event weighs 1. */
  readonly weights?: Readonly<Record<string, number>>;
  /** An event weighs half as much each time this has passed; without it, always the same. */
  readonly halfLife?: Span;
}

export type Measure = AmountMeasure | DistinctMeasure | PickMeasure | TopMeasure;

export type Scalar = string | number | boolean;

export type FieldFilter =
  | { readonly field: FieldPath; readonly is: Scalar }
  | { readonly field: FieldPath; readonly in: readonly Scalar[] }
  | { readonly field: FieldPath; readonly exists: boolean }
  | { readonly field: FieldPath; readonly atLeast: number }
  | { readonly field: FieldPath; readonly atMost: number };

/**
 * An event matches if its kind or its name is listed, where either is given, and if every
 * condition on its fields holds.
 */
export interface EventFilter {
  readonly kinds?: readonly EventKind[];
  readonly names?: readonly string[];
  readonly where?: readonly FieldFilter[];
}

export type Span =
  | { readonly minutes: number }
  | { readonly hours: number }
  | { readonly days: number };

export interface Lifetime {
  readonly kind: 'lifetime';
}

export interface Over {
  readonly kind: 'over';
  readonly length: DurationMs;
}

export type Period = Lifetime | Over;

export type TagSource = 'stream' | 'batch' | 'both';

/** What a tag means, whatever it is called and wherever it is computed. */
type Meaning<M extends Measure, P extends Period> = {
  readonly measure: M;
  readonly events: EventFilter;
  readonly period: P;
};

type In<S extends TagSource> = { readonly source: S };

/**
 * Stream and nightly together. `previously` is what the tag meant before it was changed: that is
 * served until the new meaning has been filled from history.
 */
type InBoth<M extends Measure, P extends Period> = Meaning<M, P> &
  In<'both'> & { readonly previously?: Meaning<M, P> };

/** Only what can be kept exactly, or with a stated bound, can be written down. */
export type TagDefinition = { readonly name: string } & (
  | (Meaning<AmountMeasure, Period> & In<'stream' | 'batch'>)
  | InBoth<AmountMeasure, Period>
  | (Meaning<PickMeasure, Lifetime> & In<'stream' | 'batch'>)
  | InBoth<PickMeasure, Lifetime>
  | (Meaning<DistinctMeasure, Period> & In<'stream' | 'batch'>)
  | (Meaning<TopMeasure, Lifetime> & In<'stream' | 'batch'>)
  | (Meaning<TopMeasure & { readonly halfLife?: never }, Over> & In<'batch'>)
);

export const spanMs = (span: Span): DurationMs => {
  if ('minutes' in span) return minutes(span.minutes);
  return 'hours' in span ? hours(span.hours) : days(span.days);
};

export const over = (span: Span): Over => ({ kind: 'over', length: spanMs(span) });
export const lifetime = (): Lifetime => ({ kind: 'lifetime' });

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

/** 8 hex digits; of what the tag means now, not of what it meant before. */
export const tagVersion = (definition: TagDefinition): string =>
  hash32Hex(canonicalJson({ ...definition, previously: undefined }));

/** The definition that `previously` names, as it was written then. */
export const previousOf = (definition: TagDefinition): TagDefinition | undefined => {
  const { previously, ...now } = definition as TagDefinition & { readonly previously?: object };
  return previously === undefined ? undefined : ({ ...now, ...previously } as TagDefinition);
};

/** Counted in whole orders, or in millionths already: the fields that `collect` derives. */
export const ORDER_FIELDS = ['commerce.orders', 'commerce.revenueMicros'] as const;
/** Such a field leaves out an order that was counted before. */
export const isOrderField = (field: string): boolean =>
  (ORDER_FIELDS as readonly string[]).includes(field);

/** Millionths of one, but for counts. */
export const isMicros = (measure: Measure): boolean =>
  (measure.op === 'sum' || measure.op === 'min' || measure.op === 'max') &&
  measure.field !== 'commerce.orders';
