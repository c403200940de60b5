import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  BATCH_PARTS_MAX,
  BATCHES_MAX,
  type Batch,
  rememberPart,
} from '../../../functions/core/profile/batch-memory.ts';
import { advanced, type Fences, isPassed } from '../../../functions/core/profile/fence.ts';
import { RING_IDS_MAX, rememberIn } from '../../../functions/core/profile/id-ring.ts';
import { type Memory, noMemory } from '../../../functions/core/profile/memory.ts';
import {
  COPIES_BYTES_MAX,
  decodeMemory,
  encodeMemory,
  PLACES_BYTES_MAX,
} from '../../../functions/core/profile/memory-codec.ts';
import {
  nothingParked,
  type ParkedKeys,
  rememberParked,
} from '../../../functions/core/profile/parked.ts';
import {
  compareKeys,
  comparePositions,
  keyText,
} from '../../../functions/core/profile/position.ts';

const KB = 1_024;
const stream: fc.Arbitrary<string> = fc.constantFrom('00000000', '0badcafe', 'ffffffff');
const shard = fc
  .oneof(fc.nat(20), fc.constantFrom(9, 10, 99, 100, 999_999_999_999))
  .map((number) => `shardId-${String(number).padStart(12, '0')}`);
const sequence = fc.oneof(
  fc.nat(200).map(String),
  fc.constantFrom('9'.repeat(56), '9'.repeat(22), `1${'0'.repeat(22)}`, '0', `1${'0'.repeat(55)}`),
  fc.bigInt({ min: 0n, max: 10n ** 56n - 1n }).map(String),
);
const position = fc.record({ stream, shard, sequence });
const key = fc.record({
  stream,
  shard,
  sequence,
  index: fc.oneof(fc.nat(63), fc.constant(65_535)),
});
const hash48 = fc.oneof(
  fc.maxSafeInteger().map((n) => Math.abs(n) % 2 ** 48),
  fc.constantFrom(0, 2 ** 48 - 1),
);
const batch = fc.record({
  batchId: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((n) => n.toString(16).padStart(16, '0')),
  part: fc.oneof(fc.constantFrom(0, 7, 8, 63), fc.nat(63)),
});

const memoryOf = ({
  positions,
  batches,
  ids,
  orders,
  keys,
}: {
  positions: readonly (typeof position extends fc.Arbitrary<infer T> ? T : never)[];
  batches: readonly { batchId: string; part: number }[];
  ids: readonly number[];
  orders: readonly number[];
  keys: readonly (typeof key extends fc.Arbitrary<infer T> ? T : never)[];
}): Memory => {
  const known: Batch[] = [];
  for (const each of batches) rememberPart(known, each);
  const ring: number[] = [];
  for (const id of ids) rememberIn(ring, id, RING_IDS_MAX);
  const counted: number[] = [];
  for (const order of orders) rememberIn(counted, order, 16);
  return {
    fences: positions.reduce<Fences>(
      (fences, each) => (isPassed(fences, each) ? fences : advanced(fences, each)),
      [],
    ),
    batches: known,
    ring,
    orders: counted,
    parked: keys.reduce<ParkedKeys>(rememberParked, nothingParked),
  };
};

const memories = fc
  .record({
    positions: fc.array(position, { maxLength: 12 }),
    batches: fc.array(batch, { maxLength: 60 }),
    ids: fc.array(hash48, { maxLength: 200 }),
    orders: fc.array(hash48, { maxLength: 30 }),
    keys: fc.array(key, { maxLength: 20 }),
  })
  .map(memoryOf);

test('what is written is read again, in its order', () => {
  fc.assert(
    fc.property(memories, (memory) => {
      const read = decodeMemory(encodeMemory(memory));
      expect(read.ring).toEqual(memory.ring);
      expect(read.batches).toEqual(memory.batches);
      expect(read.orders).toEqual(memory.orders);
      expect(read.parked.floors).toEqual(memory.parked.floors);
      expect([...read.parked.keys]).toEqual([...memory.parked.keys]);
      expect(read.fences).toEqual(memory.fences);
    }),
  );
});

test('ring and batches stay within 1.25 KB, and places within 0.9 KB', () => {
  expect(COPIES_BYTES_MAX).toBeLessThanOrEqual(1.25 * KB);
  expect(PLACES_BYTES_MAX).toBeLessThanOrEqual(0.9 * KB);
  fc.assert(
    fc.property(memories, (memory) => {
      const none = { batches: [], ring: [] };
      const places = encodeMemory({ ...memory, ...none }).length;
      expect(places).toBeLessThanOrEqual(PLACES_BYTES_MAX);
      expect(encodeMemory(memory).length).toBeLessThanOrEqual(COPIES_BYTES_MAX + PLACES_BYTES_MAX);
    }),
  );
});

