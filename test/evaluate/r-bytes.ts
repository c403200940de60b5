/** R's serialisation written by hand, as far as a list of named columns goes. */
import { deflateSync, gzipSync } from 'node:zlib';

const NIL = 254;
const ATTRIBUTES = 0x200;
const TAGGED = 0x400;

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const real = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
};
const chars = (text: string): Buffer =>
  Buffer.concat([int(9), int(Buffer.byteLength(text)), Buffer.from(text)]);
const symbol = (name: string): Buffer => Buffer.concat([int(1), chars(name)]);

export const integers = (values: readonly number[]): Buffer =>
  Buffer.concat([int(13), int(values.length), ...values.map(int)]);
export const reals = (values: readonly number[]): Buffer =>
  Buffer.concat([int(14), int(values.length), ...values.map(real)]);
export const strings = (values: readonly string[]): Buffer =>
  Buffer.concat([int(16), int(values.length), ...values.map(chars)]);

/** The name `names` is a symbol that later lists refer to. */
export const named = (
  columns: readonly (readonly [string, Buffer])[],
  attribute: Buffer = symbol('names'),
): Buffer =>
  Buffer.concat([
    int(19 + ATTRIBUTES),
    int(columns.length),
    ...columns.map(([, column]) => column),
    int(2 + TAGGED),
    attribute,
    strings(columns.map(([name]) => name)),
    int(NIL),
  ]);
/** The symbol that was written first. */
export const firstSymbol = int(255 + (1 << 8));

export const written = (value: Buffer, version: 2 | 3 = 3): Buffer =>
  Buffer.concat([
    Buffer.from('X\n'),
    int(version),
    int(0),
    int(0),
    ...(version === 3 ? [int(5), Buffer.from('UTF-8')] : []),
    value,
  ]);

/** A package's index and base with this one object. */
export const packaged = (name: string, object: Buffer): { index: Buffer; base: Buffer } => {
  const before = Buffer.from('what lies before');
  const chunk = Buffer.concat([int(object.length), deflateSync(object)]);
  const variables = named([[name, integers([before.length, chunk.length])]]);
  const index = named([['variables', variables]], firstSymbol);
  return { index: gzipSync(written(index)), base: Buffer.concat([before, chunk]) };
};
