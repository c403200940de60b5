import { hash64Hex } from '../../functions/core/hash.ts';

interface Resume {
  readonly atMs: number;
  readonly tie: number;
  readonly what: string;
  readonly run: () => void;
}

const isBefore = (left: Resume, right: Resume): boolean =>
  left.atMs < right.atMs || (left.atMs === right.atMs && left.tie < right.tie);

/** More than any seed takes: beyond it something repeats itself for ever. */
const STEPS_MAX = 200_000;
const TRACE_CHARACTERS = 8_192;

/** Runs every microtask that is ready, and all that those make ready. */
const drained = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Simulated time. Whatever waits is a resume in one queue, in the order of (time, tie); nothing else
 * decides what runs next, so one seed is one history.
 */
export class Scheduler {
  nowMs: number;
  steps = 0;
  #ties = 0;
  #trace = '';
  #text = '';
  readonly #heap: Resume[] = [];

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  after(delayMs: number, what: string, run: () => void): void {
    this.#ties += 1;
    const atMs = this.nowMs + Math.max(0, Math.ceil(delayMs));
    this.#push({ atMs, tie: this.#ties, what, run });
  }

  readonly sleep = (ms: number): Promise<void> =>
    new Promise((resolve) => this.after(ms, 'sleep', resolve));

  /** The next resume and everything that it makes ready; false where nothing waits. */
  async step(): Promise<boolean> {
    const next = this.#pop();
    if (next === undefined) return false;
    this.steps += 1;
    if (this.steps > STEPS_MAX) throw new Error('the simulation never comes to rest');
    this.nowMs = next.atMs;
    this.note(`${next.atMs} ${next.what}`);
    next.run();
    await drained();
    return true;
  }

  /** What tells two histories apart. */
  note(what: string): void {
    this.#text += `${what}\n`;
    if (this.#text.length > TRACE_CHARACTERS) this.#fold();
  }

  traceHash(): string {
    this.#fold();
    return this.#trace;
  }

  #fold(): void {
    this.#trace = hash64Hex(`${this.#trace}\n${this.#text}`);
    this.#text = '';
  }

  #push(resume: Resume): void {
    const heap = this.#heap;
    let place = heap.length;
    heap.push(resume);
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isBefore(parent, resume)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = resume;
  }

  #pop(): Resume | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (last === undefined || first === undefined || heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]];
      const isRight = right !== undefined && left !== undefined && isBefore(right, left);
      const child = isRight ? right : left;
      if (child === undefined || isBefore(last, child)) break;
      heap[place] = child;
      place = 2 * place + (isRight ? 2 : 1);
    }
    heap[place] = last;
    return first;
  }
}