test('a full memory takes exactly the bytes that are stated as the most', () => {
  const most = memoryOf({
    positions: ['00000000', 'ffffffff'].map((name) => ({
      stream: name,
      shard: 'shardId-999999999999',
      sequence: '9'.repeat(56),
    })),
    batches: Array.from({ length: 40 }, (_, n) => ({
      batchId: n.toString(16).padStart(16, 'f'),
      part: 63,
    })),
    ids: Array.from({ length: 200 }, (_, n) => 2 ** 48 - 1 - n),
    orders: Array.from({ length: 20 }, (_, n) => 2 ** 48 - 1 - n),
    keys: Array.from({ length: 20 }, (_, n) => ({
      stream: n % 2 === 0 ? '00000000' : 'ffffffff',
      shard: 'shardId-999999999999',
      sequence: '9'.repeat(56),
      index: n,
    })),
  });
  expect(encodeMemory(most).length).toBe(COPIES_BYTES_MAX + PLACES_BYTES_MAX);
});

test('a bitmap takes the bytes that its highest part needs', () => {
  const bytesWith = (...parts: readonly number[]): number => {
    const batches: Batch[] = [];
    for (const part of parts) rememberPart(batches, { batchId: '0123456789abcdef', part });
    return encodeMemory({ ...noMemory, batches }).length - encodeMemory(noMemory).length - 9;
  };
  expect([0, 7, 8, 15, 16, 63].map((part) => bytesWith(part))).toEqual([1, 1, 2, 2, 3, 8]);
  expect(bytesWith(0, 1, 2, 63)).toBe(8);
});

test.each([
  ['of another format', (bytes: Uint8Array) => Uint8Array.of(2, ...bytes.subarray(1))],
  ['that is cut off', (bytes: Uint8Array) => bytes.subarray(0, -1)],
  ['that is too long', (bytes: Uint8Array) => Uint8Array.of(...bytes, 0)],
  ['with nine parked keys', (bytes: Uint8Array) => bytes.with(5, 9)],
  ['that is empty', () => new Uint8Array()],
])('a memory %s is refused', (_, damage) => {
  const memory = memoryOf({
    positions: [{ stream: '00000000', shard: 'shardId-000000000001', sequence: '5' }],
    batches: [],
    ids: [1, 2],
    orders: [],
    keys: [],
  });
  expect(() => decodeMemory(damage(encodeMemory(memory)))).toThrow();
});

test('a memory over a bound is refused before it is written', () => {
  const batches = Array.from({ length: BATCHES_MAX + 1 }, (_, n) => ({
    idHigh: 0,
    idLow: n,
    seenHigh: 0,
    seenLow: 1,
  }));
  expect(() => encodeMemory({ ...noMemory, batches })).toThrow('at most 32 batches');
  expect(() => rememberPart([], { batchId: '0'.repeat(16), part: BATCH_PARTS_MAX })).toThrow(
    'at most 64 parts',
  );
});

test('positions compare by the shard’s id, then by the sequence as a number of 56 digits', () => {
  const numberOf = (text: string): bigint => BigInt(text.replace('shardId-', ''));
  const sign = (value: number | bigint): number => (value > 0 ? 1 : value < 0 ? -1 : 0);
  fc.assert(
    fc.property(position, position, (left, right) => {
      const expected =
        sign(numberOf(left.shard) - numberOf(right.shard)) ||
        sign(numberOf(left.sequence) - numberOf(right.sequence));
      expect(sign(comparePositions(left, right))).toBe(expected);
    }),
  );
});

test('the fence of a stream is the highest position met, for the last two streams met', () => {
  fc.assert(
    fc.property(fc.array(position, { maxLength: 30 }), (positions) => {
      let fences: Fences = [];
      const met: { stream: string; highest: (typeof positions)[number] }[] = [];
      for (const each of positions) {
        const held = met.find(({ stream: name }) => name === each.stream);
        const passes = held !== undefined && comparePositions(each, held.highest) <= 0;
        expect(isPassed(fences, each)).toBe(passes);
        if (passes) continue;
        fences = advanced(fences, each);
        if (held !== undefined) met.splice(met.indexOf(held), 1);
        met.push({ stream: each.stream, highest: each });
        if (met.length > 2) met.shift();
      }
      expect(fences).toEqual(met.map(({ highest }) => highest));
    }),
  );
});

test('the last 8 parked keys are listed and the floor of a stream is the highest key forgotten', () => {
  const one = fc.constant('0badcafe');
  const keys = fc.uniqueArray(
    fc.record({ stream: one, shard, sequence: fc.nat(200).map(String), index: fc.nat(3) }),
    { selector: keyText, maxLength: 30 },
  );
  fc.assert(
    fc.property(keys, (all) => {
      const { keys: kept, floors } = all.reduce<ParkedKeys>(rememberParked, nothingParked);
      expect([...kept.values()]).toEqual(all.slice(-8));
      const forgotten = all.slice(0, Math.max(0, all.length - 8));
      expect(floors).toEqual(forgotten.toSorted(compareKeys).slice(-1));
    }),
  );
});

test('the last ids that were counted are known, and none before them', () => {
  fc.assert(
    fc.property(fc.uniqueArray(hash48, { maxLength: 300 }), (ids) => {
      const ring: number[] = [];
      for (const id of ids) rememberIn(ring, id, RING_IDS_MAX);
      expect(ring).toEqual(ids.slice(-128));
    }),
  );
});
