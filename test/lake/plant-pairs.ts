import type { Mutant } from '../simulation/mutants.ts';
import { runChanged } from '../simulation/plant.ts';

export type Fate = 'dead' | 'lives';

/** Of tags, or of items that go together. */
export type Compared = 'tags' | 'items';

const COMMANDS: Readonly<Record<Compared, readonly string[]>> = {
  tags: ['test/lake/pairs-command.ts', '--pairs', '2000', '--until', '1'],
  items: ['test/lake/learnt-command.ts', '--logs', '1', '--shoppers', '60', '--until', '1'],
};

/** Compares pairs over a changed platform until one differs. */
export const plantPairs = async (mutant: Mutant, compared: Compared): Promise<Fate> => {
  const output = await runChanged(mutant, COMMANDS[compared]);
  if (/^\d+ differ/m.test(output) && !/^0 differ/m.test(output)) return 'dead';
  if (/^0 differ/m.test(output)) return 'lives';
  // A statement that no engine takes is found as well.
  if (/Error: /.test(output)) return 'dead';
  throw new Error(`${mutant.name}: ${output}`);
};
