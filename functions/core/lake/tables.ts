/**
 * The lake's tables. Columns are fixed and never derive from tags: a tag's numbers are rows. Days
 * are text, `2026-11-21`, in the order of time; moments are milliseconds since 1970.
 */
export type ColumnType = 'string' | 'long' | 'double' | 'boolean';

export interface LakeTable {
  readonly columns: Readonly<Record<string, ColumnType>>;
  readonly partitionedBy: readonly string[];
}

/** What a narrow row holds; which of them depends on the tag's measure. */
const held = {
  /** A count, or a sum or an extreme in the tag's unit. */
  amount: 'long',
  instant: 'long',
  /** The event's id, which orders what happened at one instant. */
  tie: 'string',
  text: 'string',
  /** The logarithm, to base 2, of a decayed sum. */
  score: 'double',
} as const;

const place = {
  tenant: 'string',
  profile_key: 'string',
  version: 'string',
  /** Empty for a lifetime. */
  event_day: 'string',
  /** The key of a `top` or a `distinct`, else empty. */
  part: 'string',
} as const;

export const LAKE_TABLES = {
  /** Every line that has a key, once: events, and stubs of what was parked. */
  events: {
    columns: {
      tenant: 'string',
      profile_key: 'string',
      line_key: 'string',
      arrival_day: 'string',
      arrived_at: 'string',
      stub: 'boolean',
      /** Of the lookup tables that enriched it. */
      lookups: 'long',
      event_id: 'string',
      kind: 'string',
      name: 'string',
      happened_at: 'long',
      event_day: 'string',
      /** Under what the order counts once; null where it counts each time, or is none. */
      order_key: 'string',
      orders: 'long',
      revenue_micros: 'long',
      /** A copy of an event that came before, within 30 days of arrival. */
      dup: 'boolean',
      /** An order that was counted before, within 30 days of arrival. */
      again: 'boolean',
      line: 'string',
    },
    partitionedBy: ['arrival_day'],
  },
  /** What the events of a day of arrival add to each tag. */
  user_day: {
    columns: { ...place, arrival_day: 'string', ...held },
    partitionedBy: ['arrival_day'],
  },
  /** The same, summed over days of arrival up to `through`. */
  user_total: {
    columns: { ...place, through: 'string', ...held },
    partitionedBy: [],
  },
  /** Items of the events that speak for them: a row for each item that an event names. */
  positives: {
    columns: {
      tenant: 'string',
      profile_key: 'string',
      line_key: 'string',
      item: 'string',
      arrival_day: 'string',
      arrived_at: 'long',
      /** Its place among the event's items. */
      place: 'long',
      weight: 'long',
      /** How many items the event names. */
      lines: 'long',
    },
    // What was bought is read alone.
    partitionedBy: ['arrival_day', 'weight'],
  },
  /** What the events of a day of arrival add to each pair of items; without `dst`, their number. */
  pairs_day: {
    columns: {
      tenant: 'string',
      src: 'string',
      dst: 'string',
      arrival_day: 'string',
      /** In millionths. */
      amount: 'long',
    },
    partitionedBy: ['arrival_day'],
  },
  /** What was loaded last of a user and a tag. */
  tags_loaded: {
    columns: {
      tenant: 'string',
      profile_key: 'string',
      version: 'string',
      amount: 'long',
      cut: 'string',
      run_id: 'string',
    },
    partitionedBy: [],
  },
} as const satisfies Readonly<Record<string, LakeTable>>;

export type LakeTableName = keyof typeof LAKE_TABLES;
