import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readBody } from '../../functions/runtime/body.ts';

const MAX = 1_000;
const read = (body: Uint8Array, bodyIsBytes = true) => readBody({ body, bodyIsBytes }, MAX);

test('gzip is known by its first two bytes, and only in a body that came as bytes', () => {
  expect(read(gzipSync('{"a":1}'))).toEqual({ text: '{"a":1}' });
  expect(read(gzipSync('{"a":1}'), false)).toEqual({ refused: 'broken_gzip' });
  expect(read(Buffer.from('{"a":1}'))).toEqual({ text: '{"a":1}' });
});

test('gzip that a gateway has read as text is told so', () => {
  const asText = Buffer.from(gzipSync('{"a":1}').toString('utf8'));
  expect(read(asText, false)).toEqual({ refused: 'broken_gzip' });
});

test('a body may have exactly the limit, plain or unzipped', () => {
  expect(read(Buffer.alloc(MAX, ' '))).toHaveProperty('text');
  expect(read(Buffer.alloc(MAX + 1, ' '))).toEqual({ refused: 'too_large' });
  expect(read(gzipSync(Buffer.alloc(MAX, ' ')))).toHaveProperty('text');
  expect(read(gzipSync(Buffer.alloc(MAX + 1, ' ')))).toEqual({ refused: 'too_large' });
});

test('a bomb is left before its end: whether that is whole is never known', () => {
  const bomb = gzipSync(Buffer.alloc(10_000_000, ' '));
  expect(read(bomb.subarray(0, bomb.length - 10))).toEqual({ refused: 'too_large' });
});

test('a byte order mark goes, and what is no UTF-8 is refused', () => {
  expect(read(Buffer.from('\ufeff{}'))).toEqual({ text: '{}' });
  expect(read(Uint8Array.of(0x7b, 0xc3, 0x28, 0x7d))).toEqual({ refused: 'not_utf8' });
});
