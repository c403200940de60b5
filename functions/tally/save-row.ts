import type { RowKey, RowWork, TallyRow } from '../core/analytics/tally-rows.ts';
import type { TallyStore } from '../ports/tally-store.ts';

/** A writer that loses five times in a row meets something that is no race. */
export const ATTEMPTS_MAX = 5;
/** Rows whose newest content one process remembers: the minutes and days of now. */
const ROWS_MAX = 32;

export class RowContention extends Error {
  override readonly name = 'RowContention';
  constructor() {
    super(`a row changed under us ${ATTEMPTS_MAX} times in a row`);
  }
}

const textOf = ({ pk, sk }: RowKey): string => `${pk}\n${sk}`;

/**
 * Adds to one row what it does not have yet. What is remembered of a row only saves reading it: a
 * memory that is stale loses the race, and the winner says what is new.
 */
export const rowSaver = (store: TallyStore) => {
  const known = new Map<string, TallyRow>();
  const remember = (text: string, row: TallyRow): void => {
    known.delete(text);
    known.set(text, row);
    const [oldest] = known.keys();
    if (known.size > ROWS_MAX && oldest !== undefined) known.delete(oldest);
  };

  return async (work: RowWork): Promise<'written' | 'known'> => {
    const text = textOf(work.key);
    let row = known.get(text) ?? (await store.load(work.key));
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const next = work.fold(row);
      if (next === undefined) return 'known';
      const saved = await store.save(work.key, next, row?.last);
      if (saved.kind === 'saved') {
        remember(text, next);
        return 'written';
      }
      row = saved.winner;
    }
    known.delete(text);
    throw new RowContention();
  };
};
