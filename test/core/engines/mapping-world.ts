/** A stream, a function and a clock for the mapping engine alone: no I/O, every choice is the test's. */
import { expect } from 'vitest';
import type { Invocation, SourceRecord, SourceShard } from '../../../localstack/cloud.ts';
import {
  type MappingEngine,
  mappingEngine,
} from '../../../localstack/engines/event-source-mapping/mapping.ts';
import type {
  MappingConfig,
  MappingInput,
  MappingOutput,
  ShardCheckpoint,
} from '../../../localstack/engines/event-source-mapping/types.ts';

export const config = (changes: Partial<MappingConfig> = {}): MappingConfig => ({
  uuid: '00000000-0000-4000-8000-000000000000',
  functionName: 'f',
  functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
  sourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
  kind: 'kinesis',
  batchSize: 10,
  batchingWindowMs: 0,
  lanes: 1,
  retriesMax: -1,
  recordAgeMaxMs: null,
  bisect: false,
  reportItemFailures: false,
  onFailureBucket: null,
  tumblingMs: 0,
  startAtMs: 0,
  matches: () => true,
  ...changes,
});

export interface Call {
  readonly id: number;
  readonly shardId: string;
  readonly sequences: readonly string[];
  readonly event: Readonly<Record<string, unknown>>;
}

export interface Kept {
  readonly key: string;
  readonly condition: string;
  readonly sequences: readonly string[];
  readonly record: Readonly<Record<string, unknown>>;
}

/** Answers a call, or leaves it out by null. */
export type Answer = (call: Call) => Invocation | null;

export const OK: Invocation = { payload: 'null' };
export const ERROR: Invocation = { payload: '{"errorMessage":"no"}', error: 'unhandled' };
export const THROTTLED: Invocation = { payload: '', error: 'throttled' };
export const failing = (...sequences: readonly unknown[]): Invocation => ({
  payload: JSON.stringify({
    batchItemFailures: sequences.map((itemIdentifier) => ({ itemIdentifier })),
  }),
});

const noRandom = (): number => 0.5;

export class World {
  readonly config: MappingConfig;
  readonly random: () => number;
  nowMs = 1_000_000;
  readonly shards = new Map<string, SourceShard>();
  readonly records = new Map<string, SourceRecord[]>();
  readonly calls: Call[] = [];
  readonly out = new Map<number, Call>();
  readonly kept: Kept[] = [];
  readonly metrics: { readonly name: string; readonly value: number }[] = [];
  readonly checkpoints = new Map<string, ShardCheckpoint>();
  readonly keepFails: { left: number } = { left: 0 };
  /** Succeeded, discarded, or never wanted. */
  readonly finished = new Set<string>();
  wakeAtMs: number | null = null;
  engine: MappingEngine;
  #counter = 0;

  constructor(changes: Partial<MappingConfig> = {}, random: () => number = noRandom) {
    this.config = config(changes);
    this.random = random;
    this.engine = mappingEngine(this.config);
    this.addShard('shardId-000000000000', []);
  }

  addShard(shardId: string, parentShardIds: readonly string[]): void {
    this.shards.set(shardId, { shardId, parentShardIds, closed: false });
    this.records.set(shardId, []);
  }

  close(shardId: string): void {
    const shard = this.shards.get(shardId);
    if (shard !== undefined) this.shards.set(shardId, { ...shard, closed: true });
  }

  put(key: string, shardId = 'shardId-000000000000', bytes = 100): string {
    this.#counter += 1;
    const sequenceNumber = `4${String(this.#counter).padStart(55, '0')}`;
    this.records.get(shardId)?.push({
      sequenceNumber,
      orderKey: key,
      arrivedAtMs: this.nowMs,
      bytes,
      body: { kinesis: { sequenceNumber, partitionKey: key } },
    });
    return sequenceNumber;
  }

  /** The source tells of its change. */
  look(): void {
    this.feed({ kind: 'shards', shards: [...this.shards.values()] });
  }

  feed(input: MappingInput): void {
    const { outputs, wakeAtMs } = this.engine.step(this.nowMs, this.random, input);
    this.wakeAtMs = wakeAtMs;
    for (const output of outputs) this.#perform(output);
  }

  answer(id: number, result: Invocation): void {
    this.out.delete(id);
    this.feed({ kind: 'invoked', id, result });
  }

  /** The calls that are out are lost, and a new process begins at the checkpoints. */
  crash(): void {
    this.out.clear();
    this.engine = mappingEngine(this.config, this.checkpoints);
    this.look();
  }

  /** Time goes on to where something is due, until nothing is out and nothing is left. */
  settle(answer: Answer, stepsMax = 20_000): void {
    for (let steps = 0; steps < stepsMax; steps += 1) {
      const [call] = this.out.values();
      if (call !== undefined) {
        const result = answer(call);
        if (result === null) return;
        this.answer(call.id, result);
      } else if (this.engine.idle() && this.wakeAtMs === null) return;
      else {
        this.nowMs = Math.max(this.nowMs + 1, this.wakeAtMs ?? 0);
        this.look();
      }
    }
    expect.fail('the mapping never comes to rest');
  }

  #perform(output: MappingOutput): void {
    if (output.kind === 'read') {
      const all = this.records.get(output.shardId) ?? [];
      const { after } = output;
      const from = all.filter(({ sequenceNumber }) => after === null || sequenceNumber > after);
      this.feed({
        kind: 'read',
        shardId: output.shardId,
        records: from.slice(0, output.recordsMax),
      });
    } else if (output.kind === 'invoke') {
      const event = JSON.parse(output.payload) as Call['event'];
      const call = { id: output.id, shardId: output.shardId, sequences: sequencesOf(event), event };
      this.calls.push(call);
      this.out.set(output.id, call);
    } else if (output.kind === 'keep') this.#keep(output);
    else if (output.kind === 'metric') this.metrics.push(output);
    else this.checkpoints.set(output.shardId, output.checkpoint);
  }

  #keep(output: Extract<MappingOutput, { kind: 'keep' }>): void {
    const ok = this.keepFails.left === 0;
    if (ok) {
      const record = JSON.parse(output.body) as Kept['record'];
      const { condition } = record.requestContext as { condition: string };
      const sequences = sequencesOf(JSON.parse(String(record.payload)) as Call['event']);
      this.kept.push({ key: output.key, condition, sequences, record });
      for (const sequence of sequences) this.finished.add(sequence);
    } else this.keepFails.left -= 1;
    this.feed({ kind: 'kept', id: output.id, ok });
  }
}

interface AnyRecord {
  readonly kinesis?: { readonly sequenceNumber: string };
  readonly dynamodb?: { readonly SequenceNumber: string };
}

const sequencesOf = (event: Call['event']): readonly string[] =>
  (event.Records as readonly AnyRecord[]).map(
    ({ kinesis, dynamodb }) => kinesis?.sequenceNumber ?? dynamodb?.SequenceNumber ?? '',
  );
