import { executionName } from '../../functions/core/nightly/run.ts';
import type { RunInput } from '../../functions/core/nightly/tasks.ts';
import type { Machine } from '../../functions/ports/machine.ts';
import { nightlyMachine } from '../../lib/nightly-machine.ts';
import type { Invocation } from '../../localstack/cloud.ts';
import { parseMachine } from '../../localstack/engines/states/definition.ts';
import type { ExecutionOutput } from '../../localstack/engines/states/engine.ts';
import {
  type Execution,
  type ExecutionInput,
  newExecution,
} from '../../localstack/engines/states/execution.ts';
import type { Json, JsonObject } from '../../localstack/engines/states/json.ts';
import type { AthenaModel } from './athena-model.ts';
import type { FunctionModel, MappingWorld } from './function-model.ts';
import { type Process, WorldFault } from './process.ts';

/** Functions as the text of the machine names them. */
export type TaskFunction = 'Plan' | 'PlanLoad' | 'Load' | 'Reconcile';

export interface Running {
  readonly name: string;
  readonly input: RunInput;
  readonly execution: Execution;
  /** The step that was begun last, as a task says it. */
  step: string;
}

type Task = Extract<ExecutionOutput, { readonly kind: 'task' }>;

const machine = parseMachine(JSON.stringify(nightlyMachine({ loadsAtOnce: 4 })), () => true);
const LAMBDA = 'arn:aws:states:::lambda:invoke';

const functionIn = (input: JsonObject): TaskFunction => {
  const [, name = ''] = /^\$\{(.+)\}$/.exec(String(input.FunctionName)) ?? [];
  return name as TaskFunction;
};

/** The shipped text of the machine on the shipped engine: it forgets nothing; its tasks may do anything. */
export class MachineModel {
  readonly runs = new Map<string, Running>();
  /** Before a task of a step is begun: for histories that are written by hand. */
  onTask: (running: Running) => void = () => undefined;
  readonly #world: MappingWorld;
  readonly #functions: Readonly<Record<TaskFunction, FunctionModel>>;
  readonly #athena: AthenaModel;

  constructor(
    world: MappingWorld,
    functions: Readonly<Record<TaskFunction, FunctionModel>>,
    athena: AthenaModel,
  ) {
    this.#world = world;
    this.#functions = functions;
    this.#athena = athena;
  }

  port(process: Process): Machine {
    const { faults } = this.#world;
    return {
      start: async (name, input) => {
        const fails = faults.happens('start of a run fails before its effect', 5);
        const isLost = faults.happens('run is started, the answer is lost', 5);
        const started = await process.call(`start ${name}`, () =>
          fails ? 'exists' : this.#start(name, input),
        );
        if (fails || isLost) throw new WorldFault('no answer of the machine');
        return started;
      },
      stateOf: (name) => process.call(`state of ${name}`, () => this.stateOf(name)),
    };
  }

  stateOf(name: string): 'running' | 'ended' | 'missing' {
    const running = this.runs.get(name);
    if (running === undefined) return 'missing';
    return running.execution.ending() === undefined ? 'running' : 'ended';
  }

  /** As somebody stops it by hand: what it has asked for goes on. */
  stop({ runId, attempt }: RunInput): void {
    const running = this.runs.get(executionName({ runId, attempt }));
    if (running !== undefined) this.#feed(running, { kind: 'stop' });
  }

  #start(name: string, input: RunInput): 'started' | 'exists' {
    const held = this.runs.get(name);
    if (held !== undefined) {
      const isSame = JSON.stringify(held.input) === JSON.stringify(input);
      return isSame && this.stateOf(name) === 'running' ? 'started' : 'exists';
    }
    const { scheduler, faults } = this.#world;
    const facts = {
      ...{ arn: name, name, machineArn: 'nightly', machineName: 'nightly', roleArn: 'role' },
      ...{ startedAtMs: scheduler.nowMs, input: input as unknown as Json },
    };
    const running: Running = { name, input, execution: newExecution(machine, facts), step: '' };
    this.runs.set(name, running);
    scheduler.after(1, `begin ${name}`, () => this.#feed(running, { kind: 'start' }));
    if (faults.happens('run is stopped', 8))
      scheduler.after(120_000 * faults.draw(), `stop ${name}`, () => this.stop(input));
    return 'started';
  }

  #feed(running: Running, input: ExecutionInput): void {
    const { scheduler, randoms } = this.#world;
    const { execution } = running;
    for (const output of execution.step(scheduler.nowMs, randoms.night, input))
      if (output.kind === 'task') this.#perform(running, output);
    const wakeAtMs = execution.wakeAtMs();
    if (wakeAtMs !== undefined)
      scheduler.after(wakeAtMs - scheduler.nowMs, `wake ${running.name}`, () => {
        if (execution.wakeAtMs() === wakeAtMs) this.#feed(running, { kind: 'wake' });
      });
  }

  #perform(running: Running, { id, resource, input }: Task): void {
    const given = input as JsonObject;
    const failed = (error: string) =>
      this.#feed(running, { kind: 'failed', id, error, cause: error });
    if (resource === LAMBDA) {
      const payload = given.Payload as JsonObject;
      running.step = String(payload.step ?? payload.task);
      this.onTask(running);
      this.#functions[functionIn(given)].invoke(JSON.stringify(payload), (result: Invocation) => {
        if (result.error === 'throttled') failed('Lambda.TooManyRequestsException');
        else if (result.error !== undefined) failed('Error');
        else
          this.#feed(running, {
            kind: 'done',
            id,
            output: { Payload: JSON.parse(result.payload) },
          });
      });
      return;
    }
    running.step += ': query';
    this.onTask(running);
    this.#athena.run(String(given.QueryString), (result) => {
      if (result.kind === 'failed') failed(result.error);
      else {
        const QueryExecution = { QueryExecutionId: result.queryExecutionId };
        this.#feed(running, { kind: 'done', id, output: { QueryExecution } });
      }
    });
  }
}
