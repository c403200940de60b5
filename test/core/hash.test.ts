import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hash32Hex, hash48, hash64Hex, hash128 } from '../../functions/core/hash.ts';

test('the hash is MurmurHash3 x86 128, by the vectors that other implementations publish', () => {
  const text = (words: readonly number[]): string =>
    words.map((word) => word.toString(16).padStart(8, '0')).join('');
  expect(text(hash128(''))).toBe('00000000000000000000000000000000');
  expect(text(hash128('The quick brown fox jumps over the lazy dog'))).toBe(
    '2f1583c3ecee2c675d7bf66ce5e91d2c',
  );
});

test('the shorter hashes are prefixes of the long one and stay in their range', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(hash64Hex(text)).toMatch(/^[0-9a-f]{16}$/);
      expect(hash64Hex(text).startsWith(hash32Hex(text))).toBe(true);
      expect(Number.isSafeInteger(hash48(text))).toBe(true);
      expect(hash48(text)).toBeLessThan(2 ** 48);
    }),
  );
});

test('a hundred thousand ids in sequence have no two equal 48-bit hashes', () => {
  const seen = new Set<number>();
  for (let n = 0; n < 100_000; n += 1) seen.add(hash48(`run-${n}`));
  expect(seen.size).toBe(100_000);
});

test('a hash is the same whatever was hashed before it', () => {
  const id = hash64Hex('run-1');
  for (const before of ['x'.repeat(40), 'é'.repeat(3_000), '']) {
    hash64Hex(before);
    expect(hash64Hex('run-1')).toBe(id);
  }
});
