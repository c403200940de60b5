import type { RecordSource } from '../../localstack/cloud.ts';
import {
  type MappingEngine,
  mappingEngine,
} from '../../localstack/engines/event-source-mapping/mapping.ts';
import type {
  MappingConfig,
  MappingInput,
  MappingOutput,
  ShardCheckpoint,
} from '../../localstack/engines/event-source-mapping/types.ts';
import { FunctionModel, type Handler, type MappingWorld } from './function-model.ts';
import type { Process } from './process.ts';

export interface Source {
  readonly arn: string;
  readonly source: RecordSource;
  readonly follow: (reader: () => void) => void;
}

const TIMEOUT_MS = 60_000;
const RETENTION_MS = 72 * 3_600_000;

const configOf = (
  name: string,
  sourceArn: string,
  settings: Partial<MappingConfig>,
): MappingConfig => ({
  uuid: '00000000-0000-4000-8000-000000000000',
  functionName: name,
  functionArn: `arn:aws:lambda:eu-west-1:000000000000:function:${name}`,
  sourceArn,
  kind: 'kinesis',
  batchSize: 500,
  batchingWindowMs: 0,
  lanes: 1,
  retriesMax: -1,
  recordAgeMaxMs: RETENTION_MS - 2 * 3_600_000,
  bisect: true,
  reportItemFailures: true,
  onFailureBucket: 'failed',
  tumblingMs: 0,
  startAtMs: 0,
  matches: () => true,
  ...settings,
});

/** An event-source mapping and its function: the shipped core, over processes that die. */
export class MappingModel {
  readonly function: FunctionModel;
  readonly checkpoints = new Map<string, ShardCheckpoint>();
  onCheckpoint: (shardId: string, before: string | null, after: string | null) => void = () =>
    undefined;
  onMetric: (name: string, value: number) => void = () => undefined;
  readonly #world: MappingWorld;
  readonly #source: Source;
  readonly #config: MappingConfig;
  readonly #bornAtMs: number;
  #engine: MappingEngine;
  #generation = 0;
  #isHeld = false;
  /** Only the wake that was asked for last counts. */
  #wakes = 0;

  constructor(
    world: MappingWorld,
    source: Source,
    name: string,
    settings: Partial<MappingConfig>,
    start: (process: Process) => Handler,
  ) {
    this.#world = world;
    this.#source = source;
    this.function = new FunctionModel(world, name, TIMEOUT_MS, start);
    this.#config = configOf(name, source.arn, settings);
    this.#engine = mappingEngine(this.#config);
    this.#bornAtMs = world.scheduler.nowMs;
    source.follow(() => this.#soon());
  }

  idle(): boolean {
    return this.#engine.idle();
  }

  /** Reads nothing until it is let go: for histories in which much waits. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#soon();
  }

  poll(): void {
    if (this.#isHeld) return;
    this.#feed({ kind: 'shards', shards: this.#source.source.shards() });
  }

  /** What was out is delivered again; from the very beginning where nothing is remembered. */
  restart(fromTrimHorizon: boolean): void {
    this.#generation += 1;
    this.#wakes += 1;
    if (fromTrimHorizon) this.checkpoints.clear();
    this.#engine = mappingEngine(this.#config, this.checkpoints);
    this.#soon();
  }

  #soon(): void {
    const generation = this.#generation;
    this.#world.scheduler.after(0, `poll ${this.function.name}`, () => {
      if (generation === this.#generation) this.poll();
    });
  }

  #feed(input: MappingInput): void {
    const { scheduler, randoms } = this.#world;
    const { outputs, wakeAtMs } = this.#engine.step(scheduler.nowMs, randoms.engine, input);
    this.#wakes += 1;
    const wake = this.#wakes;
    if (wakeAtMs !== null)
      scheduler.after(wakeAtMs - scheduler.nowMs, `wake ${this.function.name}`, () => {
        if (wake === this.#wakes) this.#feed({ kind: 'tick' });
      });
    for (const output of outputs) this.#perform(output);
  }

  /** Only a mapping made anew meets what is so old, and all of it has been worked on before. */
  #keep(id: number): void {
    const { scheduler } = this.#world;
    if (scheduler.nowMs - this.#bornAtMs < (this.#config.recordAgeMaxMs ?? Infinity))
      throw new Error('nothing is discarded in simulated hours');
    const generation = this.#generation;
    scheduler.after(1, 'kept', () => {
      if (generation === this.#generation) this.#feed({ kind: 'kept', id, ok: true });
    });
  }

  #perform(output: MappingOutput): void {
    if (output.kind === 'read') {
      const { shardId, after } = output;
      const records = this.#source.source.read(shardId, after, output);
      if (!(records instanceof Promise)) {
        this.#feed({ kind: 'read', shardId, records });
        return;
      }
      const generation = this.#generation;
      void records.then((read) => {
        if (generation === this.#generation) this.#feed({ kind: 'read', shardId, records: read });
      });
    } else if (output.kind === 'invoke') {
      const { id, payload } = output;
      const generation = this.#generation;
      this.function.invoke(payload, (result) => {
        if (generation === this.#generation) this.#feed({ kind: 'invoked', id, result });
      });
    } else if (output.kind === 'keep') this.#keep(output.id);
    else if (output.kind === 'metric') this.onMetric(output.name, output.value);
    else if (output.kind === 'checkpoint') {
      const before = this.checkpoints.get(output.shardId)?.sequence ?? null;
      this.checkpoints.set(output.shardId, output.checkpoint);
      this.onCheckpoint(output.shardId, before, output.checkpoint.sequence);
    }
  }
}
