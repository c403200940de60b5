/** Rows of a CSV file (RFC 4180): quoted fields may hold commas, quotes and line ends. */
import { ROWS_MAX } from '../act.ts';

const QUOTED = /"((?:[^"]|"")*)"|([^,]*)/y;

const fieldsOf = (record: string): readonly string[] => {
  if (!record.includes('"')) return record.split(',');
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    QUOTED.lastIndex = at;
    const match = QUOTED.exec(record);
    fields.push(match?.[1]?.replaceAll('""', '"') ?? match?.[2] ?? '');
    at = QUOTED.lastIndex;
    if (at >= record.length) return fields;
    if (record[at] !== ',') throw new Error(`a quote ends inside a field: ${record.slice(0, 80)}`);
    at += 1;
    if (at === record.length) return [...fields, ''];
  }
};

const quotesIn = (line: string): number => line.split('"').length - 1;

/** The first row is the head and gives the others their names. */
export function* csvRows(text: string): Generator<Readonly<Record<string, string>>> {
  let head: readonly string[] | undefined;
  let rows = 0;
  let open = '';
  for (const line of text.split('\n')) {
    const record = open + line;
    if (record.includes('"') && quotesIn(record) % 2 === 1) {
      open = `${record}\n`;
      continue;
    }
    open = '';
    const fields = fieldsOf(record.endsWith('\r') ? record.slice(0, -1) : record);
    if (fields.length === 1 && fields[0] === '') continue;
    if (head === undefined) {
      head = fields;
      continue;
    }
    rows += 1;
    if (rows > ROWS_MAX) throw new Error(`more than ${ROWS_MAX} rows`);
    yield Object.fromEntries(head.map((name, index) => [name, fields[index] ?? '']));
  }
  if (open !== '') throw new Error('the file ends inside quotes');
}

export const headOf = (text: string): readonly string[] =>
  fieldsOf((text.slice(0, 4_096).split('\n')[0] ?? '').trimEnd());
