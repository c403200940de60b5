/**
 * `events`: every line that has a key, once, by the day of its arrival. Days are curated in
 * ascending order: the flags of a day stand on those of the 30 days before it.
 */
import {
  and,
  atLeast,
  below,
  binary,
  choose,
  column,
  columnsOf,
  distinctFrom,
  equal,
  isNotNull,
  literal,
  not,
  or,
  query,
  rising,
  select,
  table,
  whole,
} from '../query/build.ts';
import type { Expression, Select, Statement } from '../query/tree.ts';
import { daysAfter, type UtcDate } from './days.ts';
import { readLines } from './landed-lines.ts';
import { LAKE_TABLES } from './tables.ts';

/** How far back a copy is known. */
const REACH_DAYS = 30;

const greater = binary('>');
const COLUMNS = Object.keys(LAKE_TABLES.events.columns);
/** What a line itself says. */
const OWN_COLUMNS = COLUMNS.filter((name) => name !== 'dup' && name !== 'again');

/** A number for the order of rows: what is real comes before a stub. */
const stubLast = (of: string): Expression => choose([[column(of, 'stub'), whole(1)]], whole(0));

/** Landed lines and those that are in the table, each key once: real before stub, then older lookups. */
const oncePerKey = (day: UtcDate): Select => {
  const read = select({
    columns: columnsOf('r', OWN_COLUMNS),
    from: query(readLines(day), 'r'),
    where: and(isNotNull(column('r', 'tenant')), isNotNull(column('r', 'profile_key'))),
  });
  const held = select({
    columns: columnsOf('h', OWN_COLUMNS),
    from: table('events', 'h'),
    where: equal(column('h', 'arrival_day'), literal(day)),
  });
  const placed = select({
    columns: {
      ...columnsOf('a', OWN_COLUMNS),
      place: {
        kind: 'window',
        of: { kind: 'rowNumber' },
        partition: [column('a', 'line_key')],
        order: [rising(stubLast('a')), rising(column('a', 'lookups')), rising(column('a', 'line'))],
      },
    },
    from: query({ kind: 'union', of: [read, held] }, 'a'),
  });
  return select({
    columns: columnsOf('k', OWN_COLUMNS),
    from: query(placed, 'k'),
    where: equal(column('k', 'place'), whole(1)),
  });
};

const OWNER = ['tenant', 'profile_key'] as const;

/** What lines of the 30 days before said that count themselves. */
const saidBefore = (
  day: UtcDate,
  name: 'event_id' | 'order_key',
  flags: readonly string[],
): Select => {
  const names = [...OWNER, name];
  return select({
    columns: columnsOf('b', names),
    from: table('events', 'b'),
    where: and(
      atLeast(column('b', 'arrival_day'), literal(daysAfter(day, -REACH_DAYS))),
      below(column('b', 'arrival_day'), literal(day)),
      ...flags.map((flag) => not(column('b', flag))),
      isNotNull(column('b', name)),
    ),
    groupBy: names.map((each) => column('b', each)),
  });
};

const sameAs = (left: string, right: string, names: readonly string[]): Expression =>
  and(...names.map((name) => equal(column(left, name), column(right, name))));

/** A line's place among those of its day that say the same. */
const placeAmong = (of: string, names: readonly string[]): Expression => ({
  kind: 'window',
  of: { kind: 'rowNumber' },
  partition: names.map((name) => column(of, name)),
  order: [rising(column(of, 'arrived_at')), rising(column(of, 'line_key'))],
});

const withDup = (day: UtcDate): Select => {
  const placed = select({
    columns: {
      ...columnsOf('o', OWN_COLUMNS),
      place: placeAmong('o', [...OWNER, 'event_id', 'stub']),
    },
    from: query(oncePerKey(day), 'o'),
  });
  const isCopy = or(isNotNull(column('b', 'event_id')), greater(column('p', 'place'), whole(1)));
  return select({
    columns: {
      ...columnsOf('p', OWN_COLUMNS),
      dup: and(not(column('p', 'stub')), isCopy),
    },
    from: query(placed, 'p'),
    joins: [
      {
        kind: 'left',
        source: query(saidBefore(day, 'event_id', ['stub', 'dup']), 'b'),
        on: sameAs('p', 'b', [...OWNER, 'event_id']),
      },
    ],
  });
};

const withFlags = (day: UtcDate): Select => {
  const named = [...OWN_COLUMNS, 'dup'];
  const placed = select({
    columns: {
      ...columnsOf('d', named),
      place: placeAmong('d', [...OWNER, 'order_key', 'stub', 'dup']),
    },
    from: query(withDup(day), 'd'),
  });
  const wasCounted = or(
    isNotNull(column('b', 'order_key')),
    greater(column('p', 'place'), whole(1)),
  );
  const counts = and(
    not(column('p', 'stub')),
    not(column('p', 'dup')),
    isNotNull(column('p', 'order_key')),
  );
  return select({
    columns: { ...columnsOf('p', named), again: and(counts, wasCounted) },
    from: query(placed, 'p'),
    joins: [
      {
        kind: 'left',
        source: query(saidBefore(day, 'order_key', ['stub', 'dup', 'again']), 'b'),
        on: sameAs('p', 'b', [...OWNER, 'order_key']),
      },
    ],
  });
};

/** Run twice it changes nothing; a late object flips the flags of the lines that it comes before. */
export const curate = (day: UtcDate): Statement => {
  const assigned = COLUMNS.map((name) => ({ column: name, to: column('s', name) }));
  const changes = COLUMNS.filter((name) => name !== 'line_key' && name !== 'arrival_day');
  return {
    kind: 'merge',
    into: 'events',
    as: 't',
    using: withFlags(day),
    usingAs: 's',
    on: and(
      equal(column('t', 'arrival_day'), literal(day)),
      equal(column('t', 'line_key'), column('s', 'line_key')),
    ),
    clauses: [
      {
        kind: 'update',
        and: or(
          ...['dup', 'again', 'line'].map((name) =>
            distinctFrom(column('t', name), column('s', name)),
          ),
        ),
        set: assigned.filter(({ column: name }) => changes.includes(name)),
      },
      { kind: 'insert', and: undefined, values: assigned },
    ],
  };
};
