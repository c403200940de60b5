/**
 * The dedupe memory as bytes, because it lies in every profile and is written with every change.
 *
 * Version 1: a head of seven bytes (version and the six counts), the bitmap lengths of the batches,
 * then ring, batches, fences, floors, parked keys and orders, each a run of entries of fixed size;
 * only a batch's bitmap takes what its highest part needs.
 */
import type { RawPosition } from '../event/event.ts';
import { invariant } from '../invariant.ts';
import { BATCH_PARTS_MAX, BATCHES_MAX, type Batch } from './batch-memory.ts';
import { ByteReader, ByteWriter } from './byte-cursors.ts';
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

/** The sequence's bytes as words of eight. */
const SEQUENCE_WORDS = SEQUENCE_BYTES / 8;

/** Bytes that the highest bit of the number needs; 0 needs none. */
const bytesOf = (word: number): number => Math.ceil((32 - Math.clz32(word)) / 8);

const bitmapBytes = ({ seenHigh, seenLow }: Batch): number =>
  seenHigh === 0 ? Math.max(1, bytesOf(seenLow)) : 4 + bytesOf(seenHigh);

const writeBatch = (writer: ByteWriter, batch: Batch): void => {
  writer.word(batch.idHigh);
  writer.word(batch.idLow);
  const bytes = bitmapBytes(batch);
  if (bytes > 4) writer.small(batch.seenHigh, bytes - 4);
  writer.small(batch.seenLow, Math.min(4, bytes));
};

const readBatch = (reader: ByteReader, bytes: number): Batch => ({
  idHigh: reader.word(),
  idLow: reader.word(),
  seenHigh: bytes > 4 ? reader.small(bytes - 4) : 0,
  seenLow: reader.small(Math.min(4, bytes)),
});

const writePosition = (writer: ByteWriter, { stream, shard, sequence }: Position): void => {
  writer.word(Number.parseInt(stream, 16));
  const number = Number(shard.slice(SHARD_PREFIX.length));
  writer.small(Math.floor(number / 2 ** 32), SHARD_NUMBER_BYTES - 4);
  writer.word(number % 2 ** 32);
  writer.big(BigInt(sequence), SEQUENCE_WORDS);
};

const writeKey = (writer: ByteWriter, key: RawPosition): void => {
  writePosition(writer, key);
  writer.small(key.index, INDEX_BYTES);
};

const readPosition = (reader: ByteReader): Position => {
  const stream = reader.word().toString(16).padStart(8, '0');
  const number = reader.small(SHARD_NUMBER_BYTES - 4) * 2 ** 32 + reader.word();
  const shard = SHARD_PREFIX + String(number).padStart(12, '0');
  return { stream, shard, sequence: reader.big(SEQUENCE_WORDS).toString() };
};

const readKey = (reader: ByteReader): RawPosition => ({
  ...readPosition(reader),
  index: reader.small(INDEX_BYTES),
});

const sizeOf = ({ fences, batches, ring, orders, parked }: Memory): number =>
  HEAD_BYTES +
  batches.length * (1 + BATCH_ID_BYTES) +
  batches.reduce((sum, batch) => sum + bitmapBytes(batch), 0) +
  (ring.length + orders.length) * HASH_BYTES +
  fences.length * POSITION_BYTES +
  (parked.floors.length + parked.keys.size) * KEY_BYTES;

const assertBounds = ({ fences, batches, ring, orders, parked }: Memory): void => {
  invariant(fences.length <= FENCED_STREAMS_MAX, 'a fence per stream, for two streams');
  invariant(batches.length <= BATCHES_MAX, 'at most 32 batches');
  invariant(ring.length <= RING_IDS_MAX, 'at most 128 ids');
  invariant(orders.length <= ORDERS_MAX, 'at most 16 orders');
  invariant(parked.keys.size <= PARKED_KEYS_MAX, 'at most 8 parked keys');
  invariant(parked.floors.length <= PARKED_FLOORS_MAX, 'a floor per stream, for two streams');
};

export const encodeMemory = (memory: Memory): Uint8Array => {
  assertBounds(memory);
  const { fences, batches, ring, orders, parked } = memory;
  const bytes = new Uint8Array(sizeOf(memory));
  const writer = new ByteWriter(bytes);
  const counts = [
    FORMAT,
    ring.length,
    batches.length,
    fences.length,
    parked.floors.length,
    parked.keys.size,
    orders.length,
  ];
  for (const count of counts) writer.small(count, 1);
  for (const batch of batches) writer.small(bitmapBytes(batch), 1);
  for (const id of ring) writer.hash(id);
  for (const batch of batches) writeBatch(writer, batch);
  for (const fence of fences) writePosition(writer, fence);
  for (const floor of parked.floors) writeKey(writer, floor);
  for (const key of parked.keys.values()) writeKey(writer, key);
  for (const order of orders) writer.hash(order);
  return bytes;
};

/** Throws an InvariantViolation for what no `encodeMemory` wrote. */
export const decodeMemory = (bytes: Uint8Array): Memory => {
  const reader = new ByteReader(bytes);
  const times = <T>(many: number, next: () => T): readonly T[] => {
    const all: T[] = [];
    for (let n = 0; n < many; n += 1) all.push(next());
    return all;
  };
  const count = (): number => reader.small(1);
  const hash = (): number => reader.hash();

  invariant(count() === FORMAT, 'the memory is of format 1');
  const ids = count();
  const batchCount = count();
  const fences = count();
  const floors = count();
  const keys = count();
  const orders = count();
  const bitmaps = times(batchCount, count);
  const memory: Memory = {
    ring: times(ids, hash),
    batches: bitmaps.map((length) => readBatch(reader, length)),
    fences: times(fences, () => readPosition(reader)),
    parked: {
      floors: times(floors, () => readKey(reader)),
      keys: new Map(times(keys, () => readKey(reader)).map((key) => [keyText(key), key])),
    },
    orders: times(orders, hash),
  };
  invariant(reader.isAtEnd(), 'a memory ends where its counts say');
  assertBounds(memory);
  return memory;
};
