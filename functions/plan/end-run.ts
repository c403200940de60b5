import { errorSentence } from '../core/nightly/error-sentence.ts';
import { loadedRun, sumOf } from '../core/nightly/night-over.ts';
import { ERROR_CHARACTERS_MAX } from '../core/nightly/run.ts';
import type { Ended, PlanTask, RunName } from '../core/nightly/tasks.ts';
import { epochMs } from '../core/time.ts';
import type { RunChange, RunStore } from '../ports/run-store.ts';
import type { Count } from '../runtime/metrics.ts';

export interface EndPorts {
  readonly runs: RunStore;
  readonly now: () => number;
  readonly count: Count;
}

type EndTask = Extract<PlanTask, { readonly task: 'refuse' | 'finish' | 'fail' }>;
type Finish = Extract<PlanTask, { readonly task: 'finish' }>;

const METRICS = { succeeded: 'NightSucceeded', refused: 'NightRefused', failed: 'NightFailed' };

/** Before the row says so: a night that is not noted is done again, a noted one never. */
const keepForTheNext = async (runs: RunStore, { plan, lists }: Finish): Promise<void> => {
  const [run, before] = await Promise.all([runs.find(plan.runId), runs.loaded()]);
  const night = run?.sizes && { ...run.sizes, allUsers: plan.allUsers };
  await runs.saveLoaded(loadedRun(plan, night, before, lists.through));
};

const close = async (
  { runs, now, count }: EndPorts,
  run: RunName,
  change: RunChange & Ended,
): Promise<Ended> => {
  await runs.change(run, { ...change, ended: epochMs(now()) });
  await runs.giveBack(run);
  count(METRICS[change.status], 1);
  return { status: change.status };
};

/** However a run ends, its row says how, and the flight is free. */
export const endRun = async (ports: EndPorts, task: EndTask): Promise<Ended> => {
  switch (task.task) {
    case 'finish': {
      await keepForTheNext(ports.runs, task);
      const { rows } = sumOf(task.loaded);
      return close(ports, task.plan, { status: 'succeeded', rows });
    }
    case 'refuse': {
      const error = task.because.slice(0, ERROR_CHARACTERS_MAX);
      return close(ports, task, { status: 'refused', error });
    }
    case 'fail':
      return close(ports, task, { status: 'failed', error: errorSentence(task.error) });
  }
};
