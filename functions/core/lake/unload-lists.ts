/**
 * What is loaded of items: a line each, with who goes with it. Co-visitation is by the cut, because
 * the stream adds what came since; what no stream keeps takes all that is there.
 */
import {
  above,
  aggregate,
  and,
  atLeast,
  atMost,
  below,
  call,
  cast,
  choose,
  column,
  columnsOf,
  double,
  equal,
  falling,
  isNotNull,
  joined,
  literal,
  minus,
  over,
  plus,
  query,
  rising,
  select,
  table,
  times,
  unequal,
  whole,
} from '../query/build.ts';
import type { Aggregate, Expression, Select, Statement } from '../query/tree.ts';
import { AMOUNT_UNIT, PAIR_HALF_LIFE_DAYS, POSITIVE_WEIGHTS } from '../recommend/learning.ts';
import { NEIGHBOURS_MAX } from '../recommend/lists.ts';
import { days } from '../time.ts';
import { daysAfter } from './days.ts';
import type { RunWindow } from './run-window.ts';

/** Of arrival; what is older weighs less than an eighth. */
export const LIST_DAYS = 90;
/** Of a user, the newest: what who looks at everything has in common says little, and costs squares. */
const USER_ITEMS_MAX = 500;
const COMMON_USERS_MIN = 2;
/** Few users are no evidence. */
const SHRINK = 20;
/** Fewer gaps have no median worth a name. */
const GAPS_MIN = 20;

const OWNER = ['tenant', 'profile_key'] as const;
const ROW = ['tenant', 'item', 'other', 'kind', 'weight'] as const;
const all = (of: string, names: readonly string[]) => names.map((name) => column(of, name));

const midnight = (day: Expression): Expression =>
  cast(joined(day, literal(' 00:00:00.000')), 'timestamp(3)');

const pairs = (run: RunWindow): Select => {
  const day = column('p', 'arrival_day');
  const last = daysAfter(run.cut, -1);
  const age = cast(
    call('date_diff', literal('day'), midnight(day), midnight(literal(last))),
    'double',
  );
  const share = call('power', double(2), over(times(age, double(-1)), double(PAIR_HALF_LIFE_DAYS)));
  const units = over(cast(column('p', 'amount'), 'double'), double(AMOUNT_UNIT));
  return select({
    columns: {
      tenant: column('p', 'tenant'),
      item: column('p', 'src'),
      other: column('p', 'dst'),
      kind: choose([[equal(column('p', 'dst'), literal('')), literal('count')]], literal('pair')),
      weight: aggregate('sum', times(units, share)),
    },
    from: table('pairs_day', 'p'),
    where: and(atLeast(day, literal(daysAfter(run.cut, -LIST_DAYS))), below(day, literal(run.cut))),
    groupBy: all('p', ['tenant', 'src', 'dst']),
  });
};

const recent = (of: string, { today }: RunWindow): Expression =>
  and(
    above(column(of, 'arrival_day'), literal(daysAfter(today, -LIST_DAYS))),
    atMost(column(of, 'arrival_day'), literal(today)),
  );

/** A user a row, with the newest of its items. */
const had = (run: RunWindow): Select => {
  const newest = select({
    columns: {
      ...columnsOf('p', [...OWNER, 'item']),
      newest: aggregate('max', column('p', 'arrived_at')),
    },
    from: table('positives', 'p'),
    where: recent('p', run),
    groupBy: all('p', [...OWNER, 'item']),
  });
  const placed = select({
    columns: {
      ...columnsOf('n', [...OWNER, 'item']),
      place: {
        kind: 'window',
        of: { kind: 'rowNumber' },
        partition: all('n', OWNER),
        order: [falling(column('n', 'newest')), rising(column('n', 'item'))],
      },
    },
    from: query(newest, 'n'),
  });
  return select({
    columns: { ...columnsOf('u', OWNER), items: aggregate('array_agg', column('u', 'item')) },
    from: query(placed, 'u'),
    where: atMost(column('u', 'place'), whole(USER_ITEMS_MAX)),
    groupBy: all('u', OWNER),
  });
};

/** Each item with each of a user's, itself too: how many users it has. All in one reading. */
const common = (run: RunWindow): Select => {
  const items = column('h', 'items');
  return select({
    columns: {
      tenant: column('h', 'tenant'),
      item: column('a', 'item'),
      other: column('b', 'other'),
      common: aggregate('count'),
    },
    from: query(had(run), 'h'),
    joins: [
      { kind: 'unnest', of: items, as: 'a', column: 'item' },
      { kind: 'unnest', of: items, as: 'b', column: 'other' },
    ],
    groupBy: [column('h', 'tenant'), column('a', 'item'), column('b', 'other')],
    having: atLeast(aggregate('count'), whole(COMMON_USERS_MIN)),
  });
};

