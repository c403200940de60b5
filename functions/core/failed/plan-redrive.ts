/**
 * What a failed event is sent on as. A parked one names the position under which it was parked, so
 * that `aggregate` applies it at most once however often it is sent; what never had an effect under
 * its position is sent as a copy, like a client's; what `collect` rejected is judged anew.
 */
import { enrichRecord } from '../enrichment/enrich-record.ts';
import type { LookupTables } from '../enrichment/lookup-tables.ts';
import { lineOf } from '../event/envelope.ts';
import type { JsonObject, RawPosition, RedriveOrigin } from '../event/event.ts';
import { hash64Hex } from '../hash.ts';
import { isRawPosition, keyText } from '../profile/position.ts';
import { epochMs } from '../time.ts';
import type { FailedEvent } from './failed-event.ts';

/** A record for the raw stream. */
export interface PlannedRecord {
  readonly partitionKey: string;
  readonly data: string;
  readonly events: number;
}

/** Bytes for a person to look at; sent as they are they would only fail again. */
export interface RefusedRedrive {
  readonly why: string;
  readonly detail: string;
}

export interface RedrivePlan {
  readonly records: readonly PlannedRecord[];
  readonly refused: readonly RefusedRedrive[];
}

/** What `enrich` added to a raw line; it adds it again. */
const ADDED: readonly string[] = ['enrichment', 'at', 'arrivedAt', 'lookups'];
const NOWHERE = { stream: '00000000', shard: 'shardId-000000000000', sequence: '0' };

const decoder = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

export const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const objectIn = (text: string | undefined): JsonObject | undefined => {
  try {
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};

/** From entries, which define members and never assign them: `__proto__` stays a member. */
const withoutAdded = (line: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(line).filter(([name]) => !ADDED.includes(name)));

const refusal = (why: string, detail: string): RedrivePlan => ({
  records: [],
  refused: [{ why, detail }],
});

/** The same code that parked it looks again: what no line of would pass is not sent. */
const checked = (partitionKey: string, data: string, tables: LookupTables): RedrivePlan => {
  const { lines, setAside } = enrichRecord(
    { partitionKey, at: NOWHERE, arrivedAt: epochMs(0), bytes: encoder.encode(data) },
    tables,
  );
  const [first] = setAside;
  return first !== undefined && setAside.length >= lines.length
    ? refusal('still_fails', `${first.reason}: ${first.detail}`)
    : { records: [{ partitionKey, data, events: lines.length }], refused: [] };
};

/** The position under which it was parked first: parked again, it is still the same event. */
const originOf = (
  { stage, at }: FailedEvent,
  { redrive }: JsonObject,
): RedriveOrigin | undefined => {
  if (isObject(redrive) && isRawPosition(redrive)) return redrive as unknown as RedriveOrigin;
  return at === undefined ? undefined : { stage, ...at };
};

/** Its place in the list of outcomes; undefined where it has no position of its own. */
export const parkedAt = (event: FailedEvent): RawPosition | undefined => {
  const ingest = objectIn(textOf(event.bytes))?.ingest;
  return originOf(event, isObject(ingest) ? ingest : {});
};

/** Parked by `enrich` or `aggregate`, which let the fence pass its position. */
export const planParked = (event: FailedEvent, tables: LookupTables): RedrivePlan => {
  const { partitionKey, stage, reason, bytes } = event;
  const line = objectIn(textOf(bytes));
  if (partitionKey === undefined || line === undefined) {
    return refusal('not_json', 'It is not a JSON object: for people to look at.');
  }
  const raw = stage === 'enrich' ? line : withoutAdded(line);
  const { ingest } = raw;
  if (!isObject(ingest)) return refusal('not_canonical', 'It does not say how it came in.');
  const redrive = originOf(event, ingest);
  // Without a raw position of its own no fence has passed it and no profile has counted it.
  if (redrive === undefined || reason === 'no_position') {
    return checked(partitionKey, lineOf(raw), tables);
  }
  // The same at every redrive, so that the batch memory knows it once the position is forgotten.
  const batchId = hash64Hex(`redrive\n${keyText(redrive)}`);
  const redriven = { ...raw, ingest: { ...ingest, batchId, redrive } };
  return checked(partitionKey, lineOf(redriven), tables);
};

/** Lines of a record; those of `enriched-events` say where they stood in the raw stream. */
export interface CopiedRecord {
  readonly partitionKey: string;
  readonly bytes: Uint8Array;
}

const positionIn = (text: string): RawPosition | undefined => {
  const at = objectIn(text)?.at;
  return isRawPosition(at) ? at : undefined;
};

const linesOf = ({ bytes }: CopiedRecord): readonly string[] =>
  (textOf(bytes) ?? '').split('\n').filter((line) => line !== '');

const isStub = (text: string): boolean => objectIn(text)?.stub === 1;

/** Where stubs of a record stood: the bytes of those events lie with what `enrich` parked. */
export const stubsIn = (record: CopiedRecord): readonly RawPosition[] =>
  linesOf(record)
    .filter(isStub)
    .flatMap((line) => positionIn(line) ?? []);

/** The raw envelopes of a record of the enriched stream, as they were before `enrich`. */
const rawEnvelopes = (
  lines: readonly string[],
  parked: ReadonlyMap<string, string>,
): readonly string[] => {
  const envelopes = new Map<string, string>();
  for (const text of lines) {
    const at = positionIn(text);
    const line = objectIn(text);
    if (at === undefined || line === undefined) continue;
    const place = keyText({ ...at, index: 0 });
    const stood = isStub(text) ? parked.get(keyText(at)) : JSON.stringify(withoutAdded(line));
    if (stood !== undefined) envelopes.set(place, `${envelopes.get(place) ?? ''}${stood}\n`);
  }
  return [...envelopes.values()];
};

/**
 * What no profile has seen under its position, or may have seen: whole envelopes with the batchId
 * and part that they have, so that one that had its effect is known by them. `parked` holds the
 * text of events that stood as stubs among them, by their key.
 */
export const planCopy = (
  record: CopiedRecord,
  tables: LookupTables,
  parked: ReadonlyMap<string, string> = new Map(),
): RedrivePlan => {
  const { partitionKey } = record;
  if (textOf(record.bytes) === undefined) {
    return refusal('not_utf8', 'It is not UTF-8 text: for people to look at.');
  }
  const lines = linesOf(record);
  const isEnriched = lines.some((line) => positionIn(line) !== undefined);
  const envelopes = isEnriched ? rawEnvelopes(lines, parked) : [`${lines.join('\n')}\n`];
  const plans = envelopes.map((data) => checked(partitionKey, data, tables));
  return {
    records: plans.flatMap(({ records }) => records),
    refused: plans.flatMap(({ refused }) => refused),
  };
};
