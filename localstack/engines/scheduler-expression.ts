/** rate(), cron() and at() of EventBridge Scheduler, in UTC: when is the next time after an instant? */
import {
  epochMs,
  fromRfc3339,
  startOfUtcDay,
  toRfc3339,
  utcDayOf,
} from '../../functions/core/time.ts';

/** The next time strictly after `afterMs`; undefined when there is none. */
export type NextAfter = (afterMs: number, anchorMs: number) => number | undefined;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const UNITS_MS: Readonly<Record<string, number>> = {
  minute: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: DAY_MS,
};

/** A rate counts from its schedule's start, at which it is due for the first time. */
const parseRate = (body: string): NextAfter => {
  const [, count, unit] = /^([1-9][0-9]*) (minute|hour|day)s?$/.exec(body) ?? [];
  const unitMs = UNITS_MS[unit ?? ''];
  if (count === undefined || unitMs === undefined) throw new Error(`not a rate: ${body}`);
  const everyMs = Number(count) * unitMs;
  return (afterMs, anchorMs) =>
    afterMs < anchorMs
      ? anchorMs
      : anchorMs + (Math.floor((afterMs - anchorMs) / everyMs) + 1) * everyMs;
};

const parseAt = (body: string): NextAfter => {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(body) ? fromRfc3339(`${body}Z`) : undefined;
  if (at === undefined) throw new Error(`not a time: ${body}`);
  return (afterMs) => (afterMs < at ? at : undefined);
};

interface Field {
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MINUTES: Field = { least: 0, most: 59, names: [] };
const HOURS: Field = { least: 0, most: 23, names: [] };
const DAYS: Field = { least: 1, most: 31, names: [] };
const MONTHS_OF_YEAR: Field = { least: 1, most: 12, names: MONTHS };
const DAYS_OF_WEEK: Field = { least: 1, most: 7, names: WEEKDAYS };
const YEARS: Field = { least: 1970, most: 2199, names: [] };

const numberIn = (text: string, { least, most, names }: Field): number => {
  const named = names.indexOf(text.toUpperCase());
  const value = named >= 0 ? named + least : Number(text);
  if (!/^[0-9]+$/.test(text) && named < 0)
    throw new Error(`cron in the local cloud has no ${text}`);
  if (value < least || value > most) throw new Error(`${text} is not ${least} to ${most}`);
  return value;
};

const rangeOf = (part: string, field: Field): readonly number[] => {
  const [span = '', step] = part.split('/');
  const [from = '', to] = span.split('-');
  const first = span === '*' ? field.least : numberIn(from, field);
  const lone = to === undefined && span !== '*' && step === undefined;
  const last = to === undefined ? (lone ? first : field.most) : numberIn(to, field);
  const every = step === undefined ? 1 : Number(step);
  if (!Number.isInteger(every) || every < 1) throw new Error(`not a step: ${part}`);
  const values: number[] = [];
  for (let value = first; value <= last; value += every) values.push(value);
  if (values.length === 0) throw new Error(`an empty range: ${part}`);
  return values;
};

/** Undefined stands for `?`: the other day field decides. */
const parseField = (text: string, field: Field): ReadonlySet<number> | undefined =>
  text === '?' ? undefined : new Set(text.split(',').flatMap((part) => rangeOf(part, field)));

const required = (text: string, field: Field): ReadonlySet<number> => {
  const parsed = parseField(text, field);
  if (parsed === undefined) throw new Error('only a day may be ?');
  return parsed;
};

interface Cron {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number> | undefined;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number> | undefined;
  readonly years: ReadonlySet<number>;
}

const isDayOf = (cron: Cron, day: number): boolean => {
  const date = toRfc3339(startOfUtcDay(day));
  return (
    cron.years.has(Number(date.slice(0, 4))) &&
    cron.months.has(Number(date.slice(5, 7))) &&
    (cron.days?.has(Number(date.slice(8, 10))) ?? true) &&
    // 1970-01-01 was a Thursday, the fifth day of a week that begins on Sunday.
    (cron.weekdays?.has(((day + 4) % 7) + 1) ?? true)
  );
};

/** A cron that has no day in eight years (a leap day may be that far) never has one. */
const DAYS_AHEAD_MAX = 8 * 366;

const nextOf = (cron: Cron, afterMs: number): number | undefined => {
  const start = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
  const firstDay = utcDayOf(epochMs(start));
  for (let day = firstDay; day < firstDay + DAYS_AHEAD_MAX; day += 1) {
    if (!isDayOf(cron, day)) continue;
    const dayMs = startOfUtcDay(day);
    for (
      let minute = Math.max(0, (start - dayMs) / MINUTE_MS);
      minute < DAY_MS / MINUTE_MS;
      minute += 1
    ) {
      if (cron.hours.has(Math.floor(minute / 60)) && cron.minutes.has(minute % 60)) {
        return dayMs + minute * MINUTE_MS;
      }
    }
  }
  return undefined;
};

const parseCron = (body: string): NextAfter => {
  const fields = body.split(' ');
  const [minutes, hours, days, months, weekdays, years] = fields;
  if (fields.length !== 6 || !minutes || !hours || !days || !months || !weekdays || !years) {
    throw new Error(`a cron has six fields: ${body}`);
  }
  if ((days === '?') === (weekdays === '?')) {
    throw new Error('of day-of-month and day-of-week exactly one is ?');
  }
  const cron = {
    minutes: required(minutes, MINUTES),
    hours: required(hours, HOURS),
    days: parseField(days, DAYS),
    months: required(months, MONTHS_OF_YEAR),
    weekdays: parseField(weekdays, DAYS_OF_WEEK),
    years: required(years, YEARS),
  };
  return (afterMs) => nextOf(cron, afterMs);
};

const PARSERS: Readonly<Record<string, (body: string) => NextAfter>> = {
  rate: parseRate,
  cron: parseCron,
  at: parseAt,
};

export const parseSchedule = (expression: string): NextAfter => {
  const [, kind = '', body = ''] = /^([a-z]+)\((.*)\)$/.exec(expression) ?? [];
  const parse = Object.hasOwn(PARSERS, kind) ? PARSERS[kind] : undefined;
  if (parse === undefined) throw new Error(`not a schedule expression: ${expression}`);
  return parse(body);
};