const similar = (run: RunWindow): Select => {
  const isItself = equal(column('c', 'item'), column('c', 'other'));
  const usersOf = (name: 'item' | 'other'): Expression => ({
    kind: 'window',
    of: aggregate('max', choose([[isItself, column('c', 'common')]])),
    partition: all('c', ['tenant', name]),
    order: [],
  });
  const counted = select({
    columns: {
      ...columnsOf('c', ['tenant', 'item', 'other', 'common']),
      item_users: usersOf('item'),
      other_users: usersOf('other'),
    },
    from: query(common(run), 'c'),
  });
  const users = (name: string): Expression => cast(column('d', name), 'double');
  const mean = call('sqrt', times(users('item_users'), users('other_users')));
  return select({
    columns: {
      ...columnsOf('d', ['tenant', 'item', 'other']),
      kind: literal('like'),
      weight: over(users('common'), call('nullif', plus(mean, double(SHRINK)), double(0))),
    },
    from: query(counted, 'd'),
    where: unequal(column('d', 'item'), column('d', 'other')),
  });
};

/** Between two purchases of an item by one user, the median of all users. */
const gaps = (run: RunWindow): Select => {
  const bought = select({
    columns: {
      ...columnsOf('b', ['tenant', 'item', 'arrived_at']),
      before_at: {
        kind: 'window',
        of: { kind: 'lag', of: column('b', 'arrived_at') },
        partition: all('b', [...OWNER, 'item']),
        order: [rising(column('b', 'arrived_at'))],
      },
    },
    from: table('positives', 'b'),
    where: and(
      equal(column('b', 'weight'), whole(POSITIVE_WEIGHTS['Order Completed'] ?? 0)),
      recent('b', run),
    ),
  });
  const known = select({
    columns: {
      ...columnsOf('g', ['tenant', 'item']),
      gap: minus(column('g', 'arrived_at'), column('g', 'before_at')),
    },
    from: query(bought, 'g'),
    where: isNotNull(column('g', 'before_at')),
  });
  const partition = all('k', ['tenant', 'item']);
  const placed = select({
    columns: {
      ...columnsOf('k', ['tenant', 'item', 'gap']),
      place: {
        kind: 'window',
        of: { kind: 'rowNumber' },
        partition,
        order: [rising(column('k', 'gap'))],
      },
      gaps: { kind: 'window', of: aggregate('count'), partition, order: [] },
    },
    from: query(known, 'k'),
  });
  const twice = times(column('m', 'place'), whole(2));
  return select({
    columns: {
      ...columnsOf('m', ['tenant', 'item']),
      other: literal(''),
      kind: literal('gap'),
      weight: over(cast(column('m', 'gap'), 'double'), double(days(1))),
    },
    from: query(placed, 'm'),
    where: and(
      atLeast(column('m', 'gaps'), whole(GAPS_MIN)),
      above(twice, column('m', 'gaps')),
      atMost(twice, plus(column('m', 'gaps'), whole(2))),
    ),
  });
};

const ranked = (run: RunWindow): Select =>
  select({
    columns: {
      ...columnsOf('r', ROW),
      place: {
        kind: 'window',
        of: { kind: 'rowNumber' },
        partition: all('r', ['tenant', 'item', 'kind']),
        order: [falling(column('r', 'weight')), rising(column('r', 'other'))],
      },
    },
    from: query({ kind: 'union', of: [pairs(run), similar(run), gaps(run)] }, 'r'),
  });

const listOf = (kind: string): Aggregate => ({
  ...aggregate('array_agg', {
    kind: 'row',
    fields: [
      { name: 'item', type: 'varchar', of: column('k', 'other') },
      { name: 'weight', type: 'double', of: column('k', 'weight') },
    ],
  }),
  filter: equal(column('k', 'kind'), literal(kind)),
  order: [rising(column('k', 'place'))],
});

const only = (kind: string): Aggregate => ({
  ...aggregate('max', column('k', 'weight')),
  filter: equal(column('k', 'kind'), literal(kind)),
});

/** Beside the folder of the run's tags, which is listed by its whole name. */
export const listsPartition = ({ runId, attempt }: Pick<RunWindow, 'runId' | 'attempt'>): string =>
  `${runId}/lists-${attempt}`;

export const unloadLists = (run: RunWindow, bucket: string): Statement => ({
  kind: 'unload',
  to: `s3://${bucket}/nightly/${listsPartition(run)}/`,
  query: select({
    columns: {
      ...columnsOf('k', ['tenant', 'item']),
      events: only('count'),
      gap_days: only('gap'),
      pairs: listOf('pair'),
      similar: listOf('like'),
    },
    from: query(ranked(run), 'k'),
    where: atMost(column('k', 'place'), whole(NEIGHBOURS_MAX)),
    groupBy: all('k', ['tenant', 'item']),
  }),
});

/** Whose lists there are: each tenant has a pointer of its own. */
export const listedTenants = (run: RunWindow): Statement => ({
  kind: 'query',
  query: select({
    columns: columnsOf('p', ['tenant']),
    from: table('positives', 'p'),
    where: recent('p', run),
    groupBy: [column('p', 'tenant')],
  }),
});
