/** Prefix expressions and object names of a delivery stream. */
import { epochMs, toRfc3339 } from '../../functions/core/time.ts';

export interface NameContext {
  /** When the oldest record of the object arrived; AWS names objects by it, in UTC. */
  readonly atMs: number;
  readonly random: () => number;
  /** Only in the error prefix. */
  readonly errorOutputType?: string;
}

const RANDOM_STRING_LETTERS = 11;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const EXPRESSION = /!\{([^:}]*):?([^}]*)\}/g;

const randomString = (random: () => number, length: number): string =>
  Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join('');

/** Where each field stands in RFC 3339. */
const FIELDS: Readonly<Record<string, readonly [number, number]>> = {
  yyyy: [0, 4],
  yy: [2, 4],
  MM: [5, 7],
  dd: [8, 10],
  HH: [11, 13],
  mm: [14, 16],
  ss: [17, 19],
};

/** The letters of Java's DateTimeFormatter that are told apart; quoted text stands for itself. */
const PATTERN = /'([^']*)'|(y{4}|y{2}|MM|dd|HH|mm|ss)|([A-Za-z]+)|([^A-Za-z']+)/g;

export const formatTimestamp = (pattern: string, atMs: number): string => {
  const instant = toRfc3339(epochMs(atMs));
  return pattern.replace(PATTERN, (whole, quoted?: string, field?: string, unknown?: string) => {
    if (unknown !== undefined) throw new Error(`unknown letters in a date pattern: ${unknown}`);
    if (quoted !== undefined) return quoted === '' ? "'" : quoted;
    return field === undefined ? whole : instant.slice(...(FIELDS[field] ?? [0, 0]));
  });
};

const expand = (prefix: string, context: NameContext): string =>
  prefix.replace(EXPRESSION, (whole, namespace: string, value: string) => {
    if (namespace === 'timestamp') return formatTimestamp(value, context.atMs);
    if (namespace === 'firehose' && value === 'random-string') {
      return randomString(context.random, RANDOM_STRING_LETTERS);
    }
    if (namespace === 'firehose' && value === 'error-output-type' && context.errorOutputType) {
      return context.errorOutputType;
    }
    throw new Error(`a prefix may not say ${whole}`);
  });

/** A prefix without a date of its own gets AWS's: hours in UTC. */
export const expandPrefix = (prefix: string, context: NameContext): string =>
  expand(
    prefix.includes('!{timestamp:') ? prefix : `${prefix}!{timestamp:yyyy/MM/dd/HH/}`,
    context,
  );

const hex = (random: () => number, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(random() * 16).toString(16)).join('');

const uuid = (random: () => number): string => {
  const variant = '89ab'[Math.floor(random() * 4)];
  return `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-${variant}${hex(random, 3)}-${hex(random, 12)}`;
};

export interface ObjectNaming {
  readonly prefix: string;
  readonly deliveryStream: string;
  readonly version: string;
  readonly suffix: string;
}

export const objectKey = (naming: ObjectNaming, context: NameContext): string => {
  const at = formatTimestamp('yyyy-MM-dd-HH-mm-ss', context.atMs);
  const file = `${naming.deliveryStream}-${naming.version}-${at}-${uuid(context.random)}`;
  return `${expandPrefix(naming.prefix, context)}${file}${naming.suffix}`;
};

/** AWS refuses these when the delivery stream is made; so do we, before anything is lost. */
export const checkPrefixes = (prefix: string, errorPrefix: string | undefined): void => {
  const context = { atMs: 0, random: () => 0 };
  expandPrefix(prefix, context);
  if (prefix.includes('!{') && errorPrefix === undefined) {
    throw new Error('a prefix with expressions needs an ErrorOutputPrefix');
  }
  if (errorPrefix === undefined) return;
  expand(errorPrefix, { ...context, errorOutputType: 'processing-failed' });
  if (errorPrefix.includes('!{') && !errorPrefix.includes('!{firehose:error-output-type}')) {
    throw new Error('ErrorOutputPrefix must say !{firehose:error-output-type}');
  }
};
