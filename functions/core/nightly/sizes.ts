/** What the statement `guard` answers, as sizes: a row a measure, and one for each version's total. */
import { invariant } from '../invariant.ts';
import type { RunSizes } from './run.ts';

type SizeRow = Readonly<Record<string, string | null>>;

const WHOLE = /^-?\d+$/;

const wholeIn = ({ amount }: SizeRow): string => {
  const text = amount ?? '0';
  invariant(WHOLE.test(text), 'a size is a whole number');
  return text;
};

export const readSizes = (rows: readonly SizeRow[]): RunSizes => {
  const countOf = (name: string): number => {
    const row = rows.find(({ measure }) => measure === name);
    invariant(row !== undefined, `the guard's statement counts ${name}`);
    return Number(wholeIn(row));
  };
  const totals = rows
    .filter(({ measure }) => measure === 'total')
    .map((row) => [row.version ?? '', wholeIn(row)] as const);
  return { rows: countOf('rows'), users: countOf('users'), totals: Object.fromEntries(totals) };
};
