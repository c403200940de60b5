/** `npm run evaluate -- --data <folder>`: how good the recommendations are, on data that lies there. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { baselines, contestants, OURS, serving } from '../evaluate/contestants.ts';
import { dataSetsIn } from '../evaluate/data/found.ts';
import { type Evaluation, evaluate } from '../evaluate/evaluation.ts';
import { listOverlap } from '../evaluate/list-overlap.ts';
import { evaluationDocuments } from '../evaluate/page.ts';
import { evaluationText } from '../evaluate/tables.ts';
import { tune } from '../evaluate/tuning.ts';
import {
  BASKET_LINES_LIVE_MAX,
  BASKET_LINES_NIGHTLY_MAX,
} from '../functions/core/recommend/learning.ts';

const TRIED_SHOWN = 20;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    part: { type: 'string', default: 'test' },
    only: { type: 'string' },
    write: { type: 'string' },
    tune: { type: 'boolean', default: false },
    overlap: { type: 'boolean', default: false },
  },
});
const { data: folder, part, only, write } = values;
if (folder === undefined) throw new Error('say where the data lies: --data <folder>');
if (part !== 'test' && part !== 'validation') throw new Error('--part is test or validation');

const clock = (): number => performance.now();
const begun = clock();
const found = dataSetsIn(folder).filter(({ name }) => only === undefined || name === only);
if (found.length === 0)
  throw new Error(
    `nothing to evaluate in ${folder}: it takes Online Retail (its archive or its days), the Debian package r-cran-dslabs, or a CSV with user,item,time`,
  );

if (values.overlap) {
  for (const data of found) {
    for (const linesMax of [BASKET_LINES_LIVE_MAX, BASKET_LINES_NIGHTLY_MAX]) {
      const { lists, served, morning } = listOverlap(data, data[part], linesMax);
      const shares = `served ${served.toFixed(3)}, without increments ${morning.toFixed(3)}`;
      console.log(`${data.name}, acts of up to ${linesMax} lines: ${lists} lists, ${shares}`);
    }
  }
} else if (values.tune) {
  for (const data of found) {
    const tried = tune(data, clock);
    console.log(`## ${data.name}: ${tried.length} settings of the validation part, best first`);
    for (const { weights, hits, ndcgs } of tried.slice(0, TRIED_SHOWN)) {
      const figures = [...hits, ...ndcgs].map((figure) => figure.toFixed(4)).join(' ');
      console.log(`HR@10, NDCG@10 by target: ${figures} ${JSON.stringify(weights)}`);
    }
  }
} else {
  const evaluations: Evaluation[] = [];
  for (const data of found) {
    const given = { data, part: data[part], ours: OURS, clock };
    const learning = evaluate({ ...given, protocol: 'prequential', rankers: contestants(data) });
    const frozen = evaluate({
      ...given,
      protocol: 'frozen',
      rankers: [...baselines(), serving(data)],
    });
    evaluations.push(learning, frozen);
    for (const evaluation of [learning, frozen]) {
      console.log(`## ${data.name}, ${part}\n\n${evaluationText(evaluation)}\n`);
    }
  }
  const seconds = (clock() - begun) / 1_000;
  console.log(`${seconds.toFixed(0)} s`);
  if (write !== undefined) {
    mkdirSync(write, { recursive: true });
    for (const { name, text } of evaluationDocuments(evaluations, {
      seconds,
      node: process.version,
    }))
      writeFileSync(join(write, name), text);
  }
}
