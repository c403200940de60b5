import { BOUNDS, BRANCHES, type Counts, FAULT_KINDS } from './faults.ts';

/** What a run of seeds met: how often, and in how many of its seeds. */
export interface Met {
  readonly seeds: number;
  readonly counts: Counts;
  readonly seedsWith: Counts;
}

/** Fewer seeds are not expected to meet everything as often as it should be met. */
export const SHARES_SEEDS_MIN = 1_000;
/** 1,000 times in 10,000 seeds. */
const FAULTS_A_SEED = 0.1;
const BOUND_SHARE = 0.05;

const timesOf = (counts: Counts, what: string): number => counts.get(what) ?? 0;

/** Fault kinds, branches and bounds that never happened: such a run proves less than it says. */
export const neverHappened = ({ counts }: Met): readonly string[] =>
  [...FAULT_KINDS, ...BRANCHES, ...BOUNDS].filter((what) => timesOf(counts, what) === 0);

/** What happened too seldom, each with a sentence. */
export const shortfalls = (met: Met): readonly string[] => {
  if (met.seeds < SHARES_SEEDS_MIN) return [];
  const { seeds, counts, seedsWith } = met;
  const faults = FAULT_KINDS.filter((kind) => timesOf(counts, kind) < FAULTS_A_SEED * seeds);
  const bounds = BOUNDS.filter((bound) => timesOf(seedsWith, bound) < BOUND_SHARE * seeds);
  return [
    ...faults.map(
      (kind) => `${kind}: ${timesOf(counts, kind)} times, not ${FAULTS_A_SEED * seeds}`,
    ),
    ...bounds.map(
      (bound) => `${bound}: in ${timesOf(seedsWith, bound)} seeds, not ${BOUND_SHARE * seeds}`,
    ),
  ];
};

/** The rarest of each: one line that says how well a run covers. */
export const coverageText = ({ seeds, counts, seedsWith }: Met): string => {
  const [rarest = 0] = FAULT_KINDS.map((kind) => timesOf(counts, kind)).sort((a, b) => a - b);
  const [least = 0] = BOUNDS.map((bound) => timesOf(seedsWith, bound)).sort((a, b) => a - b);
  return (
    `${FAULT_KINDS.length} fault kinds, each at least ${rarest} times, ` +
    `${BOUNDS.length} bounds, each in at least ${((100 * least) / seeds).toFixed(1)} % of the seeds`
  );
};
