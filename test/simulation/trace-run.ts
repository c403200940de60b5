import { numbersGiven } from './options.ts';
import { runSeeds } from './run-seeds.ts';

/** The hashes of some histories, for another process to compare. */
const { seeds, from } = numbersGiven({ seeds: 5, from: 1 });
console.log((await runSeeds(from, seeds)).traces.join('\n'));
