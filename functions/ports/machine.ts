import type { RunInput } from '../core/nightly/tasks.ts';

/** Runs executions; each has a name, which no other ever gets. */
export interface Machine {
  /** `exists`: one of that name has ended, or had another input. One that runs is started once. */
  readonly start: (name: string, input: RunInput) => Promise<'started' | 'exists'>;
  readonly stateOf: (name: string) => Promise<'running' | 'ended' | 'missing'>;
}
