/** Aggregates over the arguments of the rows of a group, with Trino's meaning. */
import { compare, failed, missing, type Value } from './values.ts';

type Arguments = readonly (readonly Value[])[];

const firsts = (rows: Arguments): readonly Value[] =>
  rows.map(([first = null]) => first).filter((value) => value !== null);

const extreme = (rows: Arguments, sign: 1 | -1): Value =>
  firsts(rows).reduce<Value>(
    (best, value) => (best === null || sign * compare(value, best) > 0 ? value : best),
    null,
  );

/** Of rows whose second argument is there; of equal ones nobody promises which. */
const by = (rows: Arguments, sign: 1 | -1): Value => {
  let best: readonly Value[] | undefined;
  for (const row of rows) {
    const [, order = null] = row;
    if (order === null) continue;
    if (best === undefined || sign * compare(order, best[1] ?? null) > 0) best = row;
  }
  return best?.[0] ?? null;
};

const sum = (rows: Arguments): Value =>
  firsts(rows).reduce<Value>((all, value) => {
    if (all === null) return value;
    if (typeof all === 'bigint' && typeof value === 'bigint') return all + value;
    if (typeof all === 'number' && typeof value === 'number') return all + value;
    return failed('a sum of what is no number');
  }, null);

const AGGREGATES: Readonly<Record<string, (rows: Arguments) => Value>> = {
  count: (rows) => BigInt(rows.filter((row) => row.length === 0 || !row.includes(null)).length),
  sum,
  min: (rows) => extreme(rows, -1),
  max: (rows) => extreme(rows, 1),
  min_by: (rows) => by(rows, -1),
  max_by: (rows) => by(rows, 1),
  bool_or: (rows) => {
    const values = firsts(rows);
    return values.length === 0 ? null : values.includes(true);
  },
  array_agg: (rows) => (rows.length === 0 ? null : rows.map(([value = null]) => value)),
};

export const aggregated = (name: string, rows: Arguments): Value =>
  (AGGREGATES[name] ?? missing(`no aggregate: ${name}`))(rows);
