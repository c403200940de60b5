import { cutAt } from '../core/nightly/cut.ts';
import { dayNumber, planNight } from '../core/nightly/plan-night.ts';
import type { NightPlan, RunInput } from '../core/nightly/tasks.ts';
import { epochMs } from '../core/time.ts';
import type { LagReader } from '../ports/lag-reader.ts';
import type { RunObjects } from '../ports/run-objects.ts';
import type { RunStore } from '../ports/run-store.ts';
import type { Count } from '../runtime/metrics.ts';

export interface MakePlanPorts {
  readonly runs: RunStore;
  readonly lags: LagReader;
  readonly objects: Pick<RunObjects, 'firstLanding'>;
  /** Versions of the lake's tags as the config has them. */
  readonly versions: readonly string[];
  readonly now: () => number;
  readonly count: Count;
}

export const makePlan = async (ports: MakePlanPorts, run: RunInput): Promise<NightPlan> => {
  const { runs, lags, objects, versions, count } = ports;
  const now = epochMs(ports.now());
  const [read, loaded, planned] = await Promise.all([
    lags.read(now),
    runs.loaded(),
    runs.plannedCut(),
  ]);
  // A run that failed may have brought the lake's totals further than any loaded run says.
  const old = [loaded?.cut, planned].flatMap((cut) => (cut === undefined ? [] : dayNumber(cut)));
  const { day, unknown } = cutAt(now, read, old.length === 0 ? undefined : Math.max(...old));
  count('LagUnknown', unknown.length);
  const firstLanding = loaded === undefined ? await objects.firstLanding() : undefined;
  const plan = planNight(run, { now, cut: day, loaded, firstLanding, versions });
  // Before anything is added up.
  await runs.savePlannedCut(plan.cut);
  await runs.change(plan, { cut: plan.cut });
  return plan;
};
