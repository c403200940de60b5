import {
  type Delivery,
  dataFreshnessMs,
  type FirehoseConfig,
  type FirehoseInput,
  type FirehoseState,
  firehoseFrom,
  firehoseStep,
  isReadable,
} from '../../localstack/engines/firehose.ts';
import { objectKey } from '../../localstack/engines/firehose-names.ts';
import type { Faults } from './faults.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';
import type { StreamModel } from './stream-model.ts';

export interface LakeObject {
  readonly key: string;
  readonly lines: readonly string[];
  /** From when on it can be listed. */
  readonly atMs: number;
  readonly oldestMs: number;
}

export interface LakeWorld {
  readonly scheduler: Scheduler;
  /** Its own, so that what the lake meets changes nothing of what the streams meet. */
  readonly faults: Faults;
  readonly random: Random;
}

const BUFFER_MS = 60_000;
/** Small, so that a seed has many objects. */
const BUFFER_BYTES = 65_536;
const LATE_MS_MAX = 20 * 3_600_000;
const RETRY_MS_MAX = 10 * 60_000;

const linesIn = (chunks: readonly Uint8Array[]): readonly string[] =>
  chunks.flatMap((chunk) =>
    Buffer.from(chunk)
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== ''),
  );

const configOf = (folder: string): FirehoseConfig => ({
  prefix: `${folder}/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/`,
  deliveryStream: folder,
  version: '1',
  suffix: '.gz',
  bufferBytes: BUFFER_BYTES,
  bufferMs: BUFFER_MS,
});

/**
 * A delivery stream and what it has put into the lake: the shipped core, over a stream in memory.
 * It never waits in the queue of the scheduler: what was due since it was last asked happens then,
 * each thing at its own time, so that an object that comes a day late keeps nobody from his rest.
 */
export class LakeModel {
  readonly folder: 'raw' | 'enriched';
  /** Its metrics do not say what is late: for histories that are written by hand. */
  isSilent = false;
  /** How old they say that the oldest of it is: for histories that are written by hand. */
  standsStillMs = 0;
  #lateByMs = 0;
  readonly #stored = new Map<string, LakeObject>();
  readonly #config: FirehoseConfig;
  readonly #stream: StreamModel;
  readonly #world: LakeWorld;
  readonly #drained = new Set<string>();
  #state: FirehoseState = firehoseFrom({});
  /** When the object under way is tried (again). */
  #storeAtMs = 0;

  constructor(world: LakeWorld, folder: 'raw' | 'enriched', stream: StreamModel) {
    this.#world = world;
    this.folder = folder;
    this.#stream = stream;
    this.#config = configOf(folder);
    stream.follow(() => this.pump());
  }

  /** The next object comes so late: for histories that are written by hand. */
  delay(ms: number): void {
    this.pump();
    this.#lateByMs = ms;
  }

  /** What can be listed now. */
  objects(): readonly LakeObject[] {
    this.pump();
    const { nowMs } = this.#world.scheduler;
    return [...this.#stored.values()].filter(({ atMs }) => atMs <= nowMs);
  }

  /** The first day under which an object lies. */
  firstDay(): string | undefined {
    const days = this.objects().map(({ key }) => /dt=([\d-]+)/.exec(key)?.[1] ?? '');
    return days.toSorted()[0];
  }

  /** What will lie there once everything has come that was ever read. */
  everything(): readonly LakeObject[] {
    this.pump();
    this.#until(this.#world.scheduler.nowMs + LATE_MS_MAX);
    return [...this.#stored.values()];
  }

  /** Age of the oldest record that cannot be found in an object, as the metric tells it. */
  freshnessMs(): number {
    this.pump();
    const { nowMs } = this.#world.scheduler;
    if (this.isSilent) return 0;
    const hidden = [...this.#stored.values()].filter(({ atMs }) => atMs > nowMs);
    const late = hidden.map(({ oldestMs }) => nowMs - oldestMs);
    return Math.max(dataFreshnessMs(this.#state, nowMs), this.standsStillMs, ...late);
  }

  pump(): void {
    const { nowMs } = this.#world.scheduler;
    this.#until(nowMs);
    this.#readAll(nowMs);
    this.#until(nowMs);
  }

  /** Everything that was due before, in its order. */
  #until(nowMs: number): void {
    for (;;) {
      const { delivery, sinceMs } = this.#state;
      if (delivery !== undefined && this.#storeAtMs <= nowMs) this.#store(this.#storeAtMs);
      else if (delivery === undefined && sinceMs !== undefined && sinceMs + BUFFER_MS <= nowMs)
        this.#feed({ kind: 'tick' }, Math.max(sinceMs + BUFFER_MS, this.#storeAtMs));
      else return;
    }
  }

  #feed(input: FirehoseInput, nowMs: number): void {
    const { delivery } = this.#state;
    const context = { nowMs, random: this.#world.random };
    this.#state = firehoseStep(this.#state, input, this.#config, context);
    if (this.#state.delivery !== delivery) this.#storeAtMs = nowMs;
  }

  #store(nowMs: number): void {
    const { delivery } = this.#state;
    if (delivery === undefined) return;
    const { faults } = this.#world;
    const retryAtMs = nowMs + RETRY_MS_MAX * faults.draw();
    if (faults.happens('delivery fails and is tried again', 4)) {
      this.#storeAtMs = retryAtMs;
      return;
    }
    const restarts = faults.happens('delivery starts anew at its positions', 4);
    if (!restarts || faults.draw() < 0.5) this.#put(delivery, nowMs);
    if (!restarts) {
      this.#feed({ kind: 'stored' }, nowMs);
      return;
    }
    // Stored or not, nobody knows: what was read since the last position is read again, cut anew.
    this.#drained.clear();
    this.#state = firehoseFrom(this.#state.delivered);
    this.#readAll(retryAtMs);
  }

  #put({ key, oldestMs, chunks }: Delivery, nowMs: number): void {
    const { faults, random } = this.#world;
    const isLate = faults.happens('object is delivered late', 4);
    const lateMs = this.#lateByMs + (isLate ? LATE_MS_MAX * faults.draw() : 0);
    this.#lateByMs = 0;
    const object = { lines: linesIn(chunks), atMs: nowMs + lateMs, oldestMs };
    this.#stored.set(key, { key, ...object });
    if (!faults.happens('object is delivered twice', 4)) return;
    const again = objectKey(this.#config, { atMs: oldestMs, random });
    this.#stored.set(again, { key: again, ...object, atMs: nowMs });
  }

  #readAll(nowMs: number): void {
    const { source } = this.#stream;
    for (let before = -1; before < this.#drained.size; ) {
      before = this.#drained.size;
      const shards = source.shards();
      for (const shard of shards) {
        if (this.#drained.has(shard.shardId) || !isReadable(shard, shards, this.#drained)) continue;
        const isAtEnd = this.#readShard(shard.shardId, nowMs);
        if (shard.closed && isAtEnd) this.#drained.add(shard.shardId);
      }
    }
  }

  /** What had arrived by then; whether that is all there is. */
  #readShard(shardId: string, nowMs: number): boolean {
    for (;;) {
      const found = this.#stream.read(shardId, this.#state.read[shardId] ?? null);
      const records = found.filter(({ arrivedAtMs }) => arrivedAtMs <= nowMs);
      if (records.length > 0) this.#feed({ kind: 'records', shardId, records }, nowMs);
      if (found.length === 0 || records.length < found.length) return found.length === 0;
    }
  }
}
