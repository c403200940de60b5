import type { Athena, Statement } from './athena-model.ts';
import type { FunctionModel, MappingWorld } from './function-model.ts';
import { Process, WorldFault } from './process.ts';

/** What the steps hand on, as far as the machine itself reads it. */
export interface NightPlan {
  readonly days: readonly string[];
  readonly totals: readonly string[];
  readonly backfill: readonly { readonly from: string; readonly to: string }[];
  readonly versions: readonly string[];
  readonly [member: string]: unknown;
}

export interface Start {
  readonly runId: string;
  readonly attempt: number;
  readonly [member: string]: unknown;
}

export interface Execution {
  readonly name: string;
  readonly process: Process;
  readonly start: Start;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'ABORTED';
  step: string;
}

export type Task = 'nightly' | 'plan' | 'plan-load' | 'load' | 'reconcile';
type Json = Readonly<Record<string, unknown>>;

const TRIES = 6;
const BACKOFF_MS = 2_000;
const LOADERS = 4;

/** The state machine: it forgets nothing and repeats what failed; what it runs may do anything. */
export class MachineModel {
  readonly executions = new Map<string, Execution>();
  /** Before a step, for histories that are written by hand. */
  onStep: (execution: Execution) => void = () => undefined;
  readonly #world: MappingWorld;
  readonly #tasks: Readonly<Record<Task, FunctionModel>>;
  readonly #athena: Athena;

  constructor(
    world: MappingWorld,
    tasks: Readonly<Record<Task, FunctionModel>>,
    athena: Athena,
  ) {
    this.#world = world;
    this.#tasks = tasks;
    this.#athena = athena;
  }

  /** Once per name, whoever asks how often. */
  begin(name: string, start: Start): void {
    if (this.executions.has(name)) return;
    const { scheduler, randoms, faults } = this.#world;
    const process = new Process(scheduler, randoms, faults);
    const execution: Execution = { name, process, start, status: 'RUNNING', step: 'plan' };
    this.executions.set(name, execution);
    this.#run(execution).then(
      () => {
        execution.status = 'SUCCEEDED';
      },
      (cause) => this.#fail(execution, cause),
    );
  }

  /** As somebody stops it by hand: what it had asked Athena for goes on. */
  abort(execution: Execution): void {
    if (execution.status !== 'RUNNING') return;
    execution.status = 'ABORTED';
    execution.process.isAlive = false;
  }

  async #fail(execution: Execution, cause: unknown): Promise<void> {
    const error = cause instanceof Error ? cause.message : String(cause);
    const { runId, attempt } = execution.start;
    await this.#task(execution, 'nightly', { task: 'fail', runId, attempt, error }).catch(
      () => undefined,
    );
    execution.status = 'FAILED';
  }

  async #run(execution: Execution): Promise<void> {
    const { start } = execution;
    const enter = (step: string): void => {
      execution.step = step;
      this.onStep(execution);
    };
    enter('plan');
    const plan = (await this.#task(execution, 'plan', { task: 'plan', ...start })) as NightPlan;
    const query = (statement: Statement) => this.#query(execution, plan, statement);
    enter('curate');
    for (const day of plan.days) await query({ kind: 'curate', day });
    enter('user-day');
    for (const day of plan.days) await query({ kind: 'userDay', day });
    for (const range of plan.backfill) await query({ kind: 'userDayOfRange', ...range });
    enter('user-total');
    for (const day of plan.totals) await query({ kind: 'userTotal', day });
    enter('tags');
    await query({ kind: 'tags' });
    enter('guard');
    const queryExecutionId = await query({ kind: 'guard' });
    const guard = { task: 'guard', plan, queryExecutionId };
    if ((await this.#task(execution, 'plan', guard)).verdict === 'refuse') return;
    enter('plan-load');
    const { items } = await this.#task(execution, 'plan-load', { plan });
    enter('load');
    await this.#load(execution, plan, items as readonly (readonly string[])[]);
    enter('mark-loaded');
    await query({ kind: 'loaded' });
    enter('reconcile');
    await this.#task(execution, 'reconcile', { plan });
    enter('finish');
    await this.#task(execution, 'nightly', { task: 'finish', plan });
  }

  async #load(
    execution: Execution,
    plan: NightPlan,
    items: readonly (readonly string[])[],
  ): Promise<void> {
    const waiting = [...items];
    const work = async (): Promise<void> => {
      for (let keys = waiting.shift(); keys !== undefined; keys = waiting.shift()) {
        let answer: Json = {};
        do {
          answer = await this.#task(execution, 'load', { plan, keys, cursor: answer.cursor });
        } while (answer.done !== true);
      }
    };
    await Promise.all(Array.from({ length: LOADERS }, work));
  }

  async #query(execution: Execution, plan: NightPlan, statement: Statement): Promise<string> {
    const printed = await this.#task(execution, 'plan', { task: 'print', plan, statement });
    return this.#again(execution, `query ${statement.kind}`, () =>
      this.#athena.run(execution.process, String(printed.sql), plan, statement),
    );
  }

  #task(execution: Execution, name: Task, payload: Json): Promise<Json> {
    return this.#again(execution, name, () => this.#invoke(name, payload));
  }

  #invoke(name: Task, payload: Json): Promise<Json> {
    return new Promise((done, fail) => {
      this.#tasks[name].invoke(JSON.stringify(payload), (result) => {
        if (result.error === undefined) done(JSON.parse(result.payload) as Json);
        else fail(new WorldFault(`${name} ${result.error}`));
      });
    });
  }

  async #again<T>(execution: Execution, what: string, of: () => Promise<T>): Promise<T> {
    const { process } = execution;
    for (let left = TRIES; ; left -= 1) {
      try {
        const answer = await of();
        // Whoever was stopped meanwhile hears of nothing any more.
        await process.call(`${what} is told`, () => undefined);
        return answer;
      } catch (cause) {
        if (left === 1 || !(cause instanceof WorldFault)) throw cause;
        await process.sleep(BACKOFF_MS * 2 ** (TRIES - left));
      }
    }
  }
}
