/** One execution in memory: what its states share, and the walks through them that are under way. */
import type { Flow, Machine } from './definition.ts';
import type { Json, JsonObject, StatesError } from './json.ts';

export interface ExecutionFacts {
  readonly arn: string;
  readonly name: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly roleArn: string;
  readonly startedAtMs: number;
  readonly input: Json;
}

export type Ending =
  | { readonly status: 'SUCCEEDED'; readonly output: Json }
  | {
      readonly status: 'FAILED' | 'TIMED_OUT' | 'ABORTED';
      readonly error?: string;
      readonly cause?: string;
    };

export type ExecutionOutput =
  /** Have this done, and feed back how it ended. */
  | { readonly kind: 'task'; readonly id: string; readonly resource: string; readonly input: Json }
  /** Nobody waits for this any more. */
  | { readonly kind: 'cancel'; readonly id: string }
  | { readonly kind: 'event'; readonly event: HistoryEvent }
  | { readonly kind: 'ended'; readonly ending: Ending };

export interface HistoryEvent {
  readonly atMs: number;
  /** AWS's name of the event. */
  readonly type: string;
  readonly state?: string;
  readonly error?: string;
  readonly cause?: string;
}

export type Outcome = { readonly output: Json } | { readonly failed: StatesError };

export type Activity =
  | {
      readonly kind: 'task';
      readonly id: string;
      readonly resource: string;
      readonly input: Json;
      readonly timeoutMs: number;
      /** When it has taken too long. */
      readonly dueMs: number;
    }
  | { readonly kind: 'pause'; readonly dueMs: number; readonly then: () => void }
  | { readonly kind: 'children'; readonly live: Set<Walk> };

/** One walk through a flow: the machine's own, a branch's or an iteration's. */
export interface Walk {
  readonly flow: Flow;
  /** The innermost map's `$$.Map`. */
  readonly map: JsonObject | undefined;
  readonly settled: (outcome: Outcome) => void;
  isOver: boolean;
  state: string;
  input: Json;
  enteredMs: number;
  /** How often each retrier of the state has tried. */
  attempts: number[];
  activity: Activity | undefined;
}

export interface Engine {
  readonly machine: Machine;
  readonly facts: ExecutionFacts;
  /** Walks whose state is to be performed, in turn: no chain of states deepens the stack. */
  readonly ready: Walk[];
  /** Walks that wait for a task or for a time. */
  readonly waiting: Set<Walk>;
  outputs: ExecutionOutput[];
  nowMs: number;
  random: () => number;
  tasks: number;
  events: number;
}
