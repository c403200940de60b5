import { coverageText, neverHappened, shortfalls } from './coverage.ts';
import { numbersGiven } from './options.ts';
import { runSeeds } from './run-seeds.ts';

/** Fewer seeds are not expected to meet everything. */
const SHOWN_MAX = 20;
const COVERAGE_SEEDS = 200;

const { seeds, from } = numbersGiven({ seeds: 1_000, from: 1 });
const startedAtMs = performance.now();
const totals = await runSeeds(from, seeds);
const tookS = (performance.now() - startedAtMs) / 1_000;

for (const { seed, violation } of totals.violations.slice(0, SHOWN_MAX)) {
  console.log(`seed ${seed}: ${violation}`);
  console.log(`  npm run simulation:replay -- --seed ${seed}`);
}
console.log('     times     seeds');
for (const [what, times] of [...totals.counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
  const within = String(totals.seedsWith.get(what) ?? 0).padStart(8);
  console.log(`${String(times).padStart(10)}  ${within}  ${what}`);
}
const missing = seeds < COVERAGE_SEEDS ? [] : neverHappened(totals);
if (missing.length > 0) console.log(`never happened: ${missing.join(', ')}`);
const seldom = shortfalls(totals);
for (const sentence of seldom) console.log(`too seldom: ${sentence}`);
console.log(
  `${totals.seeds} seeds from ${from}, ${totals.events} events, ${totals.steps} steps, ` +
    `${coverageText(totals)}, ${totals.violations.length} violations, ` +
    `${(totals.seeds / tookS).toFixed(1)} seeds/s`,
);
process.exitCode = totals.violations.length + missing.length + seldom.length > 0 ? 1 : 0;
