import { driftsTooFar, driftText } from './audit-learning.ts';
import { numbersGiven } from './options.ts';
import { runSeeds } from './run-seeds.ts';

const { seeds } = numbersGiven({ seeds: 1_000 });
const totals = await runSeeds(1, seeds, (run) => run.violations.length > 0 || driftsTooFar(run));
const drift = driftsTooFar(totals)
  ? { seed: totals.seeds, violation: `P10: ${driftText(totals)}` }
  : undefined;
const found = totals.violations[0] ?? drift;
console.log(found === undefined ? 'no seed found it' : `seed ${found.seed}: ${found.violation}`);
