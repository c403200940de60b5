import { itemsOf } from '../core/nightly/load-items.ts';
import type { PlanLoadTask, PlannedLoad } from '../core/nightly/tasks.ts';
import type { RunObjects } from '../ports/run-objects.ts';
import type { RunStore } from '../ports/run-store.ts';

export interface PlanLoadPorts {
  readonly runs: RunStore;
  readonly objects: RunObjects;
}

/** Deals out what the run has unloaded; a run without a touched user has nothing to load. */
export const planLoad =
  ({ runs, objects }: PlanLoadPorts) =>
  async ({ plan, what, step = 'plan-load' }: PlanLoadTask): Promise<PlannedLoad> => {
    await runs.change(plan, { step });
    const keys = await objects.list(plan, what);
    return { items: itemsOf(plan.attempt, keys.length) };
  };
