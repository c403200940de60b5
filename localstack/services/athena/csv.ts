/** The CSV that Athena leaves in the output location: every value in quotes, a null as nothing. */

export type Cell = string | null;

const field = (cell: Cell): string => (cell === null ? '' : `"${cell.replaceAll('"', '""')}"`);

export const writeCsv = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(field).join(',')}\n`).join('');

const FIELD = /(?:"((?:[^"]|"")*)")?(,|\n)/y;

export const readCsv = (text: string): readonly (readonly Cell[])[] => {
  const rows: Cell[][] = [];
  let row: Cell[] = [];
  FIELD.lastIndex = 0;
  for (let found = FIELD.exec(text); found !== null; found = FIELD.exec(text)) {
    const [, quoted, end] = found;
    row.push(quoted === undefined ? null : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
};
