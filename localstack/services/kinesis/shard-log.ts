import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { counterOf } from '../../engines/kinesis/sequence.ts';
import type { StoredRecord } from '../../engines/kinesis/state.ts';

/**
 * One shard's records on disk: segments named by the counter of their first record, each a row of
 * `length, crc32, payload`. A record is written by write() before it is acknowledged, which
 * survives a killed process; there is no fsync, so not a power cut.
 */
export interface ShardLog {
  /** Written when it returns; leaves nothing behind when it throws. */
  readonly append: (records: readonly StoredRecord[]) => void;
  /** Deletes segments whose newest record arrived before; never the newest segment. */
  readonly deleteBefore: (arrivedAtMs: number) => void;
  readonly close: () => void;
}

const SEGMENT_BYTES_MAX = 16 * 1024 * 1024;
const SEGMENT_AGE_MAX_MS = 60 * 60 * 1000;
const HEADER_BYTES = 8;
/** Larger than any record can be: what claims more is not ours. */
const ENTRY_BYTES_MAX = 2 * 1024 * 1024;

interface Segment {
  readonly path: string;
  bytes: number;
  firstArrivedAtMs: number;
  lastArrivedAtMs: number;
}

export class DamagedLog extends Error {
  override readonly name = 'DamagedLog';
}

/** Opens the log and hands over what it holds, oldest first; a torn last entry is cut off. */
export const openShardLog = (
  folder: string,
  recovered: (record: StoredRecord) => void,
): ShardLog => {
  mkdirSync(folder, { recursive: true });
  const names = readdirSync(folder).sort((left, right) => (left < right ? -1 : 1));
  const segments = names.map((name, index) =>
    readSegment(join(folder, name), index === names.length - 1, recovered),
  );
  return new SegmentedLog(folder, segments);
};

class SegmentedLog implements ShardLog {
  readonly #folder: string;
  readonly #segments: Segment[];
  #file: number | null = null;

  constructor(folder: string, segments: Segment[]) {
    this.#folder = folder;
    this.#segments = segments;
  }

  append(records: readonly StoredRecord[]): void {
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return;
    const segment = this.#segmentFor(first);
    this.#file ??= openSync(segment.path, 'a');
    segment.bytes += writeWhole(this.#file, segment.bytes, Buffer.concat(records.map(encode)));
    segment.lastArrivedAtMs = Math.max(segment.lastArrivedAtMs, last.arrivedAtMs);
  }

  deleteBefore(arrivedAtMs: number): void {
    const segments = this.#segments;
    while (segments.length > 1 && (segments[0]?.lastArrivedAtMs ?? arrivedAtMs) < arrivedAtMs) {
      const oldest = segments.shift();
      if (oldest !== undefined) rmSync(oldest.path, { force: true });
    }
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #segmentFor(first: StoredRecord): Segment {
    const last = this.#segments.at(-1);
    if (last !== undefined && !isFull(last, first)) return last;
    this.close();
    const name = counterOf(first.sequenceNumber).toString().padStart(20, '0');
    const segment = {
      path: join(this.#folder, `${name}.log`),
      bytes: 0,
      firstArrivedAtMs: first.arrivedAtMs,
      lastArrivedAtMs: first.arrivedAtMs,
    };
    this.#segments.push(segment);
    return segment;
  }
}

const isFull = (segment: Segment, next: StoredRecord): boolean =>
  segment.bytes >= SEGMENT_BYTES_MAX ||
  next.arrivedAtMs - segment.firstArrivedAtMs >= SEGMENT_AGE_MAX_MS;

/** A full disk may take half of it: what was not acknowledged must not precede what will be. */
const writeWhole = (file: number, end: number, bytes: Buffer): number => {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file, bytes, written);
  } catch (fault) {
    ftruncateSync(file, end);
    throw fault;
  }
  return bytes.length;
};

const encode = (record: StoredRecord): Buffer => {
  const sequence = Buffer.from(record.sequenceNumber, 'latin1');
  const key = Buffer.from(record.partitionKey, 'utf8');
  const payloadBytes = 8 + 1 + sequence.length + 2 + key.length + record.data.byteLength;
  const entry = Buffer.allocUnsafe(HEADER_BYTES + payloadBytes);
  let at = HEADER_BYTES;
  at = entry.writeDoubleBE(record.arrivedAtMs, at);
  at = entry.writeUInt8(sequence.length, at);
  at += sequence.copy(entry, at);
  at = entry.writeUInt16BE(key.length, at);
  at += key.copy(entry, at);
  entry.set(record.data, at);
  entry.writeUInt32BE(payloadBytes, 0);
  entry.writeUInt32BE(crc32(entry.subarray(HEADER_BYTES)), 4);
  return entry;
};

const decode = (payload: Buffer): StoredRecord => {
  const sequenceEnd = 9 + payload.readUInt8(8);
  const keyEnd = sequenceEnd + 2 + payload.readUInt16BE(sequenceEnd);
  return {
    arrivedAtMs: payload.readDoubleBE(0),
    sequenceNumber: payload.toString('latin1', 9, sequenceEnd),
    partitionKey: payload.toString('utf8', sequenceEnd + 2, keyEnd),
    data: payload.subarray(keyEnd),
  };
};

const readSegment = (
  path: string,
  newest: boolean,
  recovered: (record: StoredRecord) => void,
): Segment => {
  const bytes = readFileSync(path);
  let at = 0;
  let first: number | null = null;
  let last = 0;
  while (at < bytes.length) {
    const payload = payloadAt(path, bytes, at);
    if (payload === null) break;
    const record = decode(payload);
    first ??= record.arrivedAtMs;
    last = Math.max(last, record.arrivedAtMs);
    recovered(record);
    at += HEADER_BYTES + payload.length;
  }
  if (at < bytes.length) {
    if (!newest) throw new DamagedLog(`${path} is damaged at byte ${at} of ${bytes.length}`);
    truncateSync(path, at);
  }
  return { path, bytes: at, firstArrivedAtMs: first ?? 0, lastArrivedAtMs: last };
};

/**
 * Null where the entry is torn, which a killed process leaves: a prefix of what it wrote. A whole
 * entry with another checksum is damage, and cutting it off would lose what was acknowledged.
 */
const payloadAt = (path: string, bytes: Buffer, at: number): Buffer | null => {
  if (at + HEADER_BYTES > bytes.length) return null;
  const length = bytes.readUInt32BE(at);
  const end = at + HEADER_BYTES + length;
  if (length > ENTRY_BYTES_MAX) throw new DamagedLog(`${path}: no entry begins at byte ${at}`);
  if (end > bytes.length) return null;
  const payload = bytes.subarray(at + HEADER_BYTES, end);
  if (crc32(payload) !== bytes.readUInt32BE(at + 4))
    throw new DamagedLog(`${path}: the entry at byte ${at} has another checksum`);
  return payload;
};
