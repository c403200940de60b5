import { setTimeout as setTimeoutPromise } from 'node:timers/promises';
import type { FunctionInvoker, MetricSink, ObjectSink, RecordSource } from '../../cloud.ts';
import { mappingEngine } from '../../engines/event-source-mapping/mapping.ts';
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

/** Performs what one mapping's engine decides, one input after the other. */
export interface Runner {
  readonly inFlight: () => number;
  readonly redelivered: () => number;
  readonly drained: () => boolean;
  /** Starts nothing more and waits a little for the calls that are out: the others come again. */
  readonly close: () => Promise<void>;
}

export const startRunner = (options: RunnerOptions): Runner => {
  const { config, source, log, clock, random, metrics, report } = options;
  const engine = mappingEngine(config, log.checkpoints);
  const interrupted = new Map([...log.interrupted].map(([id, ranges]) => [id, [...ranges]]));
  const inputs: MappingInput[] = [];
  const calls = new Set<Promise<void>>();
  let inFlight = 0;
  let redelivered = 0;
  let busy = false;
  let closing = false;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const feed = (input: MappingInput): void => {
    if (closed) return;
    inputs.push(input);
    if (busy) return;
    busy = true;
    try {
      for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) advance(next);
    } catch (fault) {
      report(fault);
    } finally {
      busy = false;
    }
  };
  const advance = (input: MappingInput): void => {
    const { outputs, wakeAtMs } = engine.step(clock(), random, input);
    for (const output of outputs) perform(output);
    if (!closing) wake(wakeAtMs);
  };
  const wake = (atMs: number | null): void => {
    clearTimeout(timer);
    const waitMs = atMs === null ? options.pollMs : Math.min(options.pollMs, atMs - clock());
    timer = setTimeout(look, Math.max(1, waitMs));
  };
  const look = (): void => feed({ kind: 'shards', shards: source.shards() });
  const track = (call: Promise<void>): void => {
    const tracked: Promise<void> = call.catch(report).finally(() => calls.delete(tracked));
    calls.add(tracked);
  };
  const perform = (output: MappingOutput): void => {
    if (output.kind === 'checkpoint') log.checkpoint(output.shardId, output.checkpoint);
    else if (closing) return;
    else if (output.kind === 'read') read(output);
    else if (output.kind === 'invoke') track(invoke(output));
    else if (output.kind === 'keep') track(keep(output));
    else measure(output.name, output.value);
  };
  const read = (output: Extract<MappingOutput, { kind: 'read' }>): void => {
    const taken = (records: Awaited<ReturnType<RecordSource['read']>>): void =>
      feed({ kind: 'read', shardId: output.shardId, records });
    const result = source.read(output.shardId, output.after, output);
    if (result instanceof Promise) track(result.then(taken));
    else taken(result);
  };
  const invoke = async (output: Extract<MappingOutput, { kind: 'invoke' }>): Promise<void> => {
    if (output.range !== null) {
      if (comesAgain(interrupted.get(output.shardId), output.range)) redelivered += 1;
      log.invoke(output.shardId, output.range);
    }
    inFlight += 1;
    const result = await options.invoker
      .invoke(config.functionName, output.payload)
      .catch((fault: unknown) => {
        // The call did not happen, as far as we know: AWS would call it a throttle and try again.
        report(fault);
        return { payload: '', error: 'throttled' as const };
      });
    inFlight -= 1;
    feed({ kind: 'invoked', id: output.id, result });
  };
  const keep = async (output: Extract<MappingOutput, { kind: 'keep' }>): Promise<void> => {
    const ok = await options.objects
      .put(output.bucket, output.key, Buffer.from(output.body), { contentType: 'application/json' })
      .then(() => true)
      .catch((fault: unknown) => {
        report(fault);
        return false;
      });
    feed({ kind: 'kept', id: output.id, ok });
  };
  /** https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html */
  const measure = (name: string, value: number): void => {
    const FunctionName = config.functionName;
    metrics.put('AWS/Lambda', name, { FunctionName }, value, clock());
    const both = { FunctionName, EventSourceMappingUUID: config.uuid };
    metrics.put('AWS/Lambda', name, both, value, clock());
  };

  const unsubscribe = source.onChange(look);
  look();
  return {
    inFlight: () => inFlight,
    redelivered: () => redelivered,
    drained: () => inputs.length === 0 && inFlight === 0 && engine.idle(),
    close: async () => {
      if (closing) return;
      closing = true;
      unsubscribe();
      clearTimeout(timer);
      await Promise.race([
        Promise.all(calls),
        setTimeoutPromise(CLOSE_WAIT_MS, undefined, { ref: false }),
      ]);
      closed = true;
      log.close();
    },
  };
};

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
