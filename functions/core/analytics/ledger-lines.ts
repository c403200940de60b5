/** Lines of `raw/` and `enriched/` as the ledger reads them: who, which part, when, under which key. */
import { type Origin, originKeyOf, parseOriginKey, type RawPosition } from '../event/event.ts';
import { isRawPosition } from '../profile/position.ts';
import { type EpochMs, fromRfc3339 } from '../time.ts';

/** What a request is closed by: one envelope of one user. */
export interface Unit {
  readonly requestId: string;
  readonly partitionKey: string;
  readonly part: number;
}

/** An event of a unit, with what its request said of the whole. */
export interface UnitEvent {
  readonly unit: Unit;
  readonly eventId: string;
  readonly receivedAt: EpochMs;
  /** Envelopes of this user in the request. */
  readonly parts: number;
  /** Envelopes in the request. */
  readonly envelopes: number;
}

export interface EnrichedLine {
  /** Undefined for a stub, and for a line that names no unit. */
  readonly event: UnitEvent | undefined;
  /** What a stub stands for; undefined where `enrich` could not read even that. */
  readonly stub: Unit | undefined;
  /** Undefined for a line that no `enrich` of ours wrote. */
  readonly landed:
    | { readonly at: RawPosition; readonly arrivedAt: EpochMs; readonly origin: Origin }
    | undefined;
}

type Members = Readonly<Record<string, unknown>>;

const objectIn = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

const parsed = (line: string): Members => {
  try {
    return objectIn(JSON.parse(line));
  } catch {
    return {};
  }
};

const instantIn = (value: unknown): EpochMs | undefined =>
  typeof value === 'string' ? fromRfc3339(value) : undefined;

const eventKey = (value: Members): string =>
  originKeyOf(value as unknown as Parameters<typeof originKeyOf>[0]);

const unitOf = (partitionKey: unknown, { requestId, part }: Members): Unit | undefined =>
  typeof requestId === 'string' && typeof part === 'number' && typeof partitionKey === 'string'
    ? { requestId, partitionKey, part }
    : undefined;

const unitEventOf = (value: Members): UnitEvent | undefined => {
  const ingest = objectIn(value.ingest);
  const unit = unitOf(eventKey(value), ingest);
  const receivedAt = instantIn(value.receivedAt);
  const { parts, envelopes } = ingest;
  const { eventId } = value;
  return unit !== undefined &&
    receivedAt !== undefined &&
    typeof parts === 'number' &&
    typeof envelopes === 'number' &&
    typeof eventId === 'string'
    ? { unit, eventId, receivedAt, parts, envelopes }
    : undefined;
};

/** Undefined for a line that names no unit: `enrich` parks it under its position. */
export const readRaw = (line: string): UnitEvent | undefined => unitEventOf(parsed(line));

export const readEnriched = (line: string): EnrichedLine => {
  const value = parsed(line);
  const isStub = value.stub === 1;
  const partitionKey = isStub ? value.partitionKey : eventKey(value);
  const arrivedAt = instantIn(value.arrivedAt);
  const origin = typeof partitionKey === 'string' ? parseOriginKey(partitionKey) : undefined;
  const { at } = value;
  return {
    event: isStub ? undefined : unitEventOf(value),
    stub: isStub ? unitOf(partitionKey, value) : undefined,
    landed:
      isRawPosition(at) && arrivedAt !== undefined && origin !== undefined
        ? { at, arrivedAt, origin }
        : undefined,
  };
};
