/** Lines of the landing objects, read into columns: a line is taken by the day of its arrival. */
import {
  and,
  atLeast,
  atMost,
  binary,
  call,
  choose,
  column,
  columnsOf,
  equal,
  isNotNull,
  isNull,
  joined,
  literal,
  minus,
  or,
  plus,
  query,
  select,
  table,
  unequal,
  whole,
} from '../query/build.ts';
import type { Expression, Select } from '../query/tree.ts';
import { daysAfter, type UtcDate } from './days.ts';
import { instantIn, integerIn, isInstant, matchesOf, scalarAt } from './json-fields.ts';

/** An object is named by the oldest line in it, and its newest may be of the next day. */
const LANDING_DAYS_BEFORE = 1;
/** What was kept for 72 hours lands at last on the fourth day. */
const LANDING_DAYS_AFTER = 4;
const greater = binary('>');

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

/** Members of a line, each taken out once: of the line, of where it stands, of its order. */
const MEMBERS = {
  j: {
    ...{ arrived: 'arrivedAt', stub: 'stub', tenant: 'tenant', event_id: 'eventId' },
    ...{ kind: 'kind', name: 'name', happened: 'timestamp', lookups: 'lookups' },
  },
  spot: { stream: 'stream', shard: 'shard', digits: 'sequence', place: 'index' },
  bought: { order_id: 'orderId', orders: 'orders', revenue: 'revenueMicros' },
} as const;

type Member =
  | { [K in keyof typeof MEMBERS]: keyof (typeof MEMBERS)[K] }[keyof typeof MEMBERS]
  | 'user_id'
  | 'partition_key';

const taken = (day: UtcDate): Select => {
  const json = column('l', 'j');
  const parts = select({
    columns: {
      ...columnsOf('l', ['line', 'j']),
      spot: call('json_extract', json, literal('$.at')),
      bought: call('json_extract', json, literal('$.commerce')),
    },
    from: query(landed(day), 'l'),
  });
  const members = Object.entries(MEMBERS).flatMap(([from, paths]) =>
    Object.entries(paths).map(([name, path]) => [name, scalarAt(column('p', from), path)] as const),
  );
  const of = (path: string): Expression => scalarAt(column('p', 'j'), path);
  return select({
    columns: {
      line: column('p', 'line'),
      ...Object.fromEntries(members),
      user_id: call('coalesce', of('userId'), of('anonymousId')),
      // Of a stub alone.
      partition_key: choose([[isNotNull(of('stub')), of('partitionKey')]]),
    },
    from: query(parts, 'p'),
  });
};

const said = (name: Member): Expression => column('x', name);

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
  return {
    tenant: choose([[hasOwner, before]], said('tenant')),
    user: choose([[hasOwner, after]], said('user_id')),
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
export const readLines = (day: UtcDate): Select => {
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
