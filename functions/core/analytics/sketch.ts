/**
 * How many different things there were: exactly up to 256 of them, beyond that by HyperLogLog in
 * 1,024 registers. Sketches of rows and minutes merge into the sketch of their union.
 */
import { InvariantViolation, invariant } from '../invariant.ts';

export const SKETCH_EXACT_MAX = 256;
export const SKETCH_REGISTERS = 1_024;
/**
 * 1.04 / √1,024, in percent, rounded up: one standard error. Two of three estimates are off by less,
 * nineteen of twenty by less than twice as much; none is biased.
 */
export const SKETCH_ERROR_PERCENT = 3.3;

const INDEX_BITS = 10;
/** Of the 48-bit hash, what is left of the register's index. */
const RANK_BITS = 48 - INDEX_BITS;
const HASH_DIGITS = 12;

/** Owned by whoever made it; adding changes it in place. */
export interface Sketch {
  /** 48-bit hashes, while there are few. */
  exact: Set<number> | undefined;
  registers: Uint8Array | undefined;
}

export interface Estimate {
  readonly value: number;
  /** 0 where it was counted. */
  readonly errorPercent: number;
}

export const newSketch = (): Sketch => ({ exact: new Set(), registers: undefined });

/** 1 + the leading zeros of 38 bits. */
const rankOf = (bits: number): number => {
  const high = Math.floor(bits / 0x1_0000_0000);
  return high > 0 ? Math.clz32(high) - 26 + 1 : 6 + Math.clz32(bits >>> 0) + 1;
};

const register = (registers: Uint8Array, hash: number): void => {
  const index = hash % SKETCH_REGISTERS;
  const rank = rankOf(Math.floor(hash / SKETCH_REGISTERS));
  if (rank > (registers[index] ?? 0)) registers[index] = rank;
};

const registersOf = ({ exact, registers }: Sketch): Uint8Array => {
  if (registers !== undefined) return registers;
  const made = new Uint8Array(SKETCH_REGISTERS);
  for (const hash of exact ?? []) register(made, hash);
  return made;
};

export const addToSketch = (sketch: Sketch, hash: number): void => {
  if (sketch.registers !== undefined) register(sketch.registers, hash);
  sketch.exact?.add(hash);
  if (sketch.exact !== undefined && sketch.exact.size > SKETCH_EXACT_MAX) {
    sketch.registers = registersOf(sketch);
    sketch.exact = undefined;
  }
};

/** The union. Where all parts are exact it stays exact, however many they are together. */
export const unionOf = (sketches: readonly Sketch[]): Sketch => {
  if (sketches.every(({ exact }) => exact !== undefined)) {
    return {
      exact: new Set(sketches.flatMap(({ exact }) => [...(exact ?? [])])),
      registers: undefined,
    };
  }
  const union = new Uint8Array(SKETCH_REGISTERS);
  for (const sketch of sketches) {
    for (const [index, rank] of registersOf(sketch).entries()) {
      if (rank > (union[index] ?? 0)) union[index] = rank;
    }
  }
  return { exact: undefined, registers: union };
};

const sigma = (share: number): number => {
  let [x, y, sum, before] = [share, 1, share, Number.NaN];
  while (sum !== before) {
    x *= x;
    before = sum;
    sum += x * y;
    y += y;
  }
  return sum;
};

const tau = (share: number): number => {
  if (share === 0 || share === 1) return 0;
  let [x, y, sum, before] = [share, 1, 1 - share, Number.NaN];
  while (sum !== before) {
    x = Math.sqrt(x);
    before = sum;
    y /= 2;
    sum -= (1 - x) ** 2 * y;
  }
  return sum / 3;
};

/** Otmar Ertl's estimator (2017): unbiased from one to the largest counts, without tables. */
const cardinality = (registers: Uint8Array): number => {
  const counts = new Array<number>(RANK_BITS + 2).fill(0);
  for (const rank of registers) counts[rank] = (counts[rank] ?? 0) + 1;
  const m = SKETCH_REGISTERS;
  if (counts[0] === m) return 0;
  let z = m * tau(1 - (counts[RANK_BITS + 1] ?? 0) / m);
  for (let rank = RANK_BITS; rank >= 1; rank -= 1) z = 0.5 * (z + (counts[rank] ?? 0));
  z += m * sigma((counts[0] ?? 0) / m);
  return Math.round((m * m) / (2 * Math.LN2 * z));
};

export const estimateOf = ({ exact, registers }: Sketch): Estimate =>
  registers === undefined
    ? { value: exact?.size ?? 0, errorPercent: 0 }
    : { value: cardinality(registers), errorPercent: SKETCH_ERROR_PERCENT };

/** How many are in the first and not in the second: counted, or the difference of two estimates. */
export const estimateWithout = (first: Sketch, second: Sketch): Estimate => {
  const { exact } = first;
  const other = second.exact;
  if (exact !== undefined && other !== undefined) {
    return { value: [...exact].filter((hash) => !other.has(hash)).length, errorPercent: 0 };
  }
  const both = estimateOf(unionOf([first, second])).value;
  const value = Math.max(0, both - estimateOf(second).value);
  // Each of the two is off by its share; what is left of them carries both.
  const error = value === 0 ? 100 : Math.min(100, (2 * SKETCH_ERROR_PERCENT * both) / value);
  return { value, errorPercent: Math.round(error * 10) / 10 };
};

/** Hashes as hexadecimal digits, or registers of one character each: JSON without escapes. */
export const encodeSketch = ({ exact, registers }: Sketch): string =>
  registers === undefined
    ? `e${[...(exact ?? [])].map((hash) => hash.toString(16).padStart(HASH_DIGITS, '0')).join('')}`
    : `r${[...registers].map((rank) => String.fromCharCode(RANK_ZERO + rank)).join('')}`;

/** `0`: 39 ranks from here on end before the letter that JSON would escape. */
const RANK_ZERO = 48;

export const decodeSketch = (text: string): Sketch => {
  const rest = text.slice(1);
  if (text.startsWith('e')) {
    invariant(rest.length % HASH_DIGITS === 0, 'a sketch holds whole hashes');
    const exact = new Set<number>();
    for (let at = 0; at < rest.length; at += HASH_DIGITS) {
      const hash = Number.parseInt(rest.slice(at, at + HASH_DIGITS), 16);
      invariant(Number.isSafeInteger(hash), 'a sketch holds hashes');
      exact.add(hash);
    }
    return { exact, registers: undefined };
  }
  if (!text.startsWith('r') || rest.length !== SKETCH_REGISTERS) {
    throw new InvariantViolation('a sketch is a list of hashes or 1,024 registers');
  }
  const registers = Uint8Array.from(rest, (letter) => letter.charCodeAt(0) - RANK_ZERO);
  invariant(
    registers.every((rank) => rank <= RANK_BITS + 1),
    'a register holds a rank',
  );
  return { exact: undefined, registers };
};
