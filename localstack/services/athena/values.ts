/** Values as Athena writes them in its results. */
import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { Refusal } from './refusal.ts';

const BIGINT_MAX = 2n ** 63n - 1n;

/** As Java writes a double: 1.0, 1.0E10. */
export const doubleText = (value: number): string => {
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? 'NaN' : `${value > 0 ? '' : '-'}Infinity`;
  const size = Math.abs(value);
  if (value === 0 || (size >= 1e-3 && size < 1e7)) {
    return Number.isInteger(value) ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value);
  }
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`;
};

/** `2026-01-05 10:00:00.123`, whatever of its seconds are zero. */
const timestampText = (micros: bigint): string => {
  const millis = Number(micros / 1000n);
  return new Date(millis).toISOString().replace('T', ' ').replace('Z', '');
};

const checkedBigint = (value: bigint): string => {
  if (value > BIGINT_MAX || value < -BIGINT_MAX - 1n) {
    throw new Refusal('NUMERIC_VALUE_OUT_OF_RANGE', `bigint overflow: ${value}`);
  }
  return String(value);
};

const nested = (value: DuckDBValue): string => valueText(value) ?? 'null';

/** The classes of DuckDB's values are told apart by what they hold, so that none is loaded here. */
const composedText = (value: object): string => {
  if ('items' in value) {
    return `[${(value.items as readonly DuckDBValue[]).map(nested).join(', ')}]`;
  }
  if ('entries' in value && Array.isArray(value.entries)) {
    const entries = value.entries as readonly { key: DuckDBValue; value: DuckDBValue }[];
    return `{${entries.map((entry) => `${nested(entry.key)}=${nested(entry.value)}`).join(', ')}}`;
  }
  if ('entries' in value) {
    const entries = Object.entries(value.entries as Readonly<Record<string, DuckDBValue>>);
    return `{${entries.map(([name, member]) => `${name}=${nested(member)}`).join(', ')}}`;
  }
  if ('bytes' in value) {
    return [...(value.bytes as Uint8Array)]
      .map((byte) => byte.toString(16).padStart(2, '0'))
      .join(' ');
  }
  if ('micros' in value && !('offset' in value)) return timestampText(value.micros as bigint);
  return String(value);
};

/** Null stays null: in a CSV it is nothing at all, where an empty text is two quotes. */
export const valueText = (value: DuckDBValue, type?: DuckDBType): string | null => {
  if (value === null) return null;
  if (typeof value === 'bigint') return checkedBigint(value);
  if (typeof value === 'number') {
    return /^(DOUBLE|FLOAT)$/.test(String(type)) ? doubleText(value) : String(value);
  }
  if (typeof value !== 'object') return String(value);
  const text = composedText(value);
  return String(type) === 'TIMESTAMP WITH TIME ZONE' ? `${text} UTC` : text;
};
