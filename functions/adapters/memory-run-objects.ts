import type { RunName, Unloaded } from '../core/nightly/tasks.ts';
import type { RunObjects } from '../ports/run-objects.ts';
import { runFolder } from './s3-run-objects.ts';

/** Objects by key, as lines; for tests and the simulation. */
export const memoryRunObjects = (
  objects: ReadonlyMap<string, readonly string[]>,
  firstLanding?: string,
): RunObjects => ({
  list: async (run: RunName, what: Unloaded) =>
    [...objects.keys()]
      .filter((key) => key.startsWith(runFolder(run, what)))
      .sort((left, right) => (left < right ? -1 : 1)),
  lines: async function* (key) {
    const lines = objects.get(key);
    if (lines === undefined) throw new Error(`there is no object ${key}`);
    yield* lines;
  },
  firstLanding: async () => firstLanding,
});
