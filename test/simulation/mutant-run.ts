import { numbersGiven } from './options.ts';
import { runSeeds } from './run-seeds.ts';

const { seeds } = numbersGiven({ seeds: 1_000 });
const { violations } = await runSeeds(1, seeds, ({ violations }) => violations.length > 0);
const [found] = violations;
console.log(found === undefined ? 'no seed found it' : `seed ${found.seed}: ${found.violation}`);
