import { numbersGiven } from './options.ts';
import { runSeed } from './run-seed.ts';

const { seed } = numbersGiven({ seed: 1 });
const { violation, trace, events, users, steps, counts } = await runSeed(seed);
for (const [what, times] of counts) console.log(`${String(times).padStart(6)}  ${what}`);
if (violation !== undefined) console.log(violation);
console.log(
  `seed ${seed}: trace ${trace}, ${events} events of ${users} users, ${steps} steps, ` +
    `${violation === undefined ? 0 : 1} violations`,
);
process.exitCode = violation === undefined ? 0 : 1;
