import { expect, test } from 'vitest';
import type { RawPosition } from '../../../functions/core/event/event.ts';
import {
  isBelowFloor,
  nothingParked,
  PARKED_KEYS_MAX,
  type ParkedKeys,
  rememberParked,
} from '../../../functions/core/profile/parked.ts';

const keyAt = (stream: string, sequence: number, index = 0): RawPosition => ({
  stream,
  shard: 'shardId-000000000000',
  sequence: String(sequence),
  index,
});

/** So many keys are parked after it that it is forgotten. */
const forgetting = (parked: ParkedKeys, key: RawPosition): ParkedKeys => {
  const later = Array.from({ length: PARKED_KEYS_MAX }, (_, place) =>
    keyAt(key.stream, Number(key.sequence) + 1 + place),
  );
  return [key, ...later].reduce(rememberParked, parked);
};

test('each stream has a floor of its own, which another stream does not move', () => {
  const older = forgetting(nothingParked, keyAt('aaaaaaaa', 900));
  const both = forgetting(older, keyAt('bbbbbbbb', 100));
  // Forgetting the keys of the first stream has raised its floor to the last of them.
  expect(isBelowFloor(both, keyAt('aaaaaaaa', 908))).toBe(true);
  expect(isBelowFloor(both, keyAt('aaaaaaaa', 909))).toBe(false);
  expect(isBelowFloor(both, keyAt('bbbbbbbb', 100))).toBe(true);
  expect(isBelowFloor(both, keyAt('bbbbbbbb', 101))).toBe(false);
});

test('inside one raw record the floor is a line’s place', () => {
  const parked = forgetting(nothingParked, keyAt('aaaaaaaa', 5, 3));
  const isBelow = (index: number): boolean => isBelowFloor(parked, keyAt('aaaaaaaa', 5, index));
  expect([2, 3, 4].map(isBelow)).toEqual([true, true, false]);
});
