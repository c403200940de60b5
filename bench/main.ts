/** `npm run bench`: the figures, into `bench/results/` and `docs/performance.md`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bench, record, sectionOf } from './bench.ts';
import { bundles } from './bundles.ts';
import { endToEnd } from './end-to-end.ts';
import { followers } from './followers.ts';
import { handlers } from './handlers.ts';
import { history } from './history.ts';
import { nightly } from './nightly.ts';
import { personalized } from './personalize.ts';
import { purePath } from './pure-path.ts';
import { reads } from './reads.ts';
import { performanceDocument } from './report.ts';
import { scoring } from './scoring.ts';
import { spawn } from './spawn.ts';
import { stages } from './stages.ts';
import { state } from './state-size.ts';
import { writeUnitsBench } from './write-units.ts';

/** In the order of the document. */
const BENCHES: readonly Bench[] = [
  purePath,
  stages,
  handlers,
  followers,
  endToEnd,
  reads,
  personalized,
  scoring,
  state,
  writeUnitsBench,
  history,
  nightly,
  bundles,
  spawn,
] as const;

const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } });
const wanted = values.only ?? BENCHES.map(({ name }) => name);
for (const name of wanted) {
  if (BENCHES.some((bench) => bench.name === name)) continue;
  const names = BENCHES.map((bench) => bench.name).join(', ');
  throw new Error(`there is no bench "${name}"; there are ${names}`);
}

for (const bench of BENCHES) {
  if (!wanted.includes(bench.name)) continue;
  await record(bench);
  console.log(sectionOf(bench));
}

const sections = BENCHES.flatMap((bench) => sectionOf(bench) ?? []);
writeFileSync(
  join(import.meta.dirname, '..', 'docs', 'performance.md'),
  performanceDocument(sections),
);
