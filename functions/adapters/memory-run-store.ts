import type { Flight, LoadedRun, Run } from '../core/nightly/run.ts';
import type { RunName } from '../core/nightly/tasks.ts';
import type { RunStore } from '../ports/run-store.ts';

const isOf = (run: RunName | undefined, { runId, attempt }: RunName): boolean =>
  run?.runId === runId && run.attempt === attempt;

/** Runs in this process, for tests and the simulation. */
export const memoryRunStore = (): RunStore => {
  const runs = new Map<string, Run>();
  let flight: Flight | undefined;
  let loaded: LoadedRun | undefined;
  let planned: string | undefined;
  return {
    flight: async () => flight,
    takeFlight: async (wanted, over) => {
      const isFree = over === undefined ? flight === undefined : isOf(flight?.input, over);
      if (!isFree) return 'lost';
      flight = wanted;
      return 'taken';
    },
    giveBack: async (run) => {
      if (isOf(flight?.input, run)) flight = undefined;
    },
    begin: async (run) => {
      const held = runs.get(run.runId);
      if (held === undefined || held.attempt < run.attempt) runs.set(run.runId, run);
    },
    find: async (runId) => runs.get(runId),
    change: async (run, change) => {
      const held = runs.get(run.runId);
      if (held === undefined || !isOf(held, run) || held.status !== 'running') return;
      runs.set(run.runId, { ...held, ...change });
    },
    latest: async (runsMax) =>
      [...runs.values()].sort((a, b) => (a.runId < b.runId ? 1 : -1)).slice(0, runsMax),
    loaded: async () => loaded,
    saveLoaded: async (next) => {
      if (loaded !== undefined && loaded.runId > next.runId) return 'newer';
      loaded = next;
      return 'saved';
    },
    plannedCut: async () => planned,
    savePlannedCut: async (cut) => {
      if (planned === undefined || planned < cut) planned = cut;
    },
  };
};
