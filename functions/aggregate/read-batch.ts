import { type Origin, parseOriginKey } from '../core/event/event.ts';
import { hash32Hex } from '../core/hash.ts';
import { type Envelope, type Line, readLine } from '../core/profile/line.ts';
import { isSamePosition } from '../core/profile/position.ts';
import { toRfc3339 } from '../core/time.ts';
import type { FailedEvent } from '../ports/failed-store.ts';
import type { KinesisRecord } from '../runtime/kinesis-batch.ts';

/** One user's part of a batch, in order of arrival. */
export interface UserBatch {
  readonly partitionKey: string;
  readonly origin: Origin;
  /** Of the user's first record here: what is named where the user is not finished. */
  readonly firstSequence: string;
  readonly envelopes: readonly Envelope[];
}

export interface ReadBatch {
  readonly users: readonly UserBatch[];
  /** What has no raw position: outside the ledger, but never without its bytes. */
  readonly unreadable: readonly FailedEvent[];
  readonly foreign: number;
}

const decoder = new TextDecoder();

/** The place in `enriched-events`, for lines that do not say where they stood in `raw-user-events`. */
const unreadableEvent = (
  record: KinesisRecord,
  index: number,
  { reason, detail, bytes }: { reason: string; detail: string; bytes: Uint8Array },
): FailedEvent => ({
  stage: 'aggregate',
  reason,
  detail,
  partitionKey: record.partitionKey,
  at: {
    stream: hash32Hex(record.streamArn),
    shard: record.shard,
    sequence: record.sequence,
    index,
  },
  arrivedAt: toRfc3339(record.arrivedAt),
  bytes,
});

/**
 * Lines of one raw record stand side by side, by their index; each run of them is an envelope. A
 * copy that follows at once begins with an index again, and is an envelope that the fence refuses.
 */
const envelopesOf = (lines: readonly Line[]): readonly Envelope[] => {
  const envelopes: { position: Envelope['position']; lines: Line[] }[] = [];
  for (const line of lines) {
    const last = envelopes.at(-1);
    const previous = last?.lines.at(-1);
    const continues =
      previous !== undefined &&
      isSamePosition(previous.at, line.at) &&
      previous.at.index < line.at.index;
    if (continues) last?.lines.push(line);
    else envelopes.push({ position: line.at, lines: [line] });
  }
  return envelopes;
};

interface ReadRecord {
  readonly lines: readonly Line[];
  readonly unreadable: readonly FailedEvent[];
}

const readRecord = (record: KinesisRecord): ReadRecord => {
  const lines: Line[] = [];
  const unreadable: FailedEvent[] = [];
  const texts = decoder.decode(record.bytes).split('\n');
  for (const [index, text] of texts.entries()) {
    if (text === '') continue;
    const line = readLine(text, record.partitionKey);
    if (line.kind === 'unreadable') {
      const { reason, detail } = line;
      unreadable.push(unreadableEvent(record, index, { reason, detail, bytes: Buffer.from(text) }));
    } else lines.push(line);
  }
  return { lines, unreadable };
};

export const readBatch = (records: readonly KinesisRecord[]): ReadBatch => {
  const users = new Map<string, { origin: Origin; firstSequence: string; envelopes: Envelope[] }>();
  const unreadable: FailedEvent[] = [];
  let foreign = 0;
  for (const record of records) {
    const origin = parseOriginKey(record.partitionKey);
    if (origin === undefined) {
      foreign += 1;
      const detail = 'Its partition key is not <tenant>#<user>: no function of ours put it here.';
      unreadable.push(
        unreadableEvent(record, 0, { reason: 'foreign', detail, bytes: record.bytes }),
      );
      continue;
    }
    const read = readRecord(record);
    unreadable.push(...read.unreadable);
    if (read.lines.length === 0) continue;
    const user = users.get(record.partitionKey) ?? {
      origin,
      firstSequence: record.sequence,
      envelopes: [],
    };
    user.envelopes.push(...envelopesOf(read.lines));
    users.set(record.partitionKey, user);
  }
  return {
    users: [...users].map(([partitionKey, { origin, firstSequence, envelopes }]) => ({
      partitionKey,
      origin,
      firstSequence,
      envelopes,
    })),
    unreadable,
    foreign,
  };
};
