import { driftsTooFar, driftText } from './audit-learning.ts';
import { coverageText, neverHappened, shortfalls } from './coverage.ts';
import { numbersGiven } from './options.ts';
import { runSeeds, type Totals } from './run-seeds.ts';

/** Fewer seeds are not expected to meet everything. */
const SHOWN_MAX = 20;
const COVERAGE_SEEDS = 200;
const PROGRESS_SEEDS = 1_000;

const { seeds, from } = numbersGiven({ seeds: 1_000, from: 1 });
const startedAtMs = performance.now();
let told = 0;

/** A long run says at once what it finds, and now and then how far it is. */
const tell = ({ seeds: done, violations }: Totals): void => {
  for (const { seed, violation } of violations.slice(told, SHOWN_MAX)) {
    console.log(`seed ${seed}: ${violation}`);
    console.log(`  npm run simulation:replay -- --seed ${seed}`);
  }
  told = violations.length;
  if (done % PROGRESS_SEEDS === 0 && done < seeds)
    console.log(`${done} of ${seeds} seeds, ${violations.length} violations`);
};

const totals = await runSeeds(from, seeds, () => false, tell);
const tookS = (performance.now() - startedAtMs) / 1_000;

console.log('     times     seeds');
for (const [what, times] of [...totals.counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const within = String(totals.seedsWith.get(what) ?? 0).padStart(8);
  console.log(`${String(times).padStart(10)}  ${within}  ${what}`);
}
const missing = seeds < COVERAGE_SEEDS ? [] : neverHappened(totals);
if (missing.length > 0) console.log(`never happened: ${missing.join(', ')}`);
const seldom = shortfalls(totals);
for (const sentence of seldom) console.log(`too seldom: ${sentence}`);
const isAdrift = driftsTooFar(totals);
if (isAdrift) console.log(`too far: ${driftText(totals)}`);
console.log(
  `${totals.seeds} seeds from ${from}, ${totals.events} events, ${totals.steps} steps, ` +
    `${coverageText(totals)}, ${driftText(totals)}, ${totals.violations.length} violations, ` +
    `${(totals.seeds / tookS).toFixed(1)} seeds/s`,
);
process.exitCode =
  totals.violations.length + missing.length + seldom.length > 0 || isAdrift ? 1 : 0;
