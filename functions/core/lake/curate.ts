/**
 * `events`: every line that has a key, once, by the day of its arrival. Days are curated in
 * ascending order: the flags of a day stand on those of the 30 days before it.
 */
import {
  and,
  atLeast,
  atMost,
  below,
  binary,
  call,
  choose,
  column,
  columnsOf,
  distinctFrom,
  equal,
  isNotNull,
  isNull,
  joined,
  literal,
  minus,
  not,
  or,
  plus,
  query,
  rising,
  select,
  table,
  unequal,
  whole,
} from '../query/build.ts';
import type { Expression, Select, Statement } from '../query/tree.ts';
import { daysAfter, type UtcDate } from './days.ts';
import { instantIn, integerIn, isInstant, matchesOf, scalarAt } from './json-fields.ts';
import { LAKE_TABLES } from './tables.ts';

/** An object is named by the oldest line in it, and its newest may be of the next day. */
const LANDING_DAYS_BEFORE = 1;
/** What was kept for 72 hours lands at last on the fourth day. */
const LANDING_DAYS_AFTER = 4;
/** How far back a copy is known. */
const REACH_DAYS = 30;

const greater = binary('>');
const COLUMNS = Object.keys(LAKE_TABLES.events.columns);
/** What a line itself says. */
const OWN_COLUMNS = COLUMNS.filter((name) => name !== 'dup' && name !== 'again');

/** Lines of the landing objects that may have arrived on the day. */
const landed = (day: UtcDate): Select =>
  select({
    columns: {
      line: column('l', 'line'),
      j: call('try', call('json_parse', column('l', 'line'))),
    },
    from: table('enriched_lines', 'l'),
    where: and(
      atLeast(column('l', 'dt'), literal(daysAfter(day, -LANDING_DAYS_BEFORE))),
      atMost(column('l', 'dt'), literal(daysAfter(day, LANDING_DAYS_AFTER))),
      // Before anything is parsed: it stands in no line that arrived on another day but by chance.
      greater(call('strpos', column('l', 'line'), literal(`"${day}T`)), whole(0)),
    ),
  });

/** Members of a line, each taken out once. */
const MEMBERS = {
  ...{ stream: 'at.stream', shard: 'at.shard', digits: 'at.sequence', place: 'at.index' },
  ...{ arrived: 'arrivedAt', stub: 'stub', partition_key: 'partitionKey', tenant: 'tenant' },
  ...{ user_id: 'userId', anonymous_id: 'anonymousId', event_id: 'eventId', kind: 'kind' },
  ...{ name: 'name', happened: 'timestamp', lookups: 'lookups', order_id: 'commerce.orderId' },
  ...{ orders: 'commerce.orders', revenue: 'commerce.revenueMicros' },
} as const;

const taken = (day: UtcDate): Select =>
  select({
    columns: {
      line: column('p', 'line'),
      ...Object.fromEntries(
        Object.entries(MEMBERS).map(([name, path]) => [name, scalarAt(column('p', 'j'), path)]),
      ),
    },
    from: query(landed(day), 'p'),
  });

const said = (name: keyof typeof MEMBERS): Expression => column('x', name);

/** The line's key, in the order of keys. */
const lineKey = joined(
  said('stream'),
  literal('/'),
  said('shard'),
  literal('/'),
  call('lpad', said('digits'), whole(56), literal('0')),
  literal('/'),
  call('lpad', said('place'), whole(5), literal('0')),
);

const hasKey = and(
  matchesOf(said('stream'), '^[0-9a-f]{8}$'),
  matchesOf(said('shard'), '^shardId-[0-9]{12}$'),
  matchesOf(said('digits'), '^[0-9]{1,56}$'),
  matchesOf(said('place'), '^[0-9]{1,5}$'),
  isInstant(said('arrived')),
);

const isStub = call('coalesce', equal(said('stub'), literal('1')), literal(false));

/** A stub names its owner by its partition key alone. */
const owner = (): { readonly tenant: Expression; readonly user: Expression } => {
  const key = said('partition_key');
  const hash = call('strpos', key, literal('#'));
  const before = call('substr', key, whole(1), minus(hash, whole(1)));
  const after = call('substr', key, plus(hash, whole(1)));
  const hasOwner = and(isStub, greater(hash, whole(1)));
  const user = call('coalesce', said('user_id'), said('anonymous_id'));
  return {
    tenant: choose([[hasOwner, before]], said('tenant')),
    user: choose([[hasOwner, after]], user),
  };
};

/** An order counts once by its name and id; what adds no order, a refund, counts each time. */
const orderKey = choose([
  [
    and(
      isNotNull(said('order_id')),
      unequal(call('coalesce', integerIn(said('orders')), whole(0)), whole(0)),
    ),
    joined(said('name'), call('chr', whole(10)), said('order_id')),
  ],
]);

const happened = instantIn(said('happened'));

/** A line that is no event has an owner and a place, and counts nowhere. */
const isNoEvent = or(
  isStub,
  ...[said('event_id'), said('kind'), said('name'), happened].map(isNull),
);

/** What the lines say, by the names of the table's columns. */
const readLines = (day: UtcDate): Select => {
  const { tenant, user } = owner();
  return select({
    columns: {
      tenant,
      profile_key: user,
      line_key: lineKey,
      arrival_day: literal(day),
      arrived_at: said('arrived'),
      stub: isNoEvent,
      lookups: call('coalesce', integerIn(said('lookups')), whole(0)),
      event_id: said('event_id'),
      kind: said('kind'),
      name: said('name'),
      happened_at: happened,
      event_day: call('substr', said('happened'), whole(1), whole(10)),
      order_key: orderKey,
      orders: integerIn(said('orders')),
      revenue_micros: integerIn(said('revenue')),
      line: column('x', 'line'),
    },
    from: query(taken(day), 'x'),
    where: and(hasKey, equal(call('substr', said('arrived'), whole(1), whole(10)), literal(day))),
  });
};

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
