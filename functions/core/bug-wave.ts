import {
  type DurationMs,
  type EpochMs,
  epochMs,
  floorTo,
  fromRfc3339,
  hours,
  minutes,
  seconds,
} from './time.ts';

/**
 * Whose fault is a bug: one event's that nobody foresaw, or our deploy's? A few bugs are parked and
 * the batch goes on. Many, soon after a deploy, are ours: parking would set aside everybody's
 * events, so the batch throws and waits for the next deploy. Many in an old bundle are parked too,
 * because no deploy is about to mend them, and alarm.
 */
export interface BugWave {
  readonly tiles: readonly Tile[];
}

interface Tile {
  readonly start: EpochMs;
  readonly records: number;
  readonly bugs: number;
  /** The first few distinct users who met a bug: enough to know that they are not one user. */
  readonly users: readonly string[];
}

export interface SeenRecord {
  readonly user: string;
  /** A bug, not a reject: bad input is nobody's deploy. */
  readonly bug: boolean;
}

/** `none`: park. `alarm`: park, and tell. `deploy`: park nothing and throw. */
export type WaveVerdict = 'none' | 'alarm' | 'deploy';

export const WAVE_WINDOW = minutes(5);
export const WAVE_TILE = seconds(10);
export const WAVE_SHARE = 1 / 5;
export const WAVE_BUGS = 5;
export const WAVE_USERS_MIN = 3;
export const YOUNG_BUNDLE = hours(1);

export const noBugs: BugWave = { tiles: [] };

/** Counts what this process saw, a redelivered record each time that it was seen. */
export const sawRecords = (wave: BugWave, seen: readonly SeenRecord[], now: EpochMs): BugWave => {
  const start = floorTo(now, WAVE_TILE);
  const kept = wave.tiles.filter((tile) => tile.start > now - WAVE_WINDOW - WAVE_TILE);
  const before = kept.find((tile) => tile.start === start);
  const bugs = seen.filter(({ bug }) => bug);
  const users = new Set(before?.users);
  for (const { user } of bugs) if (users.size < WAVE_USERS_MIN) users.add(user);
  const tile: Tile = {
    start,
    records: (before?.records ?? 0) + seen.length,
    bugs: (before?.bugs ?? 0) + bugs.length,
    users: [...users],
  };
  return { tiles: [...kept.filter((other) => other !== before), tile] };
};

/** Bugs in records that were counted when their batch came: they are no more records than before. */
export const foundBugs = (wave: BugWave, users: readonly string[], now: EpochMs): BugWave => {
  const { tiles } = sawRecords(
    wave,
    users.map((user) => ({ user, bug: true })),
    now,
  );
  const last = tiles.at(-1);
  if (last === undefined) return wave;
  return { tiles: [...tiles.slice(0, -1), { ...last, records: last.records - users.length }] };
};

export interface Bundle {
  /** Absent, the bundle counts as an old one. */
  readonly deployedAt: EpochMs | undefined;
}

export const waveVerdict = (wave: BugWave, { deployedAt }: Bundle, now: EpochMs): WaveVerdict => {
  const recent = wave.tiles.filter((tile) => tile.start > now - WAVE_WINDOW - WAVE_TILE);
  const sum = (count: (tile: Tile) => number): number =>
    recent.reduce((total, tile) => total + count(tile), 0);
  const bugs = sum((tile) => tile.bugs);
  const users = new Set(recent.flatMap((tile) => tile.users));
  const isWave =
    bugs > WAVE_BUGS &&
    bugs > WAVE_SHARE * sum((tile) => tile.records) &&
    users.size >= WAVE_USERS_MIN;
  if (!isWave) return 'none';
  return deployedAt !== undefined && ageOf(deployedAt, now) < YOUNG_BUNDLE ? 'deploy' : 'alarm';
};

const ageOf = (deployedAt: EpochMs, now: EpochMs): DurationMs => (now - deployedAt) as DurationMs;

/** `DEPLOYED_AT` as `-c deployedAt` gives it: RFC 3339, or seconds or milliseconds since 1970. */
export const readBuildStamp = (text: string | undefined): EpochMs | undefined => {
  if (text === undefined) return undefined;
  if (/^\d{10}$/.test(text)) return epochMs(Number(text) * 1_000);
  return /^\d{13}$/.test(text) ? epochMs(Number(text)) : fromRfc3339(text);
};
