import type { Faults } from './faults.ts';
import type { Randoms } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export class WorldFault extends Error {
  override readonly name = 'WorldFault';
}

const SLOW_MS = 75_000;

/** One process of a function: once killed, nothing that it waits for ever comes back. */
export class Process {
  isAlive = true;
  readonly #scheduler: Scheduler;
  readonly #randoms: Randoms;
  readonly #faults: Faults;

  constructor(scheduler: Scheduler, randoms: Randoms, faults: Faults) {
    this.#scheduler = scheduler;
    this.#randoms = randoms;
    this.#faults = faults;
  }

  readonly now = (): number => this.#scheduler.nowMs;

  readonly sleep = (ms: number): Promise<void> => this.#wait(ms, 'sleep', () => undefined);

  /** The effect happens half way, the answer comes at the end. */
  async call<T>(what: string, effect: () => T, isSlow = false): Promise<T> {
    const latencyMs = 1 + 20 * this.#randoms.latency() ** 3;
    await this.#wait(latencyMs / 2, what, () => undefined);
    const result = effect();
    await this.#wait(isSlow ? SLOW_MS : latencyMs / 2, `${what} answers`, () => undefined);
    return result;
  }

  /** An effect that nobody waits for: the caller has given up, or was killed. */
  late(what: string, effect: () => void): void {
    this.#scheduler.after(200 + 5_000 * this.#faults.draw(), `${what} late`, effect);
  }

  #wait<T>(ms: number, what: string, then: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.#scheduler.after(ms, what, () => {
        if (this.isAlive) resolve(then());
      });
    });
  }
}
