import { EPOCH_MS_MAX, type EpochMs, epochMs, fromRfc3339 } from '../time.ts';
import { FUTURE_MS_MAX } from './limits.ts';

/** 0000-01-01, the first instant that RFC 3339 can write. */
const EPOCH_MS_MIN = -62_167_219_200_000;
/** Below: seconds (until the year 5138); below the next: milliseconds; below the last: microseconds. */
const SECONDS_BELOW = 1e11;
const MILLISECONDS_BELOW = 1e14;
const MICROSECONDS_BELOW = 1e17;

const writable = (ms: number): EpochMs =>
  epochMs(Math.min(EPOCH_MS_MAX, Math.max(EPOCH_MS_MIN, Math.floor(ms))));

const fromNumber = (value: number): EpochMs | undefined => {
  const magnitude = Math.abs(value);
  if (magnitude < SECONDS_BELOW) return writable(value * 1_000);
  if (magnitude < MILLISECONDS_BELOW) return writable(value);
  if (magnitude < MICROSECONDS_BELOW) return writable(value / 1_000);
  return undefined;
};

const DIGITS = /^-?\d{1,17}(\.\d{1,9})?$/;

/** RFC 3339 (no offset means UTC), or seconds, ms or µs since 1970 by magnitude, as number or digits. */
export const readInstant = (value: unknown): EpochMs | undefined => {
  if (typeof value === 'number') return fromNumber(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (DIGITS.test(text)) return fromNumber(Number(text));
  const at = fromRfc3339(text);
  return at === undefined ? undefined : writable(at);
};

/** The canonical form says all that was sent: neither an offset nor digits are lost. */
export const saysAll = (sent: unknown, at: EpochMs, canonical: string): boolean =>
  sent === canonical || sent === (at as number);

export interface ClientTimes {
  readonly claimed: EpochMs | undefined;
  readonly sentAt: EpochMs | undefined;
  readonly receivedAt: EpochMs;
}

/** Event time: the client's, corrected by how wrong its clock was when it sent, never far ahead. */
export const eventTime = ({ claimed, sentAt, receivedAt }: ClientTimes): EpochMs => {
  if (claimed === undefined || claimed < 0) return receivedAt;
  const corrected = sentAt === undefined ? claimed : receivedAt - (sentAt - claimed);
  if (corrected < 0) return receivedAt;
  return epochMs(Math.min(corrected, receivedAt + FUTURE_MS_MAX));
};
