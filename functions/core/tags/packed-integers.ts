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

const DIGIT = [...DIGITS];
/** By character code; 64 stands for what is no digit. */
const NO_DIGIT = 64;
const VALUES = new Uint8Array(128).fill(NO_DIGIT);
for (const [value, digit] of DIGIT.entries()) VALUES[digit.charCodeAt(0)] = value;
/** Below it, integers are divided by shifting. */
const SMALL = 2 ** 30;

const packFrom = (digit: number, rest: number): string => {
  let text = '';
  let next = digit;
  let left = rest;
  while (left >= SMALL) {
    text += DIGIT[MORE + next];
    next = left % BASE;
    left = Math.floor(left / BASE);
  }
  while (left > 0) {
    text += DIGIT[MORE + next];
    next = left & (BASE - 1);
    left >>>= 5;
  }
  return text + DIGIT[next];
};

export const packUnsigned = (value: number): string => {
  invariant(Number.isSafeInteger(value) && value >= 0, 'what is packed is an unsigned integer');
  return packFrom(value % BASE, Math.floor(value / BASE));
};

export const packSigned = (value: number): string => {
  invariant(Number.isSafeInteger(value), 'what is packed is a safe integer');
  const size = Math.abs(value);
  const first = (size % SIGNED_BASE) * 2 + (value < 0 ? 1 : 0);
  return packFrom(first, Math.floor(size / SIGNED_BASE));
};

/** Reads one number after the other. */
export class PackedReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  unsigned(): number {
    const digit = this.#digit();
    return digit < MORE ? digit : digit - MORE + this.#more(BASE) * BASE;
  }

  signed(): number {
    const digit = this.#digit();
    const first = digit % BASE;
    const more = digit < MORE ? 0 : this.#more(SIGNED_BASE);
    const size = (first >> 1) + more * SIGNED_BASE;
    return first % 2 === 1 && size > 0 ? -size : size;
  }

  ended(): boolean {
    return this.#at === this.#text.length;
  }

  /** What was not read yet. */
  rest(): string {
    return this.#text.slice(this.#at);
  }

  #digit(): number {
    const value = VALUES[this.#text.charCodeAt(this.#at)] ?? NO_DIGIT;
    invariant(value !== NO_DIGIT, 'packed integers are not broken');
    this.#at += 1;
    return value;
  }

  #more(firstBase: number): number {
    let more = 0;
    let scale = 1;
    for (let digit = MORE; digit >= MORE; scale *= BASE) {
      digit = this.#digit();
      more += (digit % BASE) * scale;
      invariant(more * firstBase <= Number.MAX_SAFE_INTEGER, 'a packed integer is not too large');
    }
    return more;
  }
}

export const readPacked = (text: string): PackedReader => new PackedReader(text);
