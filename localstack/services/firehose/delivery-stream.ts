/** One delivery stream: reads its source, keeps its buffer, stores its objects, remembers how far. */
import { gzipSync } from 'node:zlib';
import type { MetricSink, ObjectSink, RecordSource, SourceRecord } from '../../cloud.ts';
import {
  dataFreshnessMs,
  type FirehoseConfig,
  type FirehoseInput,
  type FirehoseState,
  firehoseFrom,
  firehoseStep,
  isReadable,
  type Positions,
} from '../../engines/firehose.ts';
import { readJsonFile, writeJsonFile } from '../json-file.ts';

const READ_LIMITS = { recordsMax: 1_000, bytesMax: 1_048_576 };
const METRICS_EVERY_MS = 10_000;

export interface DeliveryStreamOptions {
  readonly name: string;
  readonly bucket: string;
  readonly config: FirehoseConfig;
  readonly gzip: boolean;
  /** Where the positions are kept. */
  readonly path: string;
  readonly source: RecordSource;
  readonly clock: { readonly now: () => number };
  readonly random: () => number;
  readonly objects: ObjectSink;
  readonly metrics: MetricSink;
  readonly report: (fault: unknown) => void;
}

/** A file from before this stream was asked for ends where the source then ended. */
interface Remembered {
  readonly positions: Positions;
}

const dataOf = ({ body }: SourceRecord): Uint8Array => {
  const { kinesis } = body as { readonly kinesis?: { readonly data?: unknown } };
  return Buffer.from(String(kinesis?.data ?? ''), 'base64');
};

export class DeliveryStream {
  private readonly options: DeliveryStreamOptions;
  private state: FirehoseState;
  private readonly drained = new Set<string>();
  private lagMs = 0;
  private measuredAtMs = 0;
  private work: Promise<void> = Promise.resolve();

  private constructor(options: DeliveryStreamOptions, positions: Positions) {
    this.options = options;
    this.state = firehoseFrom(positions);
  }

  static async open(options: DeliveryStreamOptions): Promise<DeliveryStream> {
    const known = readJsonFile<Remembered>(options.path)?.positions;
    const positions = known ?? (await latest(options.source));
    const stream = new DeliveryStream(options, positions);
    if (known === undefined) stream.remember();
    return stream;
  }

  private remember(): void {
    const remembered: Remembered = { positions: this.state.delivered };
    writeJsonFile(this.options.path, remembered);
  }

  /** Reads all that there is and stores what is due. Calls queue up behind each other. */
  pump(): Promise<void> {
    return this.enqueue(async () => {
      await this.readAll();
      await this.feed({ kind: 'tick' });
      this.measure();
    });
  }

  /** Stores what has been read, however little. */
  flush(): Promise<void> {
    return this.enqueue(async () => {
      await this.readAll();
      await this.feed({ kind: 'flush' });
    });
  }

  private enqueue(task: () => Promise<void>): Promise<void> {
    const done = this.work.then(async () => {
      // A store that failed comes first, with the key it had.
      await this.storeDelivery();
      await task();
    });
    this.work = done.catch(() => undefined);
    return done;
  }

  private async feed(input: FirehoseInput): Promise<void> {
    const { clock, random, config } = this.options;
    this.state = firehoseStep(this.state, input, config, { nowMs: clock.now(), random });
    await this.storeDelivery();
  }

  private async storeDelivery(): Promise<void> {
    const { delivery } = this.state;
    if (delivery === undefined) return;
    const { objects, bucket, gzip, clock, random, config } = this.options;
    const joined = Buffer.concat(delivery.chunks);
    await objects.put(bucket, delivery.key, gzip ? gzipSync(joined) : joined, {
      contentType: 'application/octet-stream',
    });
    const context = { nowMs: clock.now(), random };
    this.state = firehoseStep(this.state, { kind: 'stored' }, config, context);
    this.remember();
    this.put('DeliveryToS3.Records', delivery.chunks.length);
    this.put('DeliveryToS3.Bytes', delivery.bytes);
    this.put('DeliveryToS3.Success', 1);
    this.put('DeliveryToS3.DataFreshness', (clock.now() - delivery.oldestMs) / 1000);
  }

  private async readAll(): Promise<void> {
    const { source } = this.options;
    let lagMs = 0;
    // A parent that ends in this round lets its children be read in the next.
    for (let before = -1; before < this.drained.size; ) {
      before = this.drained.size;
      const shards = source.shards();
      for (const shard of shards) {
        if (this.drained.has(shard.shardId) || !isReadable(shard, shards, this.drained)) continue;
        lagMs = Math.max(lagMs, await this.readShard(shard.shardId));
        // Asked before the read: what a closed shard then holds is all that it will ever hold.
        if (shard.closed) this.drained.add(shard.shardId);
      }
    }
    this.lagMs = lagMs;
  }

  /** To the end of the shard; answers how far behind the reads were. */
  private async readShard(shardId: string): Promise<number> {
    const { source, clock } = this.options;
    let lagMs = 0;
    for (;;) {
      const after = this.state.read[shardId] ?? null;
      const records = await source.read(shardId, after, READ_LIMITS);
      const last = records.at(-1);
      if (last === undefined) return lagMs;
      lagMs = Math.max(lagMs, clock.now() - last.arrivedAtMs);
      await this.feed({
        kind: 'records',
        shardId,
        records: records.map((record) => ({
          sequenceNumber: record.sequenceNumber,
          arrivedAtMs: record.arrivedAtMs,
          data: dataOf(record),
        })),
      });
    }
  }

  private measure(): void {
    const nowMs = this.options.clock.now();
    if (nowMs - this.measuredAtMs < METRICS_EVERY_MS) return;
    this.measuredAtMs = nowMs;
    this.put('KinesisMillisBehindLatest', this.lagMs);
    this.put('DeliveryToS3.DataFreshness', dataFreshnessMs(this.state, nowMs) / 1000);
  }

  private put(metric: string, value: number): void {
    const { metrics, name, clock } = this.options;
    metrics.put('AWS/Firehose', metric, { DeliveryStreamName: name }, value, clock.now());
  }
}

/** As on AWS, a new delivery stream begins with what comes after it. */
const latest = async (source: RecordSource): Promise<Positions> => {
  const positions: Record<string, string> = {};
  for (const { shardId } of source.shards()) {
    for (;;) {
      const records = await source.read(shardId, positions[shardId] ?? null, READ_LIMITS);
      const last = records.at(-1);
      if (last === undefined) break;
      positions[shardId] = last.sequenceNumber;
    }
  }
  return positions;
};
