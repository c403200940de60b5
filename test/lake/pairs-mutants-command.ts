import { LEARNT_MUTANTS } from './learnt-mutants.ts';
import { MUTANTS } from './pairs-mutants.ts';
import { plantPairs } from './plant-pairs.ts';

let lived = 0;
const all = [
  ...LEARNT_MUTANTS.map((mutant) => ({ mutant, compared: 'items' as const })),
  ...MUTANTS.map((mutant) => ({ mutant, compared: 'tags' as const })),
];
for (const { mutant, compared } of all) {
  const fate = await plantPairs(mutant, compared);
  if (fate === 'lives') lived += 1;
  console.log(`${fate === 'dead' ? 'dead ' : 'LIVES'} ${mutant.name}`);
}
console.log(`${all.length} mutants, ${lived} lived`);
process.exitCode = lived > 0 ? 1 : 0;
