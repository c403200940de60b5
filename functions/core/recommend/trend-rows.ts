/** Where trends are kept: a row for each scope, and one that says how far they have come. */
import { MINUTE_ROWS_KEPT_SECONDS } from '../analytics/tally-rows.ts';
import { days } from '../time.ts';

/** After it a popular item is worth a twentieth. */
const SCOPE_KEPT_SECONDS = days(30) / 1_000;

/** Of a scope's row, by its newest minute: epoch seconds. */
export const scopeTtl = (through: number): number => (through + 1) * 60 + SCOPE_KEPT_SECONDS;

/** Of a tick: of minutes that are gone there is nothing to merge. */
export const tickTtl = (through: number): number => (through + 1) * 60 + MINUTE_ROWS_KEPT_SECONDS;
