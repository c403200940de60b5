import { feedPk, type ShardFeed } from '../core/analytics/live-feed.ts';
import {
  COUNTERS_PREFIX,
  dayPk,
  minutePk,
  type RowKey,
  SESSIONS_PREFIX,
  type TallyRow,
} from '../core/analytics/tally-rows.ts';
import type { TallyReader } from '../ports/tally-reader.ts';
import type { FeedRow, TallyStore } from '../ports/tally-store.ts';

const textOf = ({ pk, sk }: RowKey): string => `${pk}\n${sk}`;

/** Rows in this process, for tests, the bench and the simulation. */
export class MemoryTallyStore implements TallyStore, TallyReader {
  readonly rows = new Map<string, TallyRow>();
  readonly feedRows = new Map<string, FeedRow>();
  readonly #now: () => number;

  /** For readers: a row past its time is absent to them. */
  constructor(now: () => number = () => 0) {
    this.#now = now;
  }

  readonly #isLive = ({ ttl }: { readonly ttl: number }): boolean => ttl * 1_000 > this.#now();

  readonly load: TallyStore['load'] = async (key) => this.rows.get(textOf(key));

  readonly save: TallyStore['save'] = async (key, row, readLast) => {
    const held = this.rows.get(textOf(key));
    if (held?.last !== readLast) return { kind: 'conflict', winner: held };
    this.rows.set(textOf(key), row);
    return { kind: 'saved' };
  };

  readonly loadFeed: TallyStore['loadFeed'] = async (tenant, shardId) =>
    this.feedRows.get(textOf({ pk: feedPk(tenant), sk: shardId }))?.events ?? [];

  readonly saveFeed: TallyStore['saveFeed'] = async (row) => {
    const text = textOf({ pk: feedPk(row.tenant), sk: row.shardId });
    const held = this.feedRows.get(text)?.events.at(-1)?.id;
    if (held === undefined || held < (row.events.at(-1)?.id ?? '')) this.feedRows.set(text, row);
  };

  readonly #under = (pk: string, prefix = ''): readonly TallyRow[] =>
    [...this.rows]
      .filter(([text, row]) => text.startsWith(`${pk}\n${prefix}`) && this.#isLive(row))
      .map(([, row]) => row);

  readonly minutes: TallyReader['minutes'] = async (tenant, minutes) =>
    minutes.map((minute) => this.#under(minutePk(tenant, minute), COUNTERS_PREFIX));

  readonly sessions: TallyReader['sessions'] = async (tenant, day) =>
    this.#under(dayPk(tenant, day), SESSIONS_PREFIX);

  readonly feeds: TallyReader['feeds'] = async (tenant) =>
    [...this.feedRows.values()]
      .filter((row) => row.tenant === tenant && this.#isLive(row))
      .map(({ shardId, asOf, events }): ShardFeed => ({ shardId, asOf, events }));
}
