/** Types: Glue's and Iceberg's to DuckDB's, DuckDB's to what Athena answers. */
import type { DuckDBType } from '@duckdb/node-api';

const DUCK_TYPES: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  varchar: 'VARCHAR',
  bigint: 'BIGINT',
  long: 'BIGINT',
  int: 'INTEGER',
  integer: 'INTEGER',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
};

export const duckTypeOf = (type: string): string => {
  const known = DUCK_TYPES[type.toLowerCase()];
  if (known === undefined) {
    throw new Error(
      `a column of type ${type}: the local lake has ${Object.keys(DUCK_TYPES).join(', ')}`,
    );
  }
  return known;
};

const ATHENA_TYPES: readonly (readonly [pattern: RegExp, type: string])[] = [
  [/\[\]$/, 'array'],
  [/^STRUCT/, 'row'],
  [/^MAP/, 'map'],
  [/^(BIGINT|HUGEINT|UBIGINT|UHUGEINT)$/, 'bigint'],
  [/^(INTEGER|SMALLINT|TINYINT|UINTEGER|USMALLINT|UTINYINT)$/, 'integer'],
  [/^VARCHAR/, 'varchar'],
  [/^(DOUBLE|FLOAT)$/, 'double'],
  [/^BOOLEAN$/, 'boolean'],
  [/^DATE$/, 'date'],
  [/^TIMESTAMP WITH TIME ZONE$/, 'timestamp with time zone'],
  [/^TIMESTAMP/, 'timestamp'],
  [/^DECIMAL/, 'decimal'],
  [/^BLOB$/, 'varbinary'],
];

export interface ResultColumn {
  readonly name: string;
  readonly type: string;
  readonly precision: number;
  readonly scale: number;
}

const PRECISIONS: Readonly<Record<string, number>> = {
  bigint: 19,
  integer: 10,
  varchar: 2_147_483_647,
  double: 17,
  timestamp: 3,
};

export const resultColumn = (name: string, type: DuckDBType): ResultColumn => {
  const text = String(type);
  const found = ATHENA_TYPES.find(([pattern]) => pattern.test(text))?.[1] ?? 'varchar';
  const [, width, scale] = /^DECIMAL\((\d+),\s*(\d+)\)/.exec(text) ?? [];
  return {
    name: name.toLowerCase(),
    type: found,
    precision: Number(width ?? PRECISIONS[found] ?? 0),
    scale: Number(scale ?? 0),
  };
};
