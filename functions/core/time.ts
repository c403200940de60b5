/**
 * Instants and durations, and RFC 3339 in UTC with milliseconds, without a clock.
 *
 * The calendar is the proleptic Gregorian one, computed from days since 1970-01-01.
 */
declare const epochMsBrand: unique symbol;
declare const durationMsBrand: unique symbol;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number & { readonly [epochMsBrand]: true };
export type DurationMs = number & { readonly [durationMsBrand]: true };

/** The last instant that RFC 3339 can write: 9999-12-31T23:59:59.999Z. */
export const EPOCH_MS_MAX = 253_402_300_799_999 as EpochMs;

export const epochMs = (value: number): EpochMs => value as EpochMs;
export const seconds = (count: number): DurationMs => (count * 1_000) as DurationMs;
export const minutes = (count: number): DurationMs => (count * 60_000) as DurationMs;
export const hours = (count: number): DurationMs => (count * 3_600_000) as DurationMs;
export const days = (count: number): DurationMs => (count * 86_400_000) as DurationMs;

const DAY_MS = 86_400_000;

/** The start of the tile of this length that holds the instant; tiles are aligned to UTC. */
export const floorTo = (at: EpochMs, length: DurationMs): EpochMs =>
  epochMs(Math.floor(at / length) * length);

/** Days since 1970-01-01 in UTC. */
export const utcDayOf = (at: EpochMs): number => Math.floor(at / DAY_MS);
export const startOfUtcDay = (day: number): EpochMs => epochMs(day * DAY_MS);

interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const DAYS_PER_ERA = 146_097;
/** Days from 0000-03-01, where the arithmetic's eras begin, to 1970-01-01. */
const DAYS_TO_1970 = 719_468;

const civilFromDays = (daysSinceEpoch: number): CivilDate => {
  const shifted = daysSinceEpoch + DAYS_TO_1970;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = shifted - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1_460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
};

const daysFromCivil = ({ year, month, day }: CivilDate): number => {
  const shiftedYear = month <= 2 ? year - 1 : year;
  const era = Math.floor(shiftedYear / 400);
  const yearOfEra = shiftedYear - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * DAYS_PER_ERA + dayOfEra - DAYS_TO_1970;
};

const digits = (value: number, width: number): string => String(value).padStart(width, '0');
const TWO_DIGITS = Array.from({ length: 100 }, (_, value) => digits(value, 2));

/** `2026-11-21T09:40:00.000Z` */
export const toRfc3339 = (at: EpochMs): string => {
  const date = utcDayOf(at);
  const { year, month, day } = civilFromDays(date);
  const ms = at - date * DAY_MS;
  const hour = TWO_DIGITS[Math.floor(ms / 3_600_000)];
  const minute = TWO_DIGITS[Math.floor(ms / 60_000) % 60];
  const second = TWO_DIGITS[Math.floor(ms / 1_000) % 60];
  const time = `${hour}:${minute}:${second}.${digits(ms % 1_000, 3)}Z`;
  return `${digits(year, 4)}-${TWO_DIGITS[month]}-${TWO_DIGITS[day]}T${time}`;
};

/** `2026-11-21` */
export const toUtcDate = (day: number): string => toRfc3339(startOfUtcDay(day)).slice(0, 10);

const RFC_3339 =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*([Zz]|[+-]\d{2}:?\d{2})?)?$/;

const offsetMinutes = (zone: string | undefined): number => {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const minutesEast = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutesEast : minutesEast;
};

const monthLength = (year: number, month: number): number =>
  month === 12
    ? 31
    : daysFromCivil({ year, month: month + 1, day: 1 }) - daysFromCivil({ year, month, day: 1 });

interface Written extends CivilDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
  readonly offsetMinutes: number;
}

const instantOf = (written: Written): EpochMs | undefined => {
  const { year, month, day, hour, minute, second, ms } = written;
  if (month < 1 || month > 12 || day < 1 || (day > 28 && day > monthLength(year, month))) {
    return undefined;
  }
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const minuteOfDay = hour * 60 + minute - written.offsetMinutes;
  return epochMs(daysFromCivil(written) * DAY_MS + (minuteOfDay * 60 + second) * 1_000 + ms);
};

const CANONICAL_LENGTH = 24;
const ZERO = 48;
/** Far below any number that digits make, so that it stays below 0 when others are added. */
const NO_DIGIT = -1e9;

const digitAt = (text: string, at: number): number => {
  const digit = text.charCodeAt(at) - ZERO;
  return digit >= 0 && digit <= 9 ? digit : NO_DIGIT;
};

const twoAt = (text: string, at: number): number => digitAt(text, at) * 10 + digitAt(text, at + 1);

/** The form that `toRfc3339` writes, digit by digit, because every line has several. */
const fromCanonical = (text: string): EpochMs | undefined => {
  const separated =
    text[4] === '-' &&
    text[7] === '-' &&
    text[10] === 'T' &&
    text[13] === ':' &&
    text[16] === ':' &&
    text[19] === '.' &&
    text[23] === 'Z';
  const year = twoAt(text, 0) * 100 + twoAt(text, 2);
  const [month, day] = [twoAt(text, 5), twoAt(text, 8)];
  const [hour, minute, second] = [twoAt(text, 11), twoAt(text, 14), twoAt(text, 17)];
  const ms = twoAt(text, 20) * 10 + digitAt(text, 22);
  return separated && Math.min(year, month, day, hour, minute, second, ms) >= 0
    ? instantOf({ year, month, day, hour, minute, second, ms, offsetMinutes: 0 })
    : undefined;
};

/** Reads a date or a date and time; no zone means UTC, a leap second counts as the next one. */
export const fromRfc3339 = (text: string): EpochMs | undefined => {
  const canonical = text.length === CANONICAL_LENGTH ? fromCanonical(text) : undefined;
  if (canonical !== undefined) return canonical;
  const match = RFC_3339.exec(text);
  if (match === null) return undefined;
  const part = (index: number): number => Number(match[index] ?? 0);
  return instantOf({
    year: part(1),
    month: part(2),
    day: part(3),
    hour: part(4),
    minute: part(5),
    second: part(6),
    ms: Number((match[7] ?? '').padEnd(3, '0').slice(0, 3)),
    offsetMinutes: offsetMinutes(match[8]),
  });
};
