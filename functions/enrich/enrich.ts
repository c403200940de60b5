import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import { noBugs, sawRecords, type WaveVerdict, waveVerdict } from '../core/bug-wave.ts';
import { type EnrichedRecord, enrichRecord } from '../core/enrichment/enrich-record.ts';
import type { LookupTables } from '../core/enrichment/lookup-tables.ts';
import { hash32Hex } from '../core/hash.ts';
import { type EpochMs, epochMs, toRfc3339 } from '../core/time.ts';
import type { EventStream } from '../ports/event-stream.ts';
import type { FailedEvent, FailedStore } from '../ports/failed-store.ts';
import { batchAnswer, type KinesisRecord, readKinesisBatch } from '../runtime/kinesis-batch.ts';
import { putInOrder } from '../runtime/put-in-order.ts';
import { joinEnvelopes } from './joined-records.ts';

/** What a batch came to, for logs and metrics; a redelivery counts again. */
export interface EnrichCounts {
  readonly records: number;
  readonly lines: number;
  readonly parked: number;
  readonly foreign: number;
  readonly unfinished: number;
}

export interface EnrichPorts {
  readonly enriched: EventStream;
  readonly failed: FailedStore;
  readonly tables: LookupTables;
  readonly deployedAt: EpochMs | undefined;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly report: {
    readonly counted: (counts: EnrichCounts) => void;
    readonly fault: (fault: unknown) => void;
    readonly bugs: (verdict: WaveVerdict, traces: readonly string[]) => void;
  };
}

/** What is left of a call's time. */
export interface Remaining {
  readonly getRemainingTimeInMillis: () => number;
}

/** Nothing is started in the last 30 % of a call, so that what runs can finish. */
const START_SHARE = 0.7;
const PUT_TRIES_MAX = 5;
const TRACES_MAX = 3;

/** A wave of bugs right after a deploy: the batch waits for the next deploy rather than be parked. */
export class DeployIsBroken extends Error {
  override readonly name = 'DeployIsBroken';
}

/** Enriches a batch of raw records, in order per user, and parks what it cannot read. */
export const enrich = (ports: EnrichPorts) => {
  let wave = noBugs;

  return async (
    event: KinesisStreamEvent,
    context: Remaining,
  ): Promise<KinesisStreamBatchResponse> => {
    const startedAtMs = ports.now();
    const deadlineMs = startedAtMs + START_SHARE * context.getRemainingTimeInMillis();
    const records = readKinesisBatch(event);
    const stream = hash32Hex(records[0]?.streamArn ?? '');
    const done = records.map((record) => enrichRecord(rawRecordOf(record, stream), ports.tables));

    const now = epochMs(startedAtMs);
    wave = sawRecords(
      wave,
      records.map((record, place) => ({
        user: record.partitionKey,
        bug: tracesOf(done[place]).length > 0,
      })),
      now,
    );
    const traces = done.flatMap(tracesOf);
    const verdict = waveVerdict(wave, ports, now);
    if (traces.length > 0) ports.report.bugs(verdict, traces.slice(0, TRACES_MAX));
    if (verdict === 'deploy' && traces.length > 0) throw new DeployIsBroken(traces[0]);

    const usable = await parkFirst(ports, records, done);
    const stored = await putAll(ports, records.slice(0, usable), done, deadlineMs);
    const unfinished = records.filter((_, place) => place >= usable || !stored.has(place));
    ports.report.counted(countsOf(records, done, unfinished.length));
    return batchAnswer(unfinished.map(({ sequence }) => sequence));
  };
};

const rawRecordOf = (record: KinesisRecord, stream: string) => ({
  partitionKey: record.partitionKey,
  at: { stream, shard: record.shard, sequence: record.sequence },
  arrivedAt: record.arrivedAt,
  bytes: record.bytes,
});

const tracesOf = (done: EnrichedRecord | undefined): readonly string[] =>
  done?.setAside.flatMap(({ trace }) => trace ?? []) ?? [];

/**
 * The bytes are safe before their stub is put: once a stub is on the stream, the position counts as
 * seen. Answers how many records may be put: where parking fails, those before the first parked one.
 */
const parkFirst = async (
  { failed, report }: EnrichPorts,
  records: readonly KinesisRecord[],
  done: readonly EnrichedRecord[],
): Promise<number> => {
  const parked = records.flatMap((record, place) => failedEventsOf(record, done[place]));
  if (parked.length === 0) return records.length;
  try {
    await failed.park(parked);
    return records.length;
  } catch (fault) {
    report.fault(fault);
    return done.findIndex(({ setAside }) => setAside.length > 0);
  }
};

const failedEventsOf = (
  record: KinesisRecord,
  done: EnrichedRecord | undefined,
): readonly FailedEvent[] =>
  (done?.setAside ?? []).map(({ reason, detail, trace, at, bytes, requestId }) => ({
    stage: 'enrich',
    reason,
    detail,
    ...(trace === undefined ? {} : { trace }),
    partitionKey: record.partitionKey,
    at,
    arrivedAt: toRfc3339(record.arrivedAt),
    ...(requestId === undefined ? {} : { requestId }),
    bytes,
  }));

/** Places of the records that are done: stored, or with nothing to store. */
const putAll = async (
  { enriched, now, sleep, report }: EnrichPorts,
  records: readonly KinesisRecord[],
  done: readonly EnrichedRecord[],
  deadlineMs: number,
): Promise<ReadonlySet<number>> => {
  const joined = joinEnvelopes(
    records.map(({ partitionKey }, place) => ({ partitionKey, lines: done[place]?.lines ?? [] })),
  );
  const { outcomes, fault } = await putInOrder(enriched, joined, {
    triesMax: PUT_TRIES_MAX,
    deadlineMs,
    now,
    sleep,
  });
  if (fault !== undefined) report.fault(fault);
  const failed = new Set(
    joined.flatMap(({ sources }, index) => (outcomes[index] === 'stored' ? [] : sources)),
  );
  return new Set([...records.keys()].filter((place) => !failed.has(place)));
};

const countsOf = (
  records: readonly KinesisRecord[],
  done: readonly EnrichedRecord[],
  unfinished: number,
): EnrichCounts => {
  const aside = done.flatMap(({ setAside }) => setAside);
  const foreign = aside.filter(({ reason }) => reason === 'foreign').length;
  return {
    records: records.length,
    lines: done.reduce((sum, { lines }) => sum + lines.length, 0),
    parked: aside.length - foreign,
    foreign,
    unfinished,
  };
};
