import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { FunctionInvoker, MetricSink, ObjectSink, RecordSource } from '../../cloud.ts';
import { type MappingEngine, mappingEngine } from '../../engines/event-source-mapping/mapping.ts';
import type {
  MappingConfig,
  MappingInput,
  MappingOutput,
} from '../../engines/event-source-mapping/types.ts';
import type { CheckpointLog, Range } from './checkpoint-log.ts';

const CLOSE_WAIT_MS = 3000;

export interface RunnerOptions {
  readonly config: MappingConfig;
  readonly source: RecordSource;
  readonly log: CheckpointLog;
  readonly clock: () => number;
  readonly random: () => number;
  readonly invoker: FunctionInvoker;
  readonly objects: ObjectSink;
  readonly metrics: MetricSink;
  readonly pollMs: number;
  readonly report: (fault: unknown) => void;
}

type Output<K extends MappingOutput['kind']> = Extract<MappingOutput, { kind: K }>;

/** Performs what one mapping's engine decides, one input after the other. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #interrupted: Map<string, Range[]>;
  readonly #inputs: MappingInput[] = [];
  readonly #out = new Set<Promise<void>>();
  readonly #unsubscribe: () => void;
  #engine: MappingEngine;
  /** Of the engine; an answer to one before it is dropped. */
  #life = 0;
  #inFlight = 0;
  #redelivered = 0;
  #busy = false;
  #closing = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: RunnerOptions) {
    this.#options = options;
    const { config, log, source } = options;
    this.#engine = mappingEngine(config, log.checkpoints);
    this.#interrupted = new Map([...log.interrupted].map(([id, ranges]) => [id, [...ranges]]));
    this.#unsubscribe = source.onChange(() => this.#look());
    this.#look();
  }

  inFlight(): number {
    return this.#inFlight;
  }

  redelivered(): number {
    return this.#redelivered;
  }

  drained(): boolean {
    return this.#inputs.length === 0 && this.#inFlight === 0 && this.#engine.idle();
  }

  /** Starts nothing more and waits a little for the calls that are out: the others come again. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    const waited = setTimeoutPromise(CLOSE_WAIT_MS, undefined, { ref: false });
    await Promise.race([Promise.all(this.#out), waited]);
    this.#closed = true;
    this.#options.log.close();
  }

  #look(): void {
    this.#feed({ kind: 'shards', shards: this.#options.source.shards() });
  }

  #feed(input: MappingInput): void {
    if (this.#closed) return;
    this.#inputs.push(input);
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift())
        this.#advance(next);
    } catch (fault) {
      this.#beginAgain(fault);
    } finally {
      this.#busy = false;
    }
  }

  #advance(input: MappingInput): void {
    const { clock, random } = this.#options;
    const { outputs, wakeAtMs } = this.#engine.step(clock(), random, input);
    for (const output of outputs) this.#perform(output);
    const { pollMs } = this.#options;
    this.#wakeIn(wakeAtMs === null ? pollMs : Math.min(pollMs, wakeAtMs - clock()));
  }

  /** A read or a write of the disk has failed: as after a crash, what is not on disk comes again. */
  #beginAgain(fault: unknown): void {
    const { config, log, pollMs, report } = this.#options;
    report(fault);
    this.#life += 1;
    this.#inputs.length = 0;
    this.#engine = mappingEngine(config, log.checkpoints);
    this.#wakeIn(pollMs);
  }

  #wakeIn(waitMs: number): void {
    if (this.#closing) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), Math.max(1, waitMs));
  }

  #perform(output: MappingOutput): void {
    if (output.kind === 'checkpoint')
      this.#options.log.checkpoint(output.shardId, output.checkpoint);
    else if (this.#closing) return;
    else if (output.kind === 'read') this.#read(output);
    else if (output.kind === 'invoke') this.#invoke(output);
    else if (output.kind === 'keep') this.#track(this.#keep(output));
    else this.#measure(output);
  }

  #track(work: Promise<MappingInput>): void {
    const life = this.#life;
    const tracked: Promise<void> = work
      .then(
        (input) => {
          if (life === this.#life) this.#feed(input);
        },
        (fault: unknown) => {
          if (life === this.#life) this.#beginAgain(fault);
        },
      )
      .finally(() => this.#out.delete(tracked));
    this.#out.add(tracked);
  }

  #read(output: Output<'read'>): void {
    const { shardId } = output;
    const records = this.#options.source.read(shardId, output.after, output);
    if (records instanceof Promise)
      this.#track(records.then((read) => ({ kind: 'read', shardId, records: read })));
    else this.#feed({ kind: 'read', shardId, records });
  }

  #invoke(output: Output<'invoke'>): void {
    const { range, shardId } = output;
    if (range !== null) {
      if (comesAgain(this.#interrupted.get(shardId), range)) this.#redelivered += 1;
      this.#options.log.invoke(shardId, range);
    }
    this.#track(this.#call(output));
  }

  async #call({ id, payload }: Output<'invoke'>): Promise<MappingInput> {
    const { config, invoker, report } = this.#options;
    this.#inFlight += 1;
    try {
      const result = await invoker.invoke(config.functionName, payload);
      return { kind: 'invoked', id, result };
    } catch (fault) {
      // As far as we know it never ran: AWS would call it a throttle and try again.
      report(fault);
      return { kind: 'invoked', id, result: { payload: '', error: 'throttled' } };
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #keep({ id, bucket, key, body }: Output<'keep'>): Promise<MappingInput> {
    const { objects, report } = this.#options;
    try {
      await objects.put(bucket, key, Buffer.from(body), { contentType: 'application/json' });
      return { kind: 'kept', id, ok: true };
    } catch (fault) {
      report(fault);
      return { kind: 'kept', id, ok: false };
    }
  }

  /** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  #measure({ name, value }: Output<'metric'>): void {
    const { clock, config, metrics } = this.#options;
    const FunctionName = config.functionName;
    metrics.put('AWS/Lambda', name, { FunctionName }, value, clock());
    const both = { FunctionName, EventSourceMappingUUID: config.uuid };
    metrics.put('AWS/Lambda', name, both, value, clock());
  }
}

/** Each interrupted call is counted once, by the first batch that holds a record of it. */
const comesAgain = (interrupted: Range[] | undefined, range: Range): boolean => {
  const index = (interrupted ?? []).findIndex(
    ({ first, last }) => !isBefore(range.last, first) && !isBefore(last, range.first),
  );
  if (index === -1) return false;
  interrupted?.splice(index, 1);
  return true;
};

const isBefore = (left: string, right: string): boolean =>
  left.length === right.length ? left < right : left.length < right.length;
