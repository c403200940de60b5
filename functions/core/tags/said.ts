/** What a field said first or last: by event time, and at one instant by the event's id. */
import { type EpochMs, epochMs } from '../time.ts';
import type { Pick } from './instant.ts';
import type { CommutativeMonoid } from './monoid.ts';
import { packUnsigned, readPacked } from './packed-integers.ts';

export interface Saying {
  readonly at: EpochMs;
  /** The event's id. */
  readonly tie: string;
  /** Undefined: given up for its bytes, and with it which of that instant's events it was. */
  readonly text: string | undefined;
}

export type Said = Saying | undefined;

export const SAID_BYTES_MAX = 64;

/** By code point, as SQL orders text; JavaScript's own order differs beyond the first plane. */
export const compareText = (left: string, right: string): number => {
  const [a, b] = [[...left], [...right]];
  for (const [place, char] of a.entries()) {
    const other = b[place];
    if (other === undefined) return 1;
    const step = (char.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0);
    if (step !== 0) return step;
  }
  return a.length - b.length;
};

const compared = (left: Saying, right: Saying): number =>
  left.at - right.at ||
  compareText(left.tie, right.tie) ||
  compareText(left.text ?? '', right.text ?? '');

const picking = (sign: 1 | -1): CommutativeMonoid<Said> => ({
  empty: undefined,
  merge: (left, right) => {
    if (left === undefined || right === undefined) return left ?? right;
    if (left.at === right.at && left.text === undefined) return left;
    if (left.at === right.at && right.text === undefined) return right;
    return compared(left, right) * sign <= 0 ? left : right;
  },
});

export const said: Readonly<Record<Pick, CommutativeMonoid<Said>>> = {
  earliest: picking(1),
  latest: picking(-1),
};

export const withoutText = (saying: Said): Said =>
  saying?.text === undefined ? saying : { at: saying.at, tie: '', text: undefined };

/** An event's id has a character: a length of 0 says that the text was given up. */
export const encodeSaid = (saying: Said): string => {
  if (saying === undefined) return '';
  const { at, tie, text } = saying;
  const when = packUnsigned(Math.max(0, at));
  return when + (text === undefined ? packUnsigned(0) : packUnsigned(tie.length) + tie + text);
};

export const decodeSaid = (stored: string): Said => {
  if (stored === '') return undefined;
  const reader = readPacked(stored);
  const at = epochMs(reader.unsigned());
  const tieLength = reader.unsigned();
  const rest = reader.rest();
  const text = tieLength === 0 ? undefined : rest.slice(tieLength);
  return { at, tie: rest.slice(0, tieLength), text };
};
