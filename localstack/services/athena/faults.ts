/** DuckDB's complaints in the words of Athena. */
import { Refusal } from './refusal.ts';

const SAID = /^(?:Invalid Input Error: )?((?:NOT_SUPPORTED|INVALID_CAST_ARGUMENT): [\s\S]*)$/;

const KNOWN: readonly (readonly [pattern: RegExp, kind: string])[] = [
  [/^Binder Error: .*(?:column|Referenced column)/is, 'COLUMN_NOT_FOUND'],
  [/^Catalog Error: Table/, 'TABLE_NOT_FOUND'],
  [/^IO Error: .*(?:No files found|Cannot open|No such file)/is, 'HIVE_CANNOT_OPEN_SPLIT'],
  [/^Out of Range Error|Overflow in/, 'NUMERIC_VALUE_OUT_OF_RANGE'],
  [/^Conversion Error/, 'INVALID_CAST_ARGUMENT'],
  [/^Division by zero/i, 'DIVISION_BY_ZERO'],
  [/^(?:Parser|Binder|Catalog) Error/, 'SYNTAX_ERROR'],
  [/^Out of Memory/i, 'EXCEEDED_LOCAL_MEMORY_LIMIT'],
];

/** What StateChangeReason says. */
export const reasonOf = (fault: unknown): string => {
  if (fault instanceof Refusal) return fault.message;
  const message = fault instanceof Error ? fault.message : String(fault);
  const said = SAID.exec(message)?.[1];
  if (said !== undefined) return said;
  const kind = KNOWN.find(([pattern]) => pattern.test(message))?.[1] ?? 'GENERIC_INTERNAL_ERROR';
  return `${kind}: ${message}`;
};

/** 1 system, 2 user, 3 other: as Athena sorts its errors. */
export const isSystemFault = (reason: string): boolean =>
  reason.startsWith('GENERIC_INTERNAL_ERROR');
