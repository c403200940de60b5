/** `user_day`: what the events of days of arrival add to each tag, made anew as a whole. */
import {
  and,
  call,
  column,
  columnsOf,
  distinctFrom,
  equal,
  isIn,
  isNull,
  not,
  or,
  query,
  select,
  table,
} from '../query/build.ts';
import type { Expression, Select, Statement } from '../query/tree.ts';
import type { LakeTag } from '../tags/compile.ts';
import { contributions, type DayRange, inRange } from './contributions.ts';
import { greatestScore, HELD, mergedRows, mergeGroups, PLACE } from './merging.ts';

const KEY = [...PLACE, 'arrival_day'] as const;

const fresh = (range: DayRange, tags: readonly LakeTag[]): Select => {
  const groups = mergeGroups(tags);
  const scored = select({
    columns: {
      ...columnsOf('w', [...KEY, ...HELD]),
      greatest_score: greatestScore('w', groups, KEY),
    },
    from: query(contributions(range, tags), 'w'),
  });
  return select({
    columns: {
      ...columnsOf('g', KEY),
      ...mergedRows('g', groups, column('g', 'greatest_score')),
    },
    from: query(scored, 'g'),
    groupBy: KEY.map((name) => column('g', name)),
  });
};

export const sameKey = (left: string, right: string, names: readonly string[]): Expression =>
  and(...names.map((name) => equal(column(left, name), column(right, name))));

/** Rows that are there and would not be made again are gone: a line has become a copy. */
export const userDay = (range: DayRange, tags: readonly LakeTag[]): Statement => {
  const versions = tags.map(({ version }) => version);
  const old = select({
    columns: columnsOf('h', KEY),
    from: table('user_day', 'h'),
    where: and(inRange('h', range), isIn(column('h', 'version'), versions)),
  });
  const using = select({
    columns: {
      ...Object.fromEntries(
        KEY.map((name) => [name, call('coalesce', column('f', name), column('o', name))]),
      ),
      ...columnsOf('f', HELD),
      gone: isNull(column('f', 'tenant')),
    },
    from: query(fresh(range, tags), 'f'),
    joins: [{ kind: 'full', source: query(old, 'o'), on: sameKey('f', 'o', KEY) }],
  });
  const held = HELD.map((name) => ({ column: name, to: column('s', name) }));
  const keys = KEY.map((name) => ({ column: name, to: column('s', name) }));
  const gone = column('s', 'gone');
  return {
    kind: 'merge',
    into: 'user_day',
    as: 't',
    using,
    usingAs: 's',
    on: and(inRange('t', range), sameKey('t', 's', KEY)),
    clauses: [
      { kind: 'delete', and: gone },
      {
        kind: 'update',
        and: or(...HELD.map((name) => distinctFrom(column('t', name), column('s', name)))),
        set: held,
      },
      { kind: 'insert', and: not(gone), values: [...keys, ...held] },
    ],
  };
};
