/** Partition projection: which values of its partitions a table can have, and where each lies. */
import type { LandingTable, Partition, Projection } from './catalog.ts';
import { Refusal } from './refusal.ts';

const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { DAY: 1, WEEK: 7, MONTH: 30, YEAR: 365 };

/** `2026-01-01`, `NOW`, `NOW-3YEARS`, `NOW+1DAY` */
const boundOf = (text: string, nowMs: number): string => {
  const bound = text.trim();
  if (/^\d{4}-\d\d-\d\d$/.test(bound)) return bound;
  const [, sign, count, unit] = /^NOW(?:([+-])(\d+)(DAY|WEEK|MONTH|YEAR)S?)?$/.exec(bound) ?? [];
  if (!bound.startsWith('NOW') || (bound !== 'NOW' && unit === undefined)) {
    throw new Refusal('NOT_SUPPORTED', `the projected range ${text}`);
  }
  const days = Number(count ?? 0) * (UNITS[unit ?? 'DAY'] ?? 1) * (sign === '-' ? -1 : 1);
  return new Date(nowMs + days * DAY_MS).toISOString().slice(0, 10);
};

const DATE = /^\d{4}-\d\d-\d\d$/;

/** Whether a table of this projection has a partition of that value. */
export const isProjected = (projection: Projection, value: string, nowMs: number): boolean => {
  if (projection.kind === 'injected') return true;
  if (projection.kind === 'enum') return projection.values.includes(value);
  if (projection.kind === 'date') {
    const [from = '', to = ''] = projection.range.split(',').map((text) => boundOf(text, nowMs));
    return DATE.test(value) && value >= from && value <= to;
  }
  const { min, max, digits } = projection;
  const number = Number(value);
  const written = String(number).padStart(digits, '0');
  return /^\d+$/.test(value) && value === written && number >= min && number <= max;
};

/** The text of a template's segment as a pattern with one group per placeholder. */
const patternOf = (text: string, group: string): string =>
  text
    .split(/\$\{[a-z0-9_]+\}/)
    .map((part) => part.replaceAll(/[.*+?^$()|[\]\\{}]/g, '\\$&'))
    .join(group);

const PLACEHOLDER = /\$\{([a-z0-9_]+)\}/g;

export const placeholdersOf = (text: string): readonly string[] =>
  [...text.matchAll(PLACEHOLDER)].map(([, name]) => name ?? '');

/** Values in the name of a folder, by partition; nothing where the name is of another form. */
export const readSegment = (
  segment: string,
  name: string,
): Readonly<Record<string, string>> | undefined => {
  const found = new RegExp(`^${patternOf(segment, '([^/]+)')}$`).exec(name);
  if (found === null) return undefined;
  return Object.fromEntries(placeholdersOf(segment).map((key, at) => [key, found[at + 1] ?? '']));
};

/** How DuckDB finds a partition's value in the path of an object: pattern and number of its group. */
export const pathPattern = (
  { template }: LandingTable,
  partition: Partition,
): { readonly pattern: string; readonly group: number } => {
  const [, , , key = ''] = /^(s3:)\/\/([^/]+)\/(.*)$/.exec(template) ?? [];
  const whole = placeholdersOf(key);
  const injected = partition.projection.kind === 'injected' && whole.length === 1;
  return {
    pattern: `/objects/${patternOf(key, injected ? '(.+)' : '([^/]+)')}[^/]*$`,
    group: whole.indexOf(partition.name) + 1,
  };
};

export const locationOf = (
  { template }: LandingTable,
  values: Readonly<Record<string, string>>,
): string => template.replaceAll(PLACEHOLDER, (_, name: string) => values[name] ?? '');
