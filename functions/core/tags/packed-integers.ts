/**
 * Integers as short text that JSON need not escape: five bits a character, least significant
 * first, the sixth says that more follow. What a profile keeps by the hundred is small numbers, and
 * most of them cost one character.
 */
import { invariant } from '../invariant.ts';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const MORE = 32;
const BASE = 32;
/** The first character of a signed number gives one of its bits to the sign. */
const SIGNED_BASE = 16;

const valueOfDigit = new Map([...DIGITS].map((digit, value) => [digit, value]));

const packFrom = (digit: number, rest: number): string => {
  let text = '';
  let next = digit;
  let left = rest;
  while (left > 0) {
    text += DIGITS.charAt(MORE + next);
    next = left % BASE;
    left = Math.floor(left / BASE);
  }
  return text + DIGITS.charAt(next);
};

export const packUnsigned = (value: number): string => {
  invariant(Number.isSafeInteger(value) && value >= 0, `${value} is no unsigned integer`);
  return packFrom(value % BASE, Math.floor(value / BASE));
};

export const packSigned = (value: number): string => {
  invariant(Number.isSafeInteger(value), `${value} is no safe integer`);
  const size = Math.abs(value);
  const first = (size % SIGNED_BASE) * 2 + (value < 0 ? 1 : 0);
  return packFrom(first, Math.floor(size / SIGNED_BASE));
};

export interface PackedReader {
  readonly unsigned: () => number;
  readonly signed: () => number;
  readonly ended: () => boolean;
  /** What was not read yet. */
  readonly rest: () => string;
}

export const readPacked = (text: string): PackedReader => {
  let at = 0;
  const digit = (): number => {
    const value = valueOfDigit.get(text.charAt(at));
    invariant(value !== undefined, `packed integers are broken at ${at}`);
    at += 1;
    return value;
  };
  const read = (firstBase: number): { first: number; more: number } => {
    let value = digit();
    const first = value % BASE;
    let more = 0;
    let scale = 1;
    while (value >= MORE) {
      value = digit();
      more += (value % BASE) * scale;
      scale *= BASE;
      invariant(Number.isSafeInteger(more * firstBase), 'a packed integer is too large');
    }
    return { first, more };
  };
  return {
    unsigned: () => {
      const { first, more } = read(BASE);
      return first + more * BASE;
    },
    signed: () => {
      const { first, more } = read(SIGNED_BASE);
      const size = Math.floor(first / 2) + more * SIGNED_BASE;
      return first % 2 === 1 && size > 0 ? -size : size;
    },
    ended: () => at === text.length,
    rest: () => text.slice(at),
  };
};
