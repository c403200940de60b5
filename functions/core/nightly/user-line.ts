/** A line of UNLOAD: one user, with the tiles of all versions. */
import type { LakeRow, UserRows } from '../lake/rows.ts';
import { fromRfc3339 } from '../time.ts';

type Sent = Readonly<Record<string, unknown>>;

const isText = (value: unknown): value is string => typeof value === 'string';
const isAbsent = (value: unknown): boolean => value === null || value === undefined;
const textOr = (value: unknown): string | null => (isText(value) ? value : null);

const EVENT_DAY = /^(\d{4}-\d{2}-\d{2})?$/;

const isDay = (value: unknown): value is string =>
  isText(value) && EVENT_DAY.test(value) && (value === '' || fromRfc3339(value) !== undefined);

/** What is wrong with it, or undefined. */
const faultOf = (tile: Sent): string | undefined => {
  const { version, event_day: day, part, amount, instant, tie, text, score } = tile;
  if (!isText(version)) return 'a tile names no version';
  if (!isDay(day)) return 'a tile names no event day';
  if (!isAbsent(part) && !isText(part)) return 'a tile has a part that is no text';
  const wholes = [amount, instant];
  if (!wholes.every((each) => isAbsent(each) || Number.isSafeInteger(each)))
    return 'a tile has an amount or an instant that is no whole number';
  if (![tie, text].every((each) => isAbsent(each) || isText(each)))
    return 'a tile has a text that is none';
  return isAbsent(score) || Number.isFinite(score) ? undefined : 'a tile has a score that is none';
};

const rowOf = (tile: Sent): LakeRow => ({
  version: String(tile.version),
  eventDay: String(tile.event_day),
  part: textOr(tile.part) ?? '',
  amount: (tile.amount ?? null) as number | null,
  instant: (tile.instant ?? null) as number | null,
  tie: textOr(tile.tie),
  text: textOr(tile.text),
  score: (tile.score ?? null) as number | null,
});

const parsed = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

/** A text says what is wrong with the line; it has nothing of the line, which is a person's. */
export const readUserLine = (line: string): UserRows | string => {
  const sent: Sent = Object(parsed(line));
  const { tenant, profile_key: user, tiles } = sent;
  if (!isText(tenant) || !isText(user) || tenant === '' || user === '')
    return 'it names no tenant or no user';
  // A user who has left all windows has none.
  const all = isAbsent(tiles) ? [] : tiles;
  if (!Array.isArray(all)) return 'its tiles are no list';
  const objects: readonly Sent[] = all.map((tile) => Object(tile));
  const fault = objects.map(faultOf).find((each) => each !== undefined);
  return fault ?? { tenant, user, rows: objects.map(rowOf) };
};
