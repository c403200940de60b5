import type { Invocation } from '../../localstack/cloud.ts';
import type { Faults } from './faults.ts';
import { Process } from './process.ts';
import type { Randoms } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** Takes whatever shape of event its source has. */
export type Handler = (
  event: never,
  context: { readonly getRemainingTimeInMillis: () => number },
) => Promise<unknown>;

export interface MappingWorld {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly randoms: Randoms;
}

interface Warm {
  readonly process: Process;
  readonly handle: Handler;
}

const UNHANDLED: Invocation = { payload: '{"errorType":"Error"}', error: 'unhandled' };

/** A function: one call at a time in a process, and processes that die, or live on unasked. */
export class FunctionModel {
  readonly name: string;
  /** The payload of each call, for histories that are written by hand. */
  onInvoke: (payload: string) => void = () => undefined;
  readonly #world: MappingWorld;
  readonly #start: (process: Process) => Handler;
  readonly #timeoutMs: number;
  readonly #idle: Warm[] = [];
  #kill: () => void = () => undefined;

  constructor(
    world: MappingWorld,
    name: string,
    timeoutMs: number,
    start: (process: Process) => Handler,
  ) {
    this.#world = world;
    this.name = name;
    this.#timeoutMs = timeoutMs;
    this.#start = start;
  }

  /** Ends the process that was called last, in the midst of whatever it does. */
  kill(): void {
    this.#kill();
  }

  /** Answers once, however the call ends. */
  invoke(payload: string, done: (result: Invocation) => void): void {
    const { scheduler, faults } = this.#world;
    if (faults.happens('function is throttled')) {
      scheduler.after(5, 'throttled', () => done({ payload: '', error: 'throttled' }));
      return;
    }
    this.onInvoke(payload);
    const warm = this.#idle.pop() ?? this.#cold();
    let isAnswered = false;
    const answer = (result: Invocation, why: string, isStillThere = false): void => {
      if (isStillThere && !isAnswered) this.#idle.push(warm);
      if (isAnswered) return;
      isAnswered = true;
      scheduler.note(`${scheduler.nowMs} ${this.name} ${why}`);
      done(result);
    };
    this.#kill = () => {
      if (isAnswered) return;
      warm.process.isAlive = false;
      scheduler.after(100, 'a death is noticed', () => answer(UNHANDLED, 'killed'));
    };
    if (faults.happens('function is killed', 2))
      scheduler.after(60 * faults.draw(), `kill ${this.name}`, this.#kill);
    // The platform stops waiting and starts another process; this one thaws and goes on.
    const timeoutMs = faults.happens('function times out and lives on', 2)
      ? 20 + 60 * faults.draw()
      : this.#timeoutMs;
    scheduler.after(timeoutMs, `time of ${this.name} is up`, () => answer(UNHANDLED, 'timed out'));
    const isVoid = faults.happens('function answers into the void');
    const endsAtMs = scheduler.nowMs + this.#timeoutMs;
    const context = { getRemainingTimeInMillis: () => endsAtMs - scheduler.nowMs };
    warm.handle(JSON.parse(payload) as never, context).then(
      (response) =>
        answer(isVoid ? UNHANDLED : { payload: JSON.stringify(response) }, 'answered', true),
      () => answer(UNHANDLED, 'threw', true),
    );
  }

  #cold(): Warm {
    const { scheduler, randoms, faults } = this.#world;
    const process = new Process(scheduler, randoms, faults);
    return { process, handle: this.#start(process) };
  }
}
