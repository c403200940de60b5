import type { Origin } from '../core/event/event.ts';
import type { TimelineRow } from '../core/profile/timeline.ts';

/** Rows of what happened to a user, written beside the profile and never changed. */
export interface TimelineStore {
  /** Leaves a row alone that lies there already, unless it is past its time. */
  readonly putIfAbsent: (origin: Origin, row: TimelineRow) => Promise<'put' | 'was there'>;
}

export interface TimelinePlace {
  readonly key: string;
  /** Whether the row of this key is asked for too, or only what lies below it. */
  readonly inclusive: boolean;
}

export interface TimelinePage {
  /** Highest key first. A row past its time is absent, so a page may be short, or empty. */
  readonly rows: readonly TimelineRow[];
  /** Where to go on; undefined at the end. */
  readonly next: TimelinePlace | undefined;
}

/** Rows as they are now, eventually consistent: from the place downwards, else from the highest key. */
export interface TimelineReader {
  readonly read: (
    origin: Origin,
    from: TimelinePlace | undefined,
    rowsMax: number,
  ) => Promise<TimelinePage>;
}
