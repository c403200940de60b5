import { BRANCHES, type Counts, FAULT_KINDS } from './faults.ts';
import { runSeed, type SeedResult } from './run-seed.ts';

export interface Totals {
  seeds: number;
  events: number;
  steps: number;
  readonly counts: Counts;
  readonly violations: SeedResult[];
  readonly traces: string[];
}

export const runSeeds = async (
  from: number,
  count: number,
  isEnough: (totals: Totals) => boolean = () => false,
): Promise<Totals> => {
  const totals: Totals = {
    seeds: 0,
    events: 0,
    steps: 0,
    counts: new Map(),
    violations: [],
    traces: [],
  };
  for (let seed = from; seed < from + count && !isEnough(totals); seed += 1) {
    const result = await runSeed(seed);
    totals.seeds += 1;
    totals.events += result.events;
    totals.steps += result.steps;
    totals.traces.push(result.trace);
    for (const [what, times] of result.counts)
      totals.counts.set(what, (totals.counts.get(what) ?? 0) + times);
    if (result.violation !== undefined) totals.violations.push(result);
  }
  return totals;
};

/** Fault kinds and branches that never happened: a run without them proves less than it says. */
export const neverHappened = ({ counts }: Totals): readonly string[] =>
  [...FAULT_KINDS, ...BRANCHES].filter((what) => (counts.get(what) ?? 0) === 0);
