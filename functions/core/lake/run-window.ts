import type { UtcDate } from './days.ts';

/** What the statements of one run are about. */
export interface RunWindow {
  readonly runId: string;
  readonly attempt: number;
  /** Everything that arrived before this day is in the lake. */
  readonly cut: UtcDate;
  /** The cut of the last run that was loaded; null before the first. */
  readonly watermark: UtcDate | null;
  readonly today: UtcDate;
  /** Versions to load. */
  readonly versions: readonly string[];
  /** Every user who has a row, not only those who were touched. */
  readonly allUsers: boolean;
}
