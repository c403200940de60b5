import { MUTANTS } from './mutants.ts';
import { numbersGiven } from './options.ts';
import { plant } from './plant.ts';

const { seeds } = numbersGiven({ seeds: 1_000 });
let lived = 0;
for (const mutant of MUTANTS) {
  const { name, seed, violation } = await plant(mutant, seeds);
  if (seed === undefined) lived += 1;
  console.log(
    seed === undefined
      ? `LIVES  ${name}`
      : `dead at seed ${String(seed).padStart(3)}  ${name}: ${violation?.slice(0, 100)}`,
  );
}
console.log(`${MUTANTS.length} mutants within ${seeds} seeds, ${lived} lived`);
process.exitCode = lived > 0 ? 1 : 0;
