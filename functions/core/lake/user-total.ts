/**
 * `user_total`: `user_day` summed over days of arrival, ascending. A row knows through which day it
 * is summed, so that a day added twice adds nothing.
 */
import {
  and,
  below,
  column,
  columnsOf,
  equal,
  isIn,
  literal,
  not,
  nothing,
  or,
  select,
  table,
  unequal,
} from '../query/build.ts';
import type { Expression, Statement } from '../query/tree.ts';
import type { LakeTag } from '../tags/compile.ts';
import { daysAfter, type UtcDate } from './days.ts';
import { HELD, HELD_TYPES, mergedPair, mergeGroups, PLACE } from './merging.ts';
import { sameKey } from './user-day.ts';

/**
 * Days that a row outlives its tag's window: a run that comes after an outage of so many days still
 * finds whom a day has left.
 */
const KEPT_DAYS = 60;

/** Rows whose event day no window will reach again. */
const isOver = (of: string, day: UtcDate, tags: readonly LakeTag[]): Expression =>
  or(
    ...tags.flatMap(({ version, windowDays }) =>
      windowDays === undefined
        ? []
        : [
            and(
              equal(column(of, 'version'), literal(version)),
              unequal(column(of, 'event_day'), literal('')),
              below(column(of, 'event_day'), literal(daysAfter(day, -windowDays - KEPT_DAYS))),
            ),
          ],
    ),
  );

export const userTotal = (day: UtcDate, tags: readonly LakeTag[]): Statement => {
  const groups = mergeGroups(tags);
  const versions = tags.map(({ version }) => version);
  const added = select({
    columns: {
      ...columnsOf('d', [...PLACE, 'arrival_day', ...HELD]),
      gone: literal(false),
    },
    from: table('user_day', 'd'),
    where: and(
      equal(column('d', 'arrival_day'), literal(day)),
      isIn(column('d', 'version'), versions),
      not(isOver('d', day, tags)),
    ),
  });
  const gone = select({
    columns: {
      ...columnsOf('o', PLACE),
      arrival_day: literal(day),
      ...Object.fromEntries(HELD.map((name) => [name, nothing(HELD_TYPES[name])])),
      gone: literal(true),
    },
    from: table('user_total', 'o'),
    where: isOver('o', day, tags),
  });
  const merged = mergedPair('t', 's', groups);
  return {
    kind: 'merge',
    into: 'user_total',
    as: 't',
    using: { kind: 'union', of: tags.some((tag) => tag.windowDays) ? [added, gone] : [added] },
    usingAs: 's',
    on: sameKey('t', 's', PLACE),
    clauses: [
      { kind: 'delete', and: column('s', 'gone') },
      {
        kind: 'update',
        and: below(column('t', 'through'), column('s', 'arrival_day')),
        set: [
          ...HELD.map((name) => ({ column: name, to: merged[name] })),
          { column: 'through', to: column('s', 'arrival_day') },
        ],
      },
      {
        kind: 'insert',
        and: not(column('s', 'gone')),
        values: [
          ...[...PLACE, ...HELD].map((name) => ({ column: name, to: column('s', name) })),
          { column: 'through', to: column('s', 'arrival_day') },
        ],
      },
    ],
  };
};
