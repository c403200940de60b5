/** Numbers in [0, 1) that a seed fixes. */
export type Random = () => number;

/** SplitMix32: small, and good enough to choose faults by. */
const splitMix = (seed: number): Random => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
};

const STREAMS = ['workload', 'latency', 'faults', 'engine', 'lake', 'night'] as const;
export type Randoms = Readonly<Record<(typeof STREAMS)[number], Random>>;

/** One seed split by name, so that one more fault does not change what the clients send. */
export const randomsOf = (seed: number): Randoms => {
  const streams = STREAMS.map((name, place) => {
    const random = splitMix(Math.imul(seed, 0x85ebca6b) ^ Math.imul(place + 1, 0xc2b2ae35));
    random();
    return [name, random] as const;
  });
  return Object.fromEntries(streams) as Randoms;
};

export const below = (random: Random, bound: number): number => Math.floor(random() * bound);

export const pick = <T>(random: Random, values: readonly T[]): T => {
  const value = values[below(random, values.length)];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
};
