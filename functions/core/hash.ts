/**
 * MurmurHash3 (x86, 128 bit) of UTF-8 text: the one hash of the core, for ids, versions and
 * dedupe memory. It spreads well and is fast; it is no defence against a forger, so nothing that
 * must be secret or unforgeable uses it (API keys are hashed by `runtime/keys.ts`).
 */
const rotl = (value: number, by: number): number => (value << by) | (value >>> (32 - by));

const finalMix = (value: number): number => {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
};

const C1 = 0x239b961b;
const C2 = 0xab0e9789;
const C3 = 0x38b34ae5;
const C4 = 0xa1e38b93;
const BLOCK_BYTES = 16;

const mix1 = (word: number): number => Math.imul(rotl(Math.imul(word, C1), 15), C2);
const mix2 = (word: number): number => Math.imul(rotl(Math.imul(word, C2), 16), C3);
const mix3 = (word: number): number => Math.imul(rotl(Math.imul(word, C3), 17), C4);
const mix4 = (word: number): number => Math.imul(rotl(Math.imul(word, C4), 18), C1);

const encoder = new TextEncoder();
/** Reused, because ids are short and many; nothing of it outlives a call. */
let bytes = new Uint8Array(1_024);

/** Writes the text's UTF-8 into `bytes`, zeros up to the end of the block behind it. */
const readText = (text: string): number => {
  const room = text.length * 3 + BLOCK_BYTES;
  if (room > bytes.length) bytes = new Uint8Array(room);
  let length = text.length;
  for (let at = 0; at < length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) {
      length = encoder.encodeInto(text, bytes).written;
      break;
    }
    bytes[at] = unit;
  }
  bytes.fill(0, length, length + BLOCK_BYTES);
  return length;
};

const wordAt = (offset: number): number =>
  (bytes[offset] ?? 0) |
  ((bytes[offset + 1] ?? 0) << 8) |
  ((bytes[offset + 2] ?? 0) << 16) |
  ((bytes[offset + 3] ?? 0) << 24);

/** Four unsigned 32-bit words. */
export const hash128 = (text: string): readonly [number, number, number, number] => {
  const length = readText(text);
  let [h1, h2, h3, h4] = [0, 0, 0, 0];
  const tail = length - (length % BLOCK_BYTES);
  for (let at = 0; at < tail; at += BLOCK_BYTES) {
    h1 = (Math.imul(rotl(h1 ^ mix1(wordAt(at)), 19) + h2, 5) + 0x561ccd1b) | 0;
    h2 = (Math.imul(rotl(h2 ^ mix2(wordAt(at + 4)), 17) + h3, 5) + 0x0bcaa747) | 0;
    h3 = (Math.imul(rotl(h3 ^ mix3(wordAt(at + 8)), 15) + h4, 5) + 0x96cd1c35) | 0;
    h4 = (Math.imul(rotl(h4 ^ mix4(wordAt(at + 12)), 13) + h1, 5) + 0x32ac3b17) | 0;
  }
  h1 ^= mix1(wordAt(tail)) ^ length;
  h2 ^= mix2(wordAt(tail + 4)) ^ length;
  h3 ^= mix3(wordAt(tail + 8)) ^ length;
  h4 ^= mix4(wordAt(tail + 12)) ^ length;
  const sum = h1 + h2 + h3 + h4;
  const [m1, m2, m3, m4] = [
    finalMix(sum),
    finalMix(h2 + sum),
    finalMix(h3 + sum),
    finalMix(h4 + sum),
  ];
  const mixed = m1 + m2 + m3 + m4;
  return [mixed >>> 0, (m2 + mixed) >>> 0, (m3 + mixed) >>> 0, (m4 + mixed) >>> 0];
};

const hex = (word: number): string => word.toString(16).padStart(8, '0');

export const hash32Hex = (text: string): string => hex(hash128(text)[0]);

/** 16 hex digits. */
export const hash64Hex = (text: string): string => {
  const [high, low] = hash128(text);
  return hex(high) + hex(low);
};

/** A safe integer below 2^48: what the id ring and stream `distinct` keep. */
export const hash48 = (text: string): number => {
  const [high, low] = hash128(text);
  return (high & 0xffff) * 0x1_0000_0000 + low;
};
