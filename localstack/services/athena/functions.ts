/**
 * The functions that mean the same on Athena and here, by Trino's name, and what each is called on
 * DuckDB. Those named `trino_…` are macros of macros.sql; polyglot, which knows no such names, leaves
 * them alone. A function that is not listed is refused: a wrong answer is worse than none.
 */

const SAME = [
  ...['count', 'sum', 'min', 'max', 'avg', 'bool_and', 'bool_or', 'every', 'array_agg'],
  ...['map_from_entries', 'histogram', 'listagg', 'stddev', 'variance', 'corr', 'covar_pop'],
  ...['row_number', 'rank', 'dense_rank', 'percent_rank', 'cume_dist', 'ntile', 'lag', 'lead'],
  ...['first_value', 'last_value', 'nth_value', 'grouping', 'geometric_mean'],
  ...['mod', 'abs', 'sign', 'power', 'sqrt', 'ln', 'log2', 'log10', 'exp', 'cbrt', 'floor'],
  ...['ceiling', 'round', 'truncate', 'extract', 'date_format', 'date_parse'],
  ...['concat_ws', 'length', 'lower', 'trim', 'position', 'starts_with', 'replace', 'translate'],
  ...['lpad', 'rpad', 'reverse', 'regexp_like', 'regexp_extract', 'regexp_replace', 'chr'],
  ...['strpos', 'split', 'coalesce', 'nullif', 'if', 'try', 'cast', 'try_cast'],
  ...['array_except', 'filter', 'map_keys', 'to_base64', 'from_base64'],
] as const;

const MACROS = [
  ...['concat', 'greatest', 'least', 'date_diff', 'date_add', 'date_trunc', 'date'],
  ...['year', 'quarter', 'month', 'day', 'hour', 'minute', 'second', 'day_of_week', 'week'],
  ...['year_of_week', 'millisecond', 'last_day_of_month', 'now', 'at_timezone'],
  ...['from_iso8601_timestamp', 'from_unixtime', 'to_unixtime'],
  ...['json_extract_scalar', 'json_extract', 'json_parse', 'json_array_length', 'json_size'],
  ...['json_array_contains', 'element_at', 'map_agg', 'bitwise_and', 'bitwise_or', 'bitwise_xor'],
  ...['regexp_extract_all', 'regexp_split', 'flatten', 'cardinality', 'array_distinct'],
  ...['array_union', 'array_intersect', 'array_position', 'contains', 'array_join', 'array_sort'],
  ...['sequence', 'slice', 'split_part', 'substr', 'to_utf8', 'from_utf8', 'to_hex', 'sha256'],
  ...['md5', 'nan', 'infinity'],
] as const;

/** Aggregates cannot hide in a macro, which takes no FILTER and no DISTINCT. */
const RENAMED = {
  arbitrary: 'any_value',
  max_by: 'arg_max_null',
  min_by: 'arg_min_null',
  transform: 'list_transform',
} as const;

const DUCK_NAMES: ReadonlyMap<string, string> = new Map([
  ...SAME.map((name) => [name, name] as const),
  ...MACROS.map((name) => [name, `trino_${name}`] as const),
  ...Object.entries(RENAMED),
]);

export const duckName = (trinoName: string): string | undefined =>
  DUCK_NAMES.get(trinoName.toLowerCase());

/** Words that stand before a parenthesis without being functions. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...['all', 'and', 'any', 'array', 'as', 'between', 'by', 'case', 'cube', 'distinct', 'else'],
  ...['except', 'exists', 'from', 'group', 'having', 'in', 'insert', 'intersect', 'into', 'is'],
  ...['join', 'lateral', 'like', 'limit', 'not', 'offset', 'on', 'or', 'over', 'row', 'rollup'],
  ...['select', 'set', 'sets', 'some', 'then', 'union', 'unload', 'unnest', 'using', 'values'],
  ...['when', 'where', 'with', 'within', 'recursive', 'order', 'table', 'returning', 'update'],
]);
