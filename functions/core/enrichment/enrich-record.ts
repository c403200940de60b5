import {
  type CanonicalEvent,
  parseOriginKey,
  type RawPosition,
  type StubLine,
} from '../event/event.ts';
import { type EpochMs, toRfc3339 } from '../time.ts';
import { enrichmentOf } from './enrichment.ts';
import type { LookupTables } from './lookup-tables.ts';
import { readRawLine, type UnusableLine } from './raw-line.ts';

/** A record of the raw stream, its position without a line's index. */
export interface RawRecord {
  readonly partitionKey: string;
  readonly at: Omit<RawPosition, 'index'>;
  readonly arrivedAt: EpochMs;
  readonly bytes: Uint8Array;
}

/** A line or record that could not be used, with its bytes. */
export interface SetAside extends UnusableLine {
  readonly at: RawPosition;
  readonly bytes: Uint8Array;
  /** The stack of a bug; absent for a reject. */
  readonly trace?: string;
  readonly requestId?: string;
  readonly part?: number;
}

export interface EnrichedRecord {
  /** A line per line of the raw record, in its order; none for a foreign record. */
  readonly lines: readonly string[];
  readonly setAside: readonly SetAside[];
}

/** `collect` cuts at 64 events; without a limit a record of line feeds would grow to stubs. */
export const LINES_MAX = 64;
/** Far above what `collect` cuts, and low enough that what is added fits the stream's 1 MiB. */
export const RECORD_BYTES_MAX = 512 * 1_024;

/**
 * Enriches one raw record: a pure function of the record and the tables, so that a redelivery puts
 * the same bytes. A line that cannot be used is replaced by a stub of its position, so that what
 * reads the enriched stream sees every position of the raw one.
 */
export const enrichRecord = (record: RawRecord, tables: LookupTables): EnrichedRecord => {
  const position = { ...record.at, index: 0 };
  if (parseOriginKey(record.partitionKey) === undefined) {
    return { lines: [], setAside: [{ ...FOREIGN, at: position, bytes: record.bytes }] };
  }
  const texts = linesOf(record.bytes);
  if ('reason' in texts) {
    const whole: SetAside = { ...texts, at: position, bytes: record.bytes };
    return { lines: [stubLine(record, whole)], setAside: [whole] };
  }

  const lines: string[] = [];
  const setAside: SetAside[] = [];
  const place = printedPlace(record, tables);
  for (const [index, text] of texts.entries()) {
    const done = enrichLine(text, index, { record, place }, tables);
    if (typeof done !== 'string') setAside.push(done);
    lines.push(typeof done === 'string' ? done : stubLine(record, done));
  }
  return { lines, setAside };
};

const FOREIGN: UnusableLine = {
  reason: 'foreign',
  detail: 'The record’s partition key is not a tenant’s: it did not come from collect.',
};

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

const linesOf = (bytes: Uint8Array): readonly string[] | UnusableLine => {
  if (bytes.length > RECORD_BYTES_MAX) {
    return { reason: 'too_large', detail: `The record is over ${RECORD_BYTES_MAX} bytes.` };
  }
  const text = decoded(bytes);
  if (text === undefined) return { reason: 'not_utf8', detail: 'The record is not UTF-8 text.' };
  if (text === '') return { reason: 'empty', detail: 'The record holds no line.' };
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  return lines.length > LINES_MAX
    ? { reason: 'too_many_lines', detail: `The record holds more than ${LINES_MAX} lines.` }
    : lines;
};

const decoded = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};

/** JSON around a line's index that is the same for all lines of a record. */
interface PrintedPlace {
  readonly before: string;
  readonly after: string;
}

const printedPlace = ({ at, arrivedAt }: RawRecord, { version }: LookupTables): PrintedPlace => {
  const { stream, shard, sequence } = at;
  const rest = JSON.stringify({ arrivedAt: toRfc3339(arrivedAt), lookups: version });
  return {
    before: `,"at":${JSON.stringify({ stream, shard, sequence }).slice(0, -1)},"index":`,
    after: `},${rest.slice(1)}`,
  };
};

const enrichLine = (
  text: string,
  index: number,
  { record, place }: { readonly record: RawRecord; readonly place: PrintedPlace },
  tables: LookupTables,
): string | SetAside => {
  const at: RawPosition = { ...record.at, index };
  let event: CanonicalEvent | undefined;
  try {
    const read = readRawLine(text, record.partitionKey);
    if ('reason' in read) return { ...read, at, bytes: encoder.encode(text), ...requestIdIn(text) };
    event = read.event;
    tables.door?.(event);
    const enrichment = JSON.stringify(enrichmentOf(event, tables));
    return enrichedLine(text, `${enrichment}${place.before}${index}${place.after}`);
  } catch (bug) {
    return {
      reason: 'bug',
      detail: bug instanceof Error ? bug.message : String(bug),
      trace: (bug instanceof Error ? bug.stack : undefined) ?? 'no stack',
      at,
      bytes: encoder.encode(text),
      ...(event && { requestId: event.ingest.requestId, part: event.ingest.part }),
    };
  }
};

/**
 * Appends to the line's own text rather than printing the event anew: a number keeps every digit
 * that the client wrote, and most of the work of printing is saved.
 */
const enrichedLine = (text: string, added: string): string =>
  `${text.slice(0, text.lastIndexOf('}'))},"enrichment":${added}`;

/** The ledger closes requests by their parts, so a stub names them where the line still can. */
const requestIdIn = (text: string): { readonly requestId?: string; readonly part?: number } => {
  const requestId = /"requestId":"([\w-]{1,128})"/.exec(text)?.[1];
  const part = /"part":(\d{1,4})[,}]/.exec(text)?.[1];
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(part === undefined ? {} : { part: Number(part) }),
  };
};

const stubLine = (record: RawRecord, aside: SetAside): string => {
  const stub: StubLine = {
    stub: 1,
    partitionKey: record.partitionKey,
    at: aside.at,
    arrivedAt: toRfc3339(record.arrivedAt),
    ...(aside.requestId === undefined ? {} : { requestId: aside.requestId }),
    ...(aside.part === undefined ? {} : { part: aside.part }),
    reason: aside.reason,
  };
  return JSON.stringify(stub);
};
