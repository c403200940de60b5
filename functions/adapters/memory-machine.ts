import type { RunInput } from '../core/nightly/tasks.ts';
import type { Machine } from '../ports/machine.ts';

interface Execution {
  readonly input: RunInput;
  running: boolean;
}

/** Remembers what was started, for tests: they say themselves when it ends. */
export class MemoryMachine implements Machine {
  readonly executions = new Map<string, Execution>();

  readonly start: Machine['start'] = async (name, input) => {
    const held = this.executions.get(name);
    if (held === undefined) {
      this.executions.set(name, { input, running: true });
      return 'started';
    }
    const isSame = held.running && JSON.stringify(held.input) === JSON.stringify(input);
    return isSame ? 'started' : 'exists';
  };

  readonly stateOf: Machine['stateOf'] = async (name) => {
    const held = this.executions.get(name);
    if (held === undefined) return 'missing';
    return held.running ? 'running' : 'ended';
  };

  end(name: string): void {
    const held = this.executions.get(name);
    if (held !== undefined) held.running = false;
  }
}
