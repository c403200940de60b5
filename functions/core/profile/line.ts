/**
 * Lines of the enriched stream as the aggregator reads them. What is checked here is what dedupe
 * and order stand on; the event's content was checked by `collect` and again by `enrich`.
 */
import { type EnrichedEvent, originKeyOf, type RawPosition } from '../event/event.ts';
import { hash48 } from '../hash.ts';
import { type EpochMs, fromRfc3339 } from '../time.ts';
import { BATCH_PARTS_MAX, type BatchPart } from './batch-memory.ts';
import { isRawPosition, type Position } from './position.ts';

interface KeyedLine {
  readonly at: RawPosition;
  readonly arrivedAt: EpochMs;
}

export interface EventLine extends KeyedLine {
  readonly kind: 'event';
  readonly event: EnrichedEvent;
  readonly timestamp: EpochMs;
  readonly idHash: number;
  readonly batch: BatchPart;
  /** As it stood in the record, for a person to look at should it have to be parked. */
  readonly text: string;
}

/** Why a line was set aside by the aggregator itself. */
export interface Aside {
  readonly reason: string;
  readonly detail: string;
  /** The stack of a bug; absent for a reject. */
  readonly trace?: string;
  readonly text: string;
  readonly requestId?: string;
}

export interface ParkedLine extends KeyedLine {
  readonly kind: 'parked';
  /** Absent for a stub, whose bytes `enrich` has parked. */
  readonly aside?: Aside;
}

export type Line = EventLine | ParkedLine;

/** The lines of one raw record. */
export interface Envelope {
  readonly position: Position;
  readonly lines: readonly Line[];
}

/** Without a raw position a line cannot be told from its redelivery: it is outside the ledger. */
export interface UnreadableLine {
  readonly kind: 'unreadable';
  readonly reason: string;
  readonly detail: string;
  readonly text: string;
}

const BATCH_ID = /^[0-9a-f]{16}$/;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const instantOf = (value: unknown): EpochMs | undefined =>
  typeof value === 'string' ? fromRfc3339(value) : undefined;

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const batchOf = (ingest: unknown): BatchPart | undefined => {
  if (!isObject(ingest)) return undefined;
  const { batchId, part } = ingest;
  const isPart =
    typeof part === 'number' && Number.isInteger(part) && part >= 0 && part < BATCH_PARTS_MAX;
  return isPart && typeof batchId === 'string' && BATCH_ID.test(batchId)
    ? { batchId, part }
    : undefined;
};

const BAGS = ['properties', 'traits', 'context', 'enrichment'] as const;

const wrongMember = (value: Readonly<Record<string, unknown>>): string | undefined => {
  for (const name of ['eventId', 'kind', 'name', 'tenant'] as const) {
    if (typeof value[name] !== 'string') return name;
  }
  const bag = BAGS.find((name) => !isObject(value[name]));
  if (bag !== undefined) return bag;
  const { redrive } = value.ingest as Readonly<Record<string, unknown>>;
  return redrive === undefined || isRawPosition(redrive) ? undefined : 'ingest.redrive';
};

/** Reads one line of a record of this partition key. */
export const readLine = (text: string, partitionKey: string): Line | UnreadableLine => {
  const value = parsed(text);
  if (!isObject(value)) {
    return { kind: 'unreadable', reason: 'not_json', detail: 'It is not a JSON object.', text };
  }
  const { at } = value;
  const arrivedAt = instantOf(value.arrivedAt);
  if (!isRawPosition(at) || arrivedAt === undefined) {
    const detail = 'It does not say where and when it arrived, so `enrich` did not write it.';
    return { kind: 'unreadable', reason: 'no_position', detail, text };
  }
  if (value.stub === 1) return { kind: 'parked', at, arrivedAt };
  const reject = (reason: string, detail: string): ParkedLine => ({
    kind: 'parked',
    at,
    arrivedAt,
    aside: { reason, detail, text },
  });
  const timestamp = instantOf(value.timestamp);
  const batch = batchOf(value.ingest);
  if (timestamp === undefined) return reject('not_canonical', 'Its timestamp is no instant.');
  if (batch === undefined) return reject('not_canonical', 'Its batchId or part is missing.');
  const wrong = wrongMember(value);
  if (wrong !== undefined) return reject('not_canonical', `Its ${wrong} is missing or wrong.`);
  const event = value as unknown as EnrichedEvent;
  if (originKeyOf(event) !== partitionKey) {
    return reject('foreign_line', 'The event belongs to another user than its record.');
  }
  const idHash = hash48(event.eventId);
  return { kind: 'event', event, at, arrivedAt, timestamp, idHash, batch, text };
};

/** The line set aside: from here on its bytes are all that matters. */
export const asideLine = (
  line: EventLine,
  aside: Omit<Aside, 'text' | 'requestId'>,
): ParkedLine => ({
  kind: 'parked',
  at: line.at,
  arrivedAt: line.arrivedAt,
  aside: { ...aside, text: line.text, requestId: line.event.ingest.requestId },
});
