/** A day of a table made anew as a whole: run again it changes nothing, and what is no longer is gone. */
import {
  and,
  call,
  column,
  columnsOf,
  distinctFrom,
  equal,
  isNull,
  literal,
  not,
  or,
  query,
  select,
  table,
} from '../query/build.ts';
import type { Select, Statement } from '../query/tree.ts';
import type { UtcDate } from './days.ts';
import type { LakeTableName } from './tables.ts';
import { sameKey } from './user-day.ts';

export interface ReplacedDay {
  readonly into: LakeTableName;
  readonly day: UtcDate;
  /** One row each; `arrival_day` is not among them. */
  readonly key: readonly string[];
  readonly held: readonly string[];
  /** Rows of key and held. */
  readonly fresh: Select;
}

export const replaceDay = ({ into, day, key, held, fresh }: ReplacedDay): Statement => {
  const isOfDay = (of: string) => equal(column(of, 'arrival_day'), literal(day));
  const old = select({ columns: columnsOf('h', key), from: table(into, 'h'), where: isOfDay('h') });
  const [first = ''] = key;
  const using = select({
    columns: {
      ...Object.fromEntries(
        key.map((name) => [name, call('coalesce', column('f', name), column('o', name))]),
      ),
      ...columnsOf('f', held),
      gone: isNull(column('f', first)),
    },
    from: query(fresh, 'f'),
    joins: [{ kind: 'full', source: query(old, 'o'), on: sameKey('f', 'o', key) }],
  });
  const assigned = (names: readonly string[]) =>
    names.map((name) => ({ column: name, to: column('s', name) }));
  const gone = column('s', 'gone');
  return {
    kind: 'merge',
    into,
    as: 't',
    using,
    usingAs: 's',
    on: and(isOfDay('t'), sameKey('t', 's', key)),
    clauses: [
      { kind: 'delete', and: gone },
      {
        kind: 'update',
        and: or(...held.map((name) => distinctFrom(column('t', name), column('s', name)))),
        set: assigned(held),
      },
      {
        kind: 'insert',
        and: not(gone),
        values: [...assigned(key), { column: 'arrival_day', to: literal(day) }, ...assigned(held)],
      },
    ],
  };
};
