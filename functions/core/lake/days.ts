import { invariant } from '../invariant.ts';
import { fromRfc3339, toUtcDate, utcDayOf } from '../time.ts';

/** `2026-11-21` */
export type UtcDate = string;

const DATE = /^\d{4}-\d{2}-\d{2}$/;

export const daysAfter = (date: UtcDate, days: number): UtcDate => {
  const at = DATE.test(date) ? fromRfc3339(date) : undefined;
  invariant(at !== undefined, 'a day is written YYYY-MM-DD');
  return toUtcDate(utcDayOf(at) + days);
};
