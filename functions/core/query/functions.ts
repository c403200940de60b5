/**
 * The functions of values that the printer may print. Each gives the same on Trino 368 and 476, and
 * so on Athena, which lies between them, and on DuckDB; to add one is to have seen that it does.
 */
export const FUNCTION_NAMES = [
  'abs',
  'array_distinct',
  'cardinality',
  'chr',
  'coalesce',
  'date_diff',
  'element_at',
  'filter',
  'greatest',
  'json_array_contains',
  'json_extract',
  'json_extract_scalar',
  'json_parse',
  'least',
  'length',
  'log2',
  'lpad',
  'md5',
  'nullif',
  'power',
  'regexp_like',
  'round',
  'rpad',
  'sequence',
  'sha256',
  'split',
  'sqrt',
  'strpos',
  'substr',
  'to_hex',
  'to_utf8',
  'transform',
  'try',
] as const;

export type FunctionName = (typeof FUNCTION_NAMES)[number];
