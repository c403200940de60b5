import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  packSigned,
  packUnsigned,
  readPacked,
} from '../../../functions/core/tags/packed-integers.ts';

test('what was packed is read back, in order', () => {
  const numbers = fc.array(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -40, max: 40 })));
  fc.assert(
    fc.property(numbers, (all) => {
      const text = all.map((each) => packSigned(each) + packUnsigned(Math.abs(each))).join('');
      const reader = readPacked(text);
      expect(all.map(() => [reader.signed(), reader.unsigned()])).toEqual(
        all.map((each) => [each, Math.abs(each)]),
      );
      expect(reader.ended()).toBe(true);
      expect(JSON.stringify(text)).toBe(`"${text}"`);
    }),
  );
});

test('small numbers take one character', () => {
  expect(
    [packUnsigned(31), packUnsigned(32), packSigned(-15), packSigned(16)].map((t) => t.length),
  ).toEqual([1, 2, 1, 2]);
});

test('broken text is a broken promise', () => {
  expect(() => readPacked('').unsigned()).toThrow('broken');
  expect(() => readPacked('!').signed()).toThrow('broken');
  expect(() => readPacked('_').unsigned()).toThrow('broken');
  expect(() => readPacked('_____________A').unsigned()).toThrow('too large');
  expect(() => packUnsigned(-1)).toThrow();
  expect(() => packSigned(0.5)).toThrow();
});
