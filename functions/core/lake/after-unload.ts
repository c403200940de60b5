/** What is asked of the very lines that a run has unloaded: how many, what of them, and how far off. */
import {
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
  equal,
  isIn,
  joined,
  list,
  literal,
  minus,
  or,
  plus,
  query,
  rising,
  select,
  table,
  whole,
} from '../query/build.ts';
import type { Expression, Select, Statement } from '../query/tree.ts';
import { AMOUNT_MAX } from '../tags/amount.ts';
import type { LakeTag } from '../tags/compile.ts';
import { daysAfter } from './days.ts';
import { integerIn, scalarAt } from './json-fields.ts';
import type { RunWindow } from './run-window.ts';
import { runPartition, UNTOTALLED_DAYS } from './unload-tags.ts';
import { sameKey } from './user-day.ts';

const WIDE = 'decimal(38, 0)';
const OWNER = ['tenant', 'profile_key'] as const;

/** A user a line; an object that was unloaded twice by two attempts is in two folders. */
const lines = (run: RunWindow): Select =>
  select({
    columns: { j: call('try', call('json_parse', column('l', 'line'))) },
    from: table('run_lines', 'l'),
    where: equal(column('l', 'run'), literal(runPartition(run))),
  });

const users = (run: RunWindow): Select =>
  select({
    columns: {
      tenant: scalarAt(column('j', 'j'), 'tenant'),
      profile_key: scalarAt(column('j', 'j'), 'profile_key'),
      tiles: call(
        'coalesce',
        call(
          'try',
          cast(call('json_extract', column('j', 'j'), literal('$.tiles')), 'array(json)'),
        ),
        call('filter', list(column('j', 'j')), {
          kind: 'lambda',
          parameter: 'x',
          body: literal(false),
        }),
      ),
    },
    from: query(lines(run), 'j'),
  });

/** Each tile of a user, and each version once more with nothing: what a user no longer has is 0. */
const amounts = (run: RunWindow): Select => {
  const { versions } = run;
  const tiles = column('u', 'tiles');
  const n = column('p', 'n');
  const count = call('cardinality', tiles);
  const isTile: Expression = { kind: 'binary', op: '<=', left: n, right: count };
  const element = call('element_at', tiles, n);
  const names = list(...(versions.length > 0 ? versions : ['']).map((each) => literal(each)));
  const version = call('element_at', names, minus(n, count));
  return select({
    columns: {
      ...columnsOf('u', OWNER),
      version: choose(
        [[isTile, call('json_extract_scalar', element, literal('$.version'))]],
        version,
      ),
      amount: choose([
        [isTile, integerIn(call('json_extract_scalar', element, literal('$.amount')))],
      ]),
    },
    from: query(users(run), 'u'),
    joins: [
      {
        kind: 'unnest',
        of: call('sequence', whole(1), plus(count, whole(Math.max(1, versions.length)))),
        as: 'p',
        column: 'n',
      },
    ],
  });
};

const bounded = (sum: Expression): Expression => {
  const bound = (sign: 1n | -1n): Expression => cast(literal(sign * BigInt(AMOUNT_MAX)), WIDE);
  return cast(call('greatest', call('least', sum, bound(1n)), bound(-1n)), 'bigint');
};

/** What is loaded of each user: a row per user and version, of the newest run. */
export const markLoaded = (run: RunWindow): Statement => {
  const key = [...OWNER, 'version'] as const;
  const using = select({
    columns: {
      ...columnsOf('a', key),
      amount: bounded(
        call('coalesce', aggregate('sum', cast(column('a', 'amount'), WIDE)), cast(whole(0), WIDE)),
      ),
      cut: literal(run.cut),
      run_id: literal(run.runId),
    },
    from: query(amounts(run), 'a'),
    where: isIn(column('a', 'version'), run.versions),
    groupBy: key.map((name) => column('a', name)),
  });
  const held = ['amount', 'cut', 'run_id'].map((name) => ({
    column: name,
    to: column('s', name),
  }));
  return {
    kind: 'merge',
    into: 'tags_loaded',
    as: 't',
    using,
    usingAs: 's',
    on: sameKey('t', 's', key),
    clauses: [
      { kind: 'update', and: below(column('t', 'run_id'), column('s', 'run_id')), set: held },
      {
        kind: 'insert',
        and: undefined,
        values: [...key.map((name) => ({ column: name, to: column('s', name) })), ...held],
      },
    ],
  };
};

const dayRows = (run: RunWindow, from: string, of: string): Expression =>
  and(
    atLeast(column(of, 'arrival_day'), literal(from)),
    below(column(of, 'arrival_day'), literal(run.cut)),
  );

