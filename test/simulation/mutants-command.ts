import { DIRECTED_MUTANTS } from './directed-mutants.ts';
import { MUTANTS } from './mutants.ts';
import { numbersGiven } from './options.ts';
import { plant, plantDirected } from './plant.ts';

const { seeds } = numbersGiven({ seeds: 1_000 });
let lived = 0;
for (const mutant of DIRECTED_MUTANTS) {
  const isFound = await plantDirected(mutant);
  if (!isFound) lived += 1;
  console.log(`${isFound ? 'dead ' : 'LIVES'} ${mutant.directed} ${mutant.name}`);
}
for (const mutant of MUTANTS) {
  const { name, seed, violation } = await plant(mutant, seeds);
  if (seed === undefined) lived += 1;
  console.log(
    seed === undefined
      ? `LIVES  ${name}`
      : `dead at seed ${String(seed).padStart(3)}  ${name}: ${violation?.slice(0, 100)}`,
  );
}
console.log(
  `${MUTANTS.length} mutants within ${seeds} seeds, ${DIRECTED_MUTANTS.length} by the histories ` +
    `written for them, ${lived} lived`,
);
process.exitCode = lived > 0 ? 1 : 0;
