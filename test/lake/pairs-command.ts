/** `npm run pairs`: random definitions over random logs, by the fold, in SQL and slowly. */
import { numbersGiven } from '../simulation/options.ts';
import { comparePairs, type Difference } from './pairs.ts';

const CHAIN = { definitions: 100, users: 100 };
const SHOWN_MAX = 10;

const { pairs, from, until } = numbersGiven({ pairs: 10_000, from: 1, until: 0 });
const all = { pairs: 0, both: 0, cutInside: 0, partial: 0 };
const differences: Difference[] = [];
for (let seed = from; all.pairs < pairs; seed += 1) {
  const users = Math.min(CHAIN.users, Math.ceil((pairs - all.pairs) / CHAIN.definitions));
  const result = await comparePairs({ ...CHAIN, seed, users });
  for (const name of ['pairs', 'both', 'cutInside', 'partial'] as const) all[name] += result[name];
  differences.push(...result.differences);
  if (until > 0 && differences.length >= until) break;
}
for (const difference of differences.slice(0, SHOWN_MAX)) console.log(JSON.stringify(difference));
const share = (count: number): string => `${Math.round((100 * count) / all.pairs)} %`;
console.log(
  `${all.pairs} pairs, ${all.both} in both (${share(all.both)}), ` +
    `${all.cutInside} of them with a cut inside the log (${share(all.cutInside)}), ` +
    `${all.partial} readings above a bound, which say so`,
);
console.log(`${differences.length} differ`);
process.exitCode = differences.length > 0 ? 1 : 0;
