import type { AggregateCounts } from '../../functions/aggregate/aggregate.ts';
import type { EnrichCounts } from '../../functions/enrich/enrich.ts';
import type { ProjectCounts } from '../../functions/project/project.ts';
import type { TallyCounts } from '../../functions/tally/tally.ts';
import type { Auditor } from './auditor.ts';
import { violated } from './violation.ts';

/** What the use cases say that they did, summed over their processes. */
export class Metrics {
  readonly sums = new Map<string, number>();

  readonly count = (name: string, count: number): void => {
    this.sums.set(name, this.of(name) + count);
  };

  readonly counted =
    (name: string) =>
    (counts: AggregateCounts | EnrichCounts | ProjectCounts | TallyCounts): void => {
      for (const [what, count] of Object.entries(counts)) this.count(`${name}.${what}`, count);
    };

  of(name: string): number {
    return this.sums.get(name) ?? 0;
  }
}

/**
 * P15: metrics may over-count where something was delivered again and miss what a killed process
 * did, never the other way round; in a world without faults they are exact.
 */
export const auditMetrics = (metrics: Metrics, auditor: Auditor, isCalm: boolean): void => {
  const users = [...auditor.users.values()];
  const sum = (of: (user: (typeof users)[number]) => number): number =>
    users.reduce((all, user) => all + of(user), 0);
  const answered = metrics.of('accepted') + metrics.of('duplicate') + metrics.of('rejected');
  const pairs: readonly (readonly [what: string, low: number, high: number])[] = [
    ['answered, received', answered, metrics.of('received')],
    ['landed, enriched lines', sum(({ landed }) => landed.length), metrics.of('enrich.lines')],
    ['applied', metrics.of('aggregate.applied'), sum(({ applied }) => applied)],
    ['duplicate', metrics.of('aggregate.duplicate'), sum(({ duplicate }) => duplicate)],
    ['changes, read by tally', auditor.tally.changes, metrics.of('tally.records')],
    ['changes, read by project', auditor.tally.changes, metrics.of('project.records')],
  ];
  for (const [what, low, high] of pairs)
    if (low > high || (isCalm && low !== high))
      violated('P15', `metrics: ${what}: ${low}, ${high}`);
};
