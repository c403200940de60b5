import { judge, type NameOf } from '../core/nightly/guard.ts';
import { readSizes } from '../core/nightly/sizes.ts';
import type { NightPlan, Verdict } from '../core/nightly/tasks.ts';
import type { QueryResults, ResultRow } from '../ports/query-results.ts';
import type { RunStore } from '../ports/run-store.ts';

export interface JudgePorts {
  readonly runs: RunStore;
  readonly results: QueryResults;
  readonly nameOf: NameOf;
}

/** Also notes the run's sizes, which later nights are compared with. */
export const judgeRun = async (
  { runs, results, nameOf }: JudgePorts,
  plan: NightPlan,
  queryExecutionId: string,
): Promise<Verdict> => {
  const rows: ResultRow[] = [];
  for await (const row of results.rows(queryExecutionId)) rows.push(row);
  const sizes = readSizes(rows);
  const [run, loaded] = await Promise.all([runs.find(plan.runId), runs.loaded()]);
  await runs.change(plan, { sizes });
  if (run?.accepted === true) return { verdict: 'load', because: '' };
  return judge({ sizes, loaded, allUsers: plan.allUsers }, nameOf);
};