const size = (measure: string, amount: Expression, from: Select): Select =>
  select({
    columns: { measure: literal(measure), version: literal(''), amount },
    from: query(from, 'x'),
  });

const asText = (count: Expression): Expression => cast(count, 'varchar');

/**
 * Sizes that the guard compares with earlier nights. A total is of a lifetime, for a window's falls
 * by time alone; it is of what `user_total` has, which only grows.
 */
export const sizes = (run: RunWindow, tags: readonly LakeTag[]): Statement => {
  const summed = tags
    .filter(({ definition: { measure }, windowDays }) => {
      return windowDays === undefined && (measure.op === 'count' || measure.op === 'sum');
    })
    .map(({ version }) => version);
  const owned = select({
    columns: columnsOf('y', OWNER),
    from: query(
      {
        kind: 'union',
        of: [
          select({ columns: columnsOf('t', OWNER), from: table('user_total', 't') }),
          select({
            columns: columnsOf('d', OWNER),
            from: table('user_day', 'd'),
            where: dayRows(run, daysAfter(run.cut, 1 - UNTOTALLED_DAYS), 'd'),
          }),
        ],
      },
      'y',
    ),
    groupBy: OWNER.map((name) => column('y', name)),
  });
  const total = select({
    columns: {
      measure: literal('total'),
      version: column('t', 'version'),
      amount: asText(aggregate('sum', cast(column('t', 'amount'), WIDE))),
    },
    from: table('user_total', 't'),
    where: isIn(column('t', 'version'), summed),
    groupBy: [column('t', 'version')],
  });
  const count = asText(aggregate('count'));
  return {
    kind: 'query',
    query: {
      kind: 'union',
      of: [size('rows', count, lines(run)), size('users', count, owned), total],
    },
  };
};

/** Users whose profiles are compared: all up to so many, then as their hashes fall. */
const COMPARED_USERS_MAX = 10_000;
/** Days of arrival that a profile keeps apart. */
const DRIFT_DAYS = 7;

const compared = (run: RunWindow): Select => {
  const hash = call(
    'to_hex',
    call(
      'md5',
      call('to_utf8', joined(column('u', 'tenant'), literal('#'), column('u', 'profile_key'))),
    ),
  );
  const placed = select({
    columns: {
      ...columnsOf('u', OWNER),
      place: {
        kind: 'window',
        of: { kind: 'rowNumber' },
        partition: [],
        order: [rising(hash), rising(column('u', 'tenant')), rising(column('u', 'profile_key'))],
      },
    },
    from: query(users(run), 'u'),
  });
  return select({
    columns: columnsOf('p', OWNER),
    from: query(placed, 'p'),
    where: atMost(column('p', 'place'), whole(COMPARED_USERS_MAX)),
  });
};

/** What the lake has of the last days of arrival before the cut, for the stream to be compared with. */
export const drift = (run: RunWindow, tags: readonly LakeTag[]): Statement => {
  const added = tags.filter(({ definition: { source, measure } }) => {
    return source === 'both' && (measure.op === 'count' || measure.op === 'sum');
  });
  const versions = added.map(({ version }) => version);
  const inWindow = or(
    ...added.map(({ version, windowDays }) =>
      and(
        equal(column('d', 'version'), literal(version)),
        ...(windowDays === undefined
          ? []
          : [atLeast(column('d', 'event_day'), literal(daysAfter(run.today, 1 - windowDays)))]),
      ),
    ),
  );
  const made = select({
    columns: columnsOf('d', [...OWNER, 'version', 'amount']),
    from: table('user_day', 'd'),
    where: and(dayRows(run, daysAfter(run.cut, -DRIFT_DAYS), 'd'), inWindow),
  });
  const names = list(...(versions.length > 0 ? versions : ['']).map((each) => literal(each)));
  const key = [...OWNER, 'version'] as const;
  const wanted = select({
    columns: { ...columnsOf('c', OWNER), version: column('v', 'version') },
    from: query(compared(run), 'c'),
    joins: [{ kind: 'unnest', of: names, as: 'v', column: 'version' }],
    where: isIn(column('v', 'version'), versions),
  });
  const sum = call(
    'coalesce',
    aggregate('sum', cast(column('m', 'amount'), WIDE)),
    cast(whole(0), WIDE),
  );
  return {
    kind: 'query',
    query: select({
      columns: { ...columnsOf('w', key), amount: asText(sum) },
      from: query(wanted, 'w'),
      joins: [{ kind: 'left', source: query(made, 'm'), on: sameKey('w', 'm', key) }],
      groupBy: key.map((name) => column('w', name)),
      order: OWNER.map((name) => rising(column('w', name))),
    }),
  };
};
