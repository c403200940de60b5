import type { ShardFeed } from '../core/analytics/live-feed.ts';
import type { TallyRow } from '../core/analytics/tally-rows.ts';

/** Rows as they are now, eventually consistent: one for each shard that counted something. */
export interface TallyReader {
  /** One list per minute, in order. */
  readonly minutes: (
    tenant: string,
    minutes: readonly number[],
  ) => Promise<readonly (readonly TallyRow[])[]>;
  readonly sessions: (tenant: string, day: number) => Promise<readonly TallyRow[]>;
  readonly feeds: (tenant: string) => Promise<readonly ShardFeed[]>;
}
