import type { Drift } from './audit-learning.ts';
import type { Met } from './coverage.ts';
import { runSeed, type SeedResult } from './run-seed.ts';

export interface Totals extends Met {
  seeds: number;
  events: number;
  steps: number;
  learning: Drift;
  readonly violations: SeedResult[];
  readonly traces: string[];
}

/** What a seed has to have, or it hurts nobody. */
const EVENTS_MIN = 200;
const USERS_MIN = 5;

const tooSmall = ({ events, users }: SeedResult): string | undefined =>
  events >= EVENTS_MIN && users >= USERS_MIN
    ? undefined
    : `workload: ${events} events of ${users} users`;

export const runSeeds = async (
  from: number,
  count: number,
  isEnough: (totals: Totals) => boolean = () => false,
  onSeed: (totals: Totals) => void = () => undefined,
): Promise<Totals> => {
  const totals: Totals = {
    seeds: 0,
    events: 0,
    steps: 0,
    learning: { drift: 0, mass: 0 },
    counts: new Map(),
    seedsWith: new Map(),
    violations: [],
    traces: [],
  };
  for (let seed = from; seed < from + count && !isEnough(totals); seed += 1) {
    const result = await runSeed(seed);
    totals.seeds += 1;
    totals.events += result.events;
    totals.steps += result.steps;
    totals.traces.push(result.trace);
    totals.learning = {
      drift: totals.learning.drift + (result.learning?.drift ?? 0),
      mass: totals.learning.mass + (result.learning?.mass ?? 0),
    };
    for (const [what, times] of result.counts) {
      totals.counts.set(what, (totals.counts.get(what) ?? 0) + times);
      totals.seedsWith.set(what, (totals.seedsWith.get(what) ?? 0) + 1);
    }
    const violation = result.violation ?? tooSmall(result);
    if (violation !== undefined) totals.violations.push({ ...result, violation });
    onSeed(totals);
  }
  return totals;
};
