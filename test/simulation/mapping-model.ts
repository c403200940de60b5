import type { Invocation, RecordSource } from '../../localstack/cloud.ts';
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
import type { Faults } from './faults.ts';
import { Process } from './process.ts';
import type { Randoms } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** Takes whatever shape of event its source has. */
export type Handler = (
  event: never,
  context: { readonly getRemainingTimeInMillis: () => number },
) => Promise<unknown>;

export interface Source {
  readonly arn: string;
  readonly source: RecordSource;
  onChange: () => void;
}

export interface MappingWorld {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly randoms: Randoms;
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

const UNHANDLED: Invocation = { payload: '{"errorType":"Error"}', error: 'unhandled' };

/** An event-source mapping and its function: the shipped core, over processes that die. */
export class MappingModel {
  readonly checkpoints = new Map<string, ShardCheckpoint>();
  /** The payload of each call, for histories that are written by hand. */
  onInvoke: (payload: string) => void = () => undefined;
  onCheckpoint: (shardId: string, before: string | null, after: string | null) => void = () =>
    undefined;
  readonly #world: MappingWorld;
  readonly #source: Source;
  readonly #name: string;
  readonly #config: MappingConfig;
  readonly #start: (process: Process) => Handler;
  #warm: { readonly process: Process; readonly handle: Handler } | undefined;
  #engine: MappingEngine;
  #generation = 0;
  #kill: () => void = () => undefined;
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
    this.#name = name;
    this.#config = configOf(name, source.arn, settings);
    this.#start = start;
    this.#engine = mappingEngine(this.#config);
    source.onChange = () => this.#soon();
  }

  idle(): boolean {
    return this.#engine.idle();
  }

  poll(): void {
    this.#feed({ kind: 'shards', shards: this.#source.source.shards() });
  }

  /** Ends the process that was called last, in the midst of whatever it does. */
  kill(): void {
    this.#kill();
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
    this.#world.scheduler.after(0, `poll ${this.#name}`, () => {
      if (generation === this.#generation) this.poll();
    });
  }

  #feed(input: MappingInput): void {
    const { scheduler, randoms } = this.#world;
    const { outputs, wakeAtMs } = this.#engine.step(scheduler.nowMs, randoms.engine, input);
    this.#wakes += 1;
    const wake = this.#wakes;
    if (wakeAtMs !== null)
      scheduler.after(wakeAtMs - scheduler.nowMs, `wake ${this.#name}`, () => {
        if (wake === this.#wakes) this.#feed({ kind: 'tick' });
      });
    for (const output of outputs) this.#perform(output);
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
    } else if (output.kind === 'invoke') this.#invoke(output);
    else if (output.kind === 'keep') throw new Error('nothing is discarded in simulated hours');
    else if (output.kind === 'checkpoint') {
      const before = this.checkpoints.get(output.shardId)?.sequence ?? null;
      this.checkpoints.set(output.shardId, output.checkpoint);
      this.onCheckpoint(output.shardId, before, output.checkpoint.sequence);
    }
  }

  #invoke({ id, payload }: Extract<MappingOutput, { kind: 'invoke' }>): void {
    const { scheduler, faults } = this.#world;
    const generation = this.#generation;
    let isAnswered = false;
    const answer = (result: Invocation, why: string): void => {
      if (isAnswered) return;
      isAnswered = true;
      scheduler.note(`${scheduler.nowMs} ${this.#name} ${why}`);
      if (generation === this.#generation) this.#feed({ kind: 'invoked', id, result });
    };
    if (faults.happens('function is throttled')) {
      scheduler.after(5, 'throttled', () => answer({ payload: '', error: 'throttled' }, 'none'));
      return;
    }
    this.onInvoke(payload);
    const { process, handle } = this.#warmProcess();
    const kill = (): void => {
      if (isAnswered) return;
      process.isAlive = false;
      this.#warm = undefined;
      scheduler.after(100, 'a death is noticed', () => answer(UNHANDLED, 'killed'));
    };
    this.#kill = kill;
    if (faults.happens('function is killed', 2))
      scheduler.after(60 * faults.draw(), `kill ${this.#name}`, kill);
    // The platform stops waiting and starts another process; this one thaws and goes on.
    const timeoutMs = faults.happens('function times out and lives on', 2)
      ? 20 + 60 * faults.draw()
      : TIMEOUT_MS;
    scheduler.after(timeoutMs, `time of ${this.#name} is up`, () => {
      if (isAnswered) return;
      this.#warm = undefined;
      answer(UNHANDLED, 'timed out');
    });
    const isVoid = faults.happens('function answers into the void');
    const startedAtMs = scheduler.nowMs;
    const context = {
      getRemainingTimeInMillis: () => TIMEOUT_MS - (scheduler.nowMs - startedAtMs),
    };
    handle(JSON.parse(payload) as never, context).then(
      (response) => answer(isVoid ? UNHANDLED : { payload: JSON.stringify(response) }, 'answered'),
      () => answer(UNHANDLED, 'threw'),
    );
  }

  #warmProcess() {
    const { scheduler, randoms, faults } = this.#world;
    if (this.#warm === undefined) {
      const process = new Process(scheduler, randoms, faults);
      this.#warm = { process, handle: this.#start(process) };
    }
    return this.#warm;
  }
}
