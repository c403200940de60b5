/** What a field said first or last: by event time, and at one instant by the event's id. */
import { type EpochMs, epochMs } from '../time.ts';
import type { Pick } from './instant.ts';
import type { CommutativeMonoid } from './monoid.ts';
import { packUnsigned, readPacked } from './packed-integers.ts';

export interface Saying {
  readonly at: EpochMs;
  /** The event's id. */
  readonly tie: string;
  readonly text: string;
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
  left.at - right.at || compareText(left.tie, right.tie) || compareText(left.text, right.text);

const picking = (sign: 1 | -1): CommutativeMonoid<Said> => ({
  empty: undefined,
  merge: (left, right) => {
    if (left === undefined || right === undefined) return left ?? right;
    return compared(left, right) * sign <= 0 ? left : right;
  },
});

export const said: Readonly<Record<Pick, CommutativeMonoid<Said>>> = {
  earliest: picking(1),
  latest: picking(-1),
};

export const encodeSaid = (saying: Said): string =>
  saying === undefined
    ? ''
    : packUnsigned(Math.max(0, saying.at)) +
      packUnsigned(saying.tie.length) +
      saying.tie +
      saying.text;

export const decodeSaid = (text: string): Said => {
  if (text === '') return undefined;
  const reader = readPacked(text);
  const at = epochMs(reader.unsigned());
  const tieLength = reader.unsigned();
  const rest = reader.rest();
  return { at, tie: rest.slice(0, tieLength), text: rest.slice(tieLength) };
};
