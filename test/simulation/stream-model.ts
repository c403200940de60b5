import type { EventStream, StreamRecord } from '../../functions/ports/event-stream.ts';
import type { RecordSource } from '../../localstack/cloud.ts';
import { kinesisEngine } from '../../localstack/engines/kinesis/kinesis.ts';
import { indexOf } from '../../localstack/engines/kinesis/read.ts';
import type { Shard, StoredRecord } from '../../localstack/engines/kinesis/state.ts';
import { openShards } from '../../localstack/engines/kinesis/state.ts';
import { streamSource } from '../../localstack/services/kinesis/source.ts';
import type { Faults } from './faults.ts';
import { type Process, WorldFault } from './process.ts';
import { below, type Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

const REGION = 'eu-west-1';
const SETTINGS = { region: REGION, accountId: '000000000000', storedBytesMax: 2 ** 40 };
const READ_RECORDS_MAX = 1_000;

interface PutAnswer {
  readonly Records: readonly { readonly ErrorCode?: string }[];
}

export type Landed = (record: StoredRecord, shardId: string) => void;

/** A Kinesis stream: the shipped core, with the world around it. */
export class StreamModel {
  readonly arn: string;
  readonly source: RecordSource;
  awayUntilMs = 0;
  onLanded: Landed = () => undefined;
  onPut: (data: string) => void = () => undefined;
  onRecord: () => void = () => undefined;
  readonly #readers: (() => void)[] = [];
  readonly #engine = kinesisEngine(SETTINGS);
  readonly #name: string;
  readonly #scheduler: Scheduler;
  readonly #faults: Faults;
  readonly #random: Random;

  constructor(name: string, scheduler: Scheduler, faults: Faults, random: Random) {
    this.#name = name;
    this.#scheduler = scheduler;
    this.#faults = faults;
    this.#random = random;
    this.arn = `arn:aws:kinesis:${REGION}:${SETTINGS.accountId}:stream/${name}`;
    this.#call('CreateStream', { StreamName: name, ShardCount: 1 });
    const store = { state: this.#engine.state, onChange: () => () => undefined };
    this.source = streamSource(store as unknown as Parameters<typeof streamSource>[0], {
      arn: this.arn,
      name,
      region: REGION,
    });
  }

  readonly follow = (reader: () => void): void => {
    this.#readers.push(reader);
  };

  /** As the adapter does it: a call that failed whole throws, an entry that failed is named. */
  port(process: Process): EventStream {
    const faults = this.#faults;
    const what = `put ${this.#name}`;
    return {
      put: async (records) => {
        const isAway = this.awayUntilMs > this.#scheduler.nowMs;
        if (isAway) faults.count('stream is away');
        if (isAway || faults.happens('put fails before its effect')) {
          await process.call(what, () => undefined);
          throw new WorldFault('put failed');
        }
        if (faults.happens('put happens after its caller gave up', 0.5)) {
          process.late(what, () => this.put(records));
          await process.call(what, () => undefined);
          throw new WorldFault('put timed out');
        }
        const kept = faults.happens('put is partial', 2)
          ? records.filter(() => this.#random() < 0.5)
          : records;
        const isTwice = faults.happens('put happens twice');
        const isSlow = faults.happens('put is slow', 0.1);
        const isLost = faults.happens('put happens, its answer is lost');
        const stored = await process.call(
          what,
          () => {
            const outcomes = this.put(kept);
            if (isTwice) this.put(kept);
            return new Map(kept.map((record, place) => [record, outcomes[place]]));
          },
          isSlow,
        );
        if (isLost) throw new WorldFault('put lost its answer');
        return records.map((record) => stored.get(record) ?? 'failed');
      },
    };
  }

  put(records: readonly StreamRecord[]): readonly ('stored' | 'failed')[] {
    if (records.length === 0) return [];
    const { Records } = this.#call('PutRecords', {
      StreamName: this.#name,
      Records: records.map(({ partitionKey, data }) => ({
        PartitionKey: partitionKey,
        Data: Buffer.from(data),
      })),
    }) as unknown as PutAnswer;
    for (const { data } of records) this.onPut(data);
    for (const reader of this.#readers) reader();
    return Records.map(({ ErrorCode }) => (ErrorCode === undefined ? 'stored' : 'failed'));
  }

  /** The next records of a shard, as a delivery stream reads them. */
  read(shardId: string, after: string | null): readonly StoredRecord[] {
    const shard = this.#engine.state.streams.get(this.#name)?.shards.get(shardId);
    if (shard === undefined) return [];
    const start = indexOf(shard, after === null ? { from: '0' } : { after });
    return shard.records.slice(start, start + READ_RECORDS_MAX);
  }

  /** Every record that there is, with its shard, in order of shard id. */
  records(): readonly { readonly shardId: string; readonly record: StoredRecord }[] {
    const shards = [...(this.#engine.state.streams.get(this.#name)?.shards.values() ?? [])];
    return shards.flatMap(({ shardId, records }) => records.map((record) => ({ shardId, record })));
  }

  /** Splits a shard, or merges two, whatever this stream can do now. */
  reshard(): void {
    const stream = this.#engine.state.streams.get(this.#name);
    if (stream === undefined) return;
    const open = openShards(stream).toSorted((left, right) => (left.start < right.start ? -1 : 1));
    if (open.length >= 2 && this.#random() < 0.5) this.#merge(open);
    else this.#split(open);
    for (const reader of this.#readers) reader();
  }

  #merge(open: readonly Shard[]): void {
    const [left, right] = open;
    if (left === undefined || right === undefined) return;
    this.#call('MergeShards', {
      StreamName: this.#name,
      ShardToMerge: left.shardId,
      AdjacentShardToMerge: right.shardId,
    });
    this.#faults.count('shards merge');
  }

  #split(open: readonly Shard[]): void {
    const shard = open[below(this.#random, open.length)];
    if (shard === undefined) return;
    this.#call('SplitShard', {
      StreamName: this.#name,
      ShardToSplit: shard.shardId,
      NewStartingHashKey: ((shard.start + shard.end + 1n) / 2n).toString(),
    });
    this.#faults.count('shard splits');
  }

  #call(operation: string, parameters: Record<string, unknown>): Readonly<Record<string, unknown>> {
    const { nowMs } = this.#scheduler;
    const input = { kind: 'call' as const, operation, parameters };
    const { body, entries } = this.#engine.step(nowMs, this.#random, input);
    for (const entry of entries) {
      this.#engine.apply(entry);
      if (entry.kind !== 'record') continue;
      this.onRecord();
      this.onLanded(entry.record, entry.shardId);
    }
    return body;
  }
}
