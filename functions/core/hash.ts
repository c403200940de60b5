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

type Lane = readonly [multiplyFirst: number, rotate: number, multiplyThen: number];
const LANES: readonly [Lane, Lane, Lane, Lane] = [
  [0x239b961b, 15, 0xab0e9789],
  [0xab0e9789, 16, 0x38b34ae5],
  [0x38b34ae5, 17, 0xa1e38b93],
  [0xa1e38b93, 18, 0x239b961b],
];
const STATE_ROTATE = [19, 17, 15, 13] as const;
const STATE_ADD = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17] as const;
const BLOCK_BYTES = 16;

const mixLane = (word: number, lane: Lane): number =>
  Math.imul(rotl(Math.imul(word, lane[0]), lane[1]), lane[2]);

const encoder = new TextEncoder();

const wordAt = (bytes: Uint8Array, offset: number): number =>
  (bytes[offset] ?? 0) |
  ((bytes[offset + 1] ?? 0) << 8) |
  ((bytes[offset + 2] ?? 0) << 16) |
  ((bytes[offset + 3] ?? 0) << 24);

/** Four unsigned 32-bit words. */
export const hash128 = (text: string): readonly [number, number, number, number] => {
  const bytes = encoder.encode(text);
  const h: [number, number, number, number] = [0, 0, 0, 0];
  const blocks = Math.floor(bytes.length / BLOCK_BYTES);
  for (let block = 0; block < blocks; block += 1) {
    for (let lane = 0; lane < 4; lane += 1) {
      const l = lane as 0 | 1 | 2 | 3;
      h[l] ^= mixLane(wordAt(bytes, block * BLOCK_BYTES + l * 4), LANES[l]);
      h[l] = rotl(h[l], STATE_ROTATE[l]);
      h[l] = (h[l] + h[((l + 1) % 4) as 0 | 1 | 2 | 3]) | 0;
      h[l] = (Math.imul(h[l], 5) + STATE_ADD[l]) | 0;
    }
  }
  for (const l of [0, 1, 2, 3] as const) {
    h[l] ^= mixLane(wordAt(bytes, blocks * BLOCK_BYTES + l * 4), LANES[l]) ^ bytes.length;
  }
  const stir = (): void => {
    h[0] = (h[0] + h[1] + h[2] + h[3]) | 0;
    for (const l of [1, 2, 3] as const) h[l] = (h[l] + h[0]) | 0;
  };
  stir();
  for (const l of [0, 1, 2, 3] as const) h[l] = finalMix(h[l]);
  stir();
  return [h[0] >>> 0, h[1] >>> 0, h[2] >>> 0, h[3] >>> 0];
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
