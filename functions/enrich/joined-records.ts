import type { StreamRecord } from '../ports/event-stream.ts';

/** One payload unit of Kinesis: a fuller record costs a second one. */
export const JOINED_BYTES_MAX = 25 * 1_024;

/** What one raw record became. */
export interface Envelope {
  readonly partitionKey: string;
  readonly lines: readonly string[];
}

export interface JoinedRecord extends StreamRecord {
  /** Places of the raw records in the batch, ascending. */
  readonly sources: readonly number[];
}

interface Open {
  readonly partitionKey: string;
  readonly sources: number[];
  data: string;
  bytes: number;
}

/**
 * Joins consecutive envelopes of one user, whole and in order, into records of one payload unit.
 * Envelopes of others between them do not matter: order is per user.
 */
export const joinEnvelopes = (envelopes: readonly Envelope[]): readonly JoinedRecord[] => {
  const records: Open[] = [];
  const lastOf = new Map<string, Open>();
  for (const [place, { partitionKey, lines }] of envelopes.entries()) {
    if (lines.length === 0) continue;
    const data = `${lines.join('\n')}\n`;
    const bytes = Buffer.byteLength(data);
    const last = lastOf.get(partitionKey);
    if (last !== undefined && last.bytes + bytes <= JOINED_BYTES_MAX) {
      last.data += data;
      last.bytes += bytes;
      last.sources.push(place);
      continue;
    }
    const record: Open = { partitionKey, data, bytes, sources: [place] };
    records.push(record);
    lastOf.set(partitionKey, record);
  }
  return records;
};
