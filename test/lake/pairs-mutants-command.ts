import { MUTANTS } from './pairs-mutants.ts';
import { plantPairs } from './plant-pairs.ts';

let lived = 0;
for (const mutant of MUTANTS) {
  const fate = await plantPairs(mutant);
  if (fate === 'lives') lived += 1;
  console.log(`${fate === 'dead' ? 'dead ' : 'LIVES'} ${mutant.name}`);
}
console.log(`${MUTANTS.length} mutants, ${lived} lived`);
process.exitCode = lived > 0 ? 1 : 0;
