/**
 * The dedupe memory as bytes, because it lies in every profile and is written with every change.
 *
 * Version 1: a head of seven bytes (version and the six counts), the bitmap lengths of the batches,
 * then ring, batches, fences, floors, parked keys and orders, each a run of entries of fixed size;
 * only a batch's bitmap takes what its highest part needs.
 */
import type { RawPosition } from '../event/event.ts';
import { invariant } from '../invariant.ts';
import { BATCH_PARTS_MAX, BATCHES_MAX } from './batch-memory.ts';
import { FENCED_STREAMS_MAX } from './fence.ts';
import { RING_IDS_MAX } from './id-ring.ts';
import type { Memory } from './memory.ts';
import { ORDERS_MAX } from './orders.ts';
import { PARKED_FLOORS_MAX, PARKED_KEYS_MAX } from './parked.ts';
import { keyText, type Position, SEQUENCE_BYTES, SHARD_NUMBER_BYTES } from './position.ts';

const FORMAT = 1;
const HASH_BYTES = 6;
const BATCH_ID_BYTES = 8;
const STREAM_BYTES = 4;
const INDEX_BYTES = 2;
const POSITION_BYTES = STREAM_BYTES + SHARD_NUMBER_BYTES + SEQUENCE_BYTES;
const KEY_BYTES = POSITION_BYTES + INDEX_BYTES;
const HEAD_BYTES = 7;
const SHARD_PREFIX = 'shardId-';

/** Ring and batch memory without their counts. */
export const COPIES_BYTES_MAX =
  RING_IDS_MAX * HASH_BYTES + BATCHES_MAX * (BATCH_ID_BYTES + BATCH_PARTS_MAX / 8);
/** Fences, floors, parked keys, orders, and all counts. */
export const PLACES_BYTES_MAX =
  HEAD_BYTES +
  BATCHES_MAX +
  FENCED_STREAMS_MAX * POSITION_BYTES +
  (PARKED_FLOORS_MAX + PARKED_KEYS_MAX) * KEY_BYTES +
  ORDERS_MAX * HASH_BYTES;

type Writer = (value: bigint, bytes: number) => void;
type Reader = (bytes: number) => bigint;

const writer = (target: Uint8Array): Writer => {
  let at = 0;
  return (value, bytes) => {
    let rest = value;
    for (let place = at + bytes - 1; place >= at; place -= 1) {
      target[place] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    invariant(rest === 0n, 'a number fits the bytes that it has');
    at += bytes;
  };
};

const reader = (source: Uint8Array): { readonly read: Reader; readonly isAtEnd: () => boolean } => {
  let at = 0;
  return {
    read: (bytes) => {
      invariant(at + bytes <= source.length, 'a memory is not cut off');
      let value = 0n;
      for (const byte of source.subarray(at, at + bytes)) value = (value << 8n) | BigInt(byte);
      at += bytes;
      return value;
    },
    isAtEnd: () => at === source.length,
  };
};

const bitmapBytes = (bits: bigint): number => Math.ceil(bits.toString(2).length / 8);

const writePosition = (write: Writer, { stream, shard, sequence }: Position): void => {
  write(BigInt(`0x${stream}`), STREAM_BYTES);
  write(BigInt(shard.slice(SHARD_PREFIX.length)), SHARD_NUMBER_BYTES);
  write(BigInt(sequence), SEQUENCE_BYTES);
};

const writeKey = (write: Writer, key: RawPosition): void => {
  writePosition(write, key);
  write(BigInt(key.index), INDEX_BYTES);
};

const readPosition = (read: Reader): Position => ({
  stream: read(STREAM_BYTES).toString(16).padStart(8, '0'),
  shard: SHARD_PREFIX + read(SHARD_NUMBER_BYTES).toString().padStart(12, '0'),
  sequence: read(SEQUENCE_BYTES).toString(),
});

const readKey = (read: Reader): RawPosition => ({
  ...readPosition(read),
  index: Number(read(INDEX_BYTES)),
});

const sizeOf = ({ fences, batches, ring, orders, parked }: Memory): number =>
  HEAD_BYTES +
  batches.size * (1 + BATCH_ID_BYTES) +
  [...batches.values()].reduce((sum, bits) => sum + bitmapBytes(bits), 0) +
  (ring.size + orders.size) * HASH_BYTES +
  fences.length * POSITION_BYTES +
  (parked.floors.length + parked.keys.size) * KEY_BYTES;

const assertBounds = ({ fences, batches, ring, orders, parked }: Memory): void => {
  invariant(fences.length <= FENCED_STREAMS_MAX, 'a fence per stream, for two streams');
  invariant(batches.size <= BATCHES_MAX, 'at most 32 batches');
  invariant(ring.size <= RING_IDS_MAX, 'at most 128 ids');
  invariant(orders.size <= ORDERS_MAX, 'at most 16 orders');
  invariant(parked.keys.size <= PARKED_KEYS_MAX, 'at most 8 parked keys');
  invariant(parked.floors.length <= PARKED_FLOORS_MAX, 'a floor per stream, for two streams');
};

export const encodeMemory = (memory: Memory): Uint8Array => {
  assertBounds(memory);
  const { fences, batches, ring, orders, parked } = memory;
  const bytes = new Uint8Array(sizeOf(memory));
  const write = writer(bytes);
  const counts = [
    FORMAT,
    ring.size,
    batches.size,
    fences.length,
    parked.floors.length,
    parked.keys.size,
    orders.size,
  ];
  for (const count of counts) write(BigInt(count), 1);
  for (const bits of batches.values()) write(BigInt(bitmapBytes(bits)), 1);
  for (const id of ring) write(BigInt(id), HASH_BYTES);
  for (const [batchId, bits] of batches) {
    write(BigInt(`0x${batchId}`), BATCH_ID_BYTES);
    write(bits, bitmapBytes(bits));
  }
  for (const fence of fences) writePosition(write, fence);
  for (const floor of parked.floors) writeKey(write, floor);
  for (const key of parked.keys.values()) writeKey(write, key);
  for (const order of orders) write(BigInt(order), HASH_BYTES);
  return bytes;
};

/** Throws an InvariantViolation for what no `encodeMemory` wrote. */
export const decodeMemory = (bytes: Uint8Array): Memory => {
  const { read, isAtEnd } = reader(bytes);
  const count = (): number => Number(read(1));
  const times = <T>(many: number, next: () => T): readonly T[] =>
    Array.from({ length: many }, next);
  const hash = (): number => Number(read(HASH_BYTES));

  invariant(count() === FORMAT, 'the memory is of format 1');
  const [ids, batchCount, fences, floors, keys, orders] = times(6, count) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const lengths = times(batchCount, count);
  const ring = new Set(times(ids, hash));
  const batches = new Map(
    lengths.map((length) => [read(BATCH_ID_BYTES).toString(16).padStart(16, '0'), read(length)]),
  );
  const memory: Memory = {
    ring,
    batches,
    fences: times(fences, () => readPosition(read)),
    parked: {
      floors: times(floors, () => readKey(read)),
      keys: new Map(times(keys, () => readKey(read)).map((key) => [keyText(key), key])),
    },
    orders: new Set(times(orders, hash)),
  };
  invariant(isAtEnd(), 'a memory ends where its counts say');
  assertBounds(memory);
  return memory;
};
