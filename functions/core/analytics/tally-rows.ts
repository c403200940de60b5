/**
 * Which rows a batch of changes goes to, and what each becomes. A row remembers the last change
 * that is in it, and one reader of one shard writes it in order: so a change that is not newer has
 * been counted, whatever was delivered again, cut anew, or written late by a copy that was given up.
 */
import { invariant } from '../invariant.ts';
import { type EpochMs, epochMs } from '../time.ts';
import type { Change } from './effects.ts';
import {
  addMinute,
  decodeMinuteSums,
  encodeMinuteSums,
  type MinuteSums,
  newMinuteSums,
} from './minute-sums.ts';
import {
  addSessions,
  decodeSessionSums,
  encodeSessionSums,
  newSessionSums,
  type SessionSums,
} from './session-sums.ts';

export interface RowKey {
  readonly pk: string;
  readonly sk: string;
}

export interface TallyRow {
  /** Sequence number of the newest change that is in it, padded: texts compare as numbers do. */
  readonly last: string;
  /** When the table took that change. */
  readonly asOf: EpochMs;
  /** Epoch seconds. */
  readonly ttl: number;
  readonly sums: string;
}

export const MINUTE_ROWS_KEPT_SECONDS = 8 * 86_400;
export const DAY_ROWS_KEPT_SECONDS = 400 * 86_400;

const SEQUENCE_DIGITS = 56;

/** Numbers of up to 56 digits compare as texts of one length, never as numbers. */
export const paddedSequence = (sequence: string): string => sequence.padStart(SEQUENCE_DIGITS, '0');

export const minutePk = (tenant: string, minute: number): string => `m#${tenant}#${minute}`;
export const dayPk = (tenant: string, day: number): string => `d#${tenant}#${day}`;
/** How every shard of a table stream is called; other rows of a minute lie under prefixes of theirs. */
export const COUNTERS_PREFIX = 'shardId-';
export const SESSIONS_PREFIX = 'sessions#';

/** What a batch has for one row. */
export interface RowWork {
  readonly key: RowKey;
  /** Of the batch's changes, in order: the first is what an unfinished row is redelivered from. */
  readonly sequences: readonly string[];
  /** The row with what is new to it; undefined where all of it is in there already. */
  readonly fold: (row: TallyRow | undefined) => TallyRow | undefined;
}

interface Family<S> {
  readonly make: () => S;
  readonly decode: (text: string) => S;
  readonly encode: (sums: S) => string;
}

interface Addition<S> {
  readonly change: Change;
  readonly add: (sums: S) => void;
}

const minutes: Family<MinuteSums> = {
  make: newMinuteSums,
  decode: decodeMinuteSums,
  encode: encodeMinuteSums,
};
const sessions: Family<SessionSums> = {
  make: newSessionSums,
  decode: decodeSessionSums,
  encode: encodeSessionSums,
};

const workOf = <S>(
  family: Family<S>,
  key: RowKey,
  ttl: number,
  additions: readonly Addition<S>[],
): RowWork => ({
  key,
  sequences: additions.map(({ change }) => change.sequence),
  fold: (row) => {
    const fresh = additions.filter(
      ({ change }) => row === undefined || paddedSequence(change.sequence) > row.last,
    );
    const newest = fresh.at(-1)?.change;
    if (newest === undefined) return undefined;
    const sums = row === undefined ? family.make() : family.decode(row.sums);
    for (const { add } of fresh) add(sums);
    return {
      last: paddedSequence(newest.sequence),
      asOf: epochMs(Math.max(row?.asOf ?? 0, newest.at)),
      ttl,
      sums: family.encode(sums),
    };
  },
});

/** Additions by row, in the order in which the rows are met. */
class Collected<S> {
  readonly rows = new Map<string, { readonly ttl: number; readonly additions: Addition<S>[] }>();

  add(pk: string, ttl: number, addition: Addition<S>): void {
    const row = this.rows.get(pk) ?? { ttl, additions: [] };
    this.rows.set(pk, row);
    row.additions.push(addition);
  }
}

const MINUTES_PER_DAY = 1_440;

/** The rows of one batch of one shard, whose changes come in order. */
export const rowsOf = (changes: readonly Change[], shardId: string): readonly RowWork[] => {
  const byMinute = new Collected<MinuteSums>();
  const byDay = new Collected<SessionSums>();
  let before = '';
  for (const change of changes) {
    const sequence = paddedSequence(change.sequence);
    invariant(sequence > before, 'the changes of a shard come in order, each once');
    before = sequence;
    const { tenant, user, effects } = change;
    for (const one of effects.minutes) {
      const ttl = (one.minute + 1) * 60 + MINUTE_ROWS_KEPT_SECONDS;
      const add = (sums: MinuteSums): void => addMinute(sums, user, one);
      byMinute.add(minutePk(tenant, one.minute), ttl, { change, add });
    }
    const last = effects.minutes.at(-1);
    if (last === undefined) continue;
    // A fold's differences are of its whole: they count on the day of its last arrival.
    const day = Math.floor(last.minute / MINUTES_PER_DAY);
    const ttl = (day + 1) * 86_400 + DAY_ROWS_KEPT_SECONDS;
    const add = (sums: SessionSums): void => addSessions(sums, effects);
    byDay.add(dayPk(tenant, day), ttl, { change, add });
  }
  return [
    ...[...byMinute.rows].map(([pk, { ttl, additions }]) =>
      workOf(minutes, { pk, sk: shardId }, ttl, additions),
    ),
    ...[...byDay.rows].map(([pk, { ttl, additions }]) =>
      workOf(sessions, { pk, sk: `${SESSIONS_PREFIX}${shardId}` }, ttl, additions),
    ),
  ];
};
