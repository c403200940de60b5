/**
 * What a statement is said to read. A model: the sizes of the objects that its partitions hold, and of
 * an Iceberg table the rows of the partitions that the conditions allow times the mean bytes of a row.
 */
import type { IcebergTable } from './catalog.ts';
import type { Lake } from './lake.ts';
import { qualified } from './lake-tables.ts';
import { conditionsOn, type TableReference } from './references.ts';

/** A row's mean is taken of so many. */
const SAMPLE_ROWS_MAX = 1_000;

const numberOf = async (lake: Lake, sql: string): Promise<number> =>
  Number((await lake.runDuck(sql)).getRowsJS()[0]?.[0] ?? 0);

const rowsOf = async (
  lake: Lake,
  table: IcebergTable,
  reference: TableReference,
): Promise<number> => {
  const conditions = conditionsOn(reference, table.partitionedBy).map(({ text }) => `(${text})`);
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const from = `${qualified(table)} AS ${reference.alias}`;
  return numberOf(lake, lake.toDuck(`SELECT count(*) FROM ${from}${where}`));
};

export const rowBytesOf = (lake: Lake, table: IcebergTable): Promise<number> =>
  numberOf(
    lake,
    `SELECT avg(octet_length(encode(CAST(t AS VARCHAR)))) FROM (SELECT * FROM ${qualified(table)} LIMIT ${SAMPLE_ROWS_MAX}) AS t`,
  );

export const scannedBytesOf = async (
  lake: Lake,
  table: IcebergTable,
  references: readonly TableReference[],
): Promise<number> => {
  let rows = 0;
  for (const reference of references) rows += await rowsOf(lake, table, reference);
  return rows === 0 ? 0 : Math.round(rows * (await rowBytesOf(lake, table)));
};
