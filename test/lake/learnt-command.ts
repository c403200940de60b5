/** `npm run pairs:learnt`: what SQL learns from random logs, beside what the design says of each user. */
import { numbersGiven } from '../simulation/options.ts';
import { compareLearnt } from './learnt.ts';

const SHOWN_MAX = 10;

const { logs, shoppers, from, until } = numbersGiven({
  logs: 10,
  shoppers: 100,
  from: 1,
  until: 0,
});
let [sums, changed] = [0, 0];
const differences: string[] = [];
for (let seed = from; seed < from + logs; seed += 1) {
  for (const preset of ['commerce', 'taste'] as const) {
    const result = await compareLearnt({ seed, shoppers, preset });
    sums += result.sums;
    changed += result.changed;
    differences.push(...result.differences.map((each) => `seed ${seed}, ${preset}: ${each}`));
  }
  if (until > 0 && differences.length + changed >= until) break;
}
for (const difference of differences.slice(0, SHOWN_MAX)) console.log(difference);
console.log(`${sums} sums of pairs, ${changed} rows changed by a night run again`);
console.log(`${differences.length + changed} differ`);
process.exitCode = differences.length + changed > 0 ? 1 : 0;
