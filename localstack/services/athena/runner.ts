/** Queries one at a time: QUEUED, RUNNING, then an outcome that is on disk before it is told. */
import type { MetricSink } from '../../cloud.ts';
import { writeCsv } from './csv.ts';
import type { LakeEngine, StatementOutcome } from './engine.ts';
import { type Execution, isSettled, substatementType } from './execution.ts';
import type { ExecutionStore } from './execution-store.ts';
import { reasonOf } from './faults.ts';
import { parseLocation, type StoredObjects } from './objects.ts';
import { withParameters } from './parameters.ts';
import type { WorkGroup } from './workgroup.ts';

export interface RunnerOptions {
  readonly engine: LakeEngine;
  readonly store: ExecutionStore;
  readonly objects: StoredObjects;
  readonly metrics: MetricSink;
  readonly now: () => number;
  readonly report: ((fault: unknown) => void) | undefined;
  /** Without a query for so long, DuckDB's memory is given back. */
  readonly restAfterMs?: number;
}

const REST_AFTER_DEFAULT_MS = 60_000;

/** As Athena says it when a query would read more than its workgroup allows. */
const OVER_THE_LIMIT = 'Query cancelled! : Bytes scanned limit was exceeded';

class Cancelled extends Error {}

export class Runner {
  private readonly options: RunnerOptions;
  private readonly stopping = new Set<string>();
  private queue: Promise<void> = Promise.resolve();
  private running: string | undefined;
  private closed = false;
  private rest: NodeJS.Timeout | undefined;

  constructor(options: RunnerOptions) {
    this.options = options;
  }

  submit(execution: Execution, group: WorkGroup): void {
    this.options.store.put(execution);
    clearTimeout(this.rest);
    this.enqueue(() => this.run(execution.id, group));
  }

  private enqueue(task: () => Promise<void>): void {
    this.queue = this.queue.then(task).catch((fault) => this.options.report?.(fault));
  }

  /** The next query opens it again. */
  private restLater(): void {
    clearTimeout(this.rest);
    const { engine, restAfterMs = REST_AFTER_DEFAULT_MS } = this.options;
    this.rest = setTimeout(() => this.enqueue(() => engine.close()), restAfterMs);
    this.rest.unref();
  }

  async stop(id: string): Promise<void> {
    const { store, engine, now } = this.options;
    const execution = store.get(id);
    if (execution === undefined || isSettled(execution)) return;
    this.stopping.add(id);
    if (this.running === id) await engine.interrupt();
    else store.put({ ...execution, state: 'CANCELLED', completedAtMs: now() });
  }

  private async run(id: string, group: WorkGroup): Promise<void> {
    const { store, now } = this.options;
    const queued = store.get(id);
    if (queued === undefined || isSettled(queued) || this.closed) return;
    this.running = id;
    const started = store.put({ ...queued, state: 'RUNNING', startedAtMs: now() });
    const ended = await this.perform(started, group);
    this.running = undefined;
    if (this.closed) return;
    const settled = store.put({ ...ended, completedAtMs: now() });
    if (group.metrics) this.measure(settled);
    this.restLater();
  }

  private async perform(execution: Execution, group: WorkGroup): Promise<Execution> {
    const { engine } = this.options;
    let scannedBytes = 0;
    const onScan = (bytes: number): void => {
      scannedBytes = bytes;
      if (this.stopping.has(execution.id)) throw new Cancelled('Query was cancelled by user');
      if (bytes > (group.scannedBytesMax ?? Number.POSITIVE_INFINITY)) {
        throw new Cancelled(OVER_THE_LIMIT);
      }
    };
    try {
      const { id, database, query, parameters } = execution;
      const sql = withParameters(query, parameters);
      const outcome = await engine.run({ id, sql, database, onScan });
      return { ...(await this.succeed(execution, outcome)), scannedBytes };
    } catch (fault) {
      return { ...this.fail(execution, fault), scannedBytes };
    }
  }

  private fail(execution: Execution, fault: unknown): Execution {
    if (fault instanceof Cancelled) {
      return { ...execution, state: 'CANCELLED', reason: fault.message };
    }
    if (this.stopping.has(execution.id)) {
      return { ...execution, state: 'CANCELLED', reason: 'Query was cancelled by user' };
    }
    return { ...execution, state: 'FAILED', reason: reasonOf(fault) };
  }

  /** Results are objects before the execution says that it succeeded. */
  private async succeed(execution: Execution, outcome: StatementOutcome): Promise<Execution> {
    const { columns, rows, updateCount, written } = outcome;
    const done: Execution = {
      ...execution,
      state: 'SUCCEEDED',
      columns,
      ...(updateCount === undefined ? {} : { updateCount }),
    };
    if (columns.length > 0) {
      const header = columns.map(({ name }) => name);
      await this.put(execution.outputLocation, writeCsv([header, ...rows]), 'text/csv');
      const described = JSON.stringify({ columns });
      await this.put(`${execution.outputLocation}.metadata`, described, 'application/json');
    }
    if (written === undefined) return done;
    const manifestLocation = execution.outputLocation.replace(/\.csv$/, '-manifest.csv');
    await this.put(manifestLocation, written.map((uri) => `${uri}\n`).join(''), 'text/csv');
    return { ...done, manifestLocation };
  }

  private put(location: string, text: string, contentType: string): Promise<void> {
    const { bucket, key } = parseLocation(location);
    return this.options.objects.put(bucket, key, Buffer.from(text), { contentType });
  }

  private measure(execution: Execution): void {
    const { submittedAtMs, completedAtMs = submittedAtMs, query } = execution;
    const dimensions = {
      WorkGroup: execution.workGroup,
      QueryState: execution.state,
      QueryType: substatementType(query) === 'OPTIMIZE' ? 'UTILITY' : 'DML',
    };
    const { metrics } = this.options;
    metrics.put('AWS/Athena', 'ProcessedBytes', dimensions, execution.scannedBytes, completedAtMs);
    const totalMs = completedAtMs - submittedAtMs;
    metrics.put('AWS/Athena', 'TotalExecutionTime', dimensions, totalMs, completedAtMs);
  }

  /** What runs is ended without an outcome: the next start says that it failed. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.rest);
    if (this.running !== undefined) await this.options.engine.interrupt();
    await this.queue;
  }
}
