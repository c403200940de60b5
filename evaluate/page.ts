/** `docs/evaluation.md` and its pictures, from the figures alone: nobody edits them by hand. */
import { toRfc3339 } from '../functions/core/time.ts';
import { type BarGroup, barsPicture } from './bars.ts';
import { DRAWS, SEED } from './bootstrap.ts';
import { OURS } from './contestants.ts';
import type { Evaluation, TargetFigures } from './evaluation.ts';
import { evaluationText } from './tables.ts';
import { ROUNDS, TRIED } from './tuning.ts';

export interface Document {
  readonly name: string;
  readonly text: string;
}

export interface Measured {
  readonly seconds: number;
  readonly node: string;
}

const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/\.csv$/, '')
    .replaceAll(/[^a-z0-9]+/g, '-');

const pictureName = ({ data }: Evaluation): string => `evaluation-${slug(data.name)}.svg`;

const groupsOf = ({ target, rows }: TargetFigures): readonly BarGroup[] =>
  (['hit', 'ndcg'] as const).map((metric) => ({
    title: `${metric === 'hit' ? 'HR@10' : 'NDCG@10'}, ${target}`,
    bars: rows.map((row) => ({
      label: row.ranker,
      ours: row.ranker === OURS,
      estimate: row[metric],
    })),
  }));

const partText = ({ part }: Evaluation): string =>
  `from ${toRfc3339(part.from).slice(0, 10)} to ${toRfc3339(part.to).slice(0, 10)}`;

const sectionOf = (evaluations: readonly Evaluation[]): string => {
  const [first] = evaluations;
  if (first === undefined) return '';
  const { name, source, acts, items, preset } = first.data;
  return [
    `## ${name}`,
    `${source}. ${acts.length.toLocaleString('en-US')} acts, ${items.toLocaleString('en-US')} items, preset \`${preset}\`, part ${partText(first)}.`,
    `![${name}: each ranking's HR@10 and NDCG@10](${pictureName(first)})`,
    ...evaluations.map(evaluationText),
  ].join('\n\n');
};

const METHOD = `What \`npm run evaluate\` measures, and how:

- **The code that serves is asked**: \`recommend\` of \`functions/core/recommend\`, with the preset's own weights, amounts and bounds. A shop in
  memory gives it what the platform would have at that instant: lists as of midnight from ninety days of pairs, increments of the day
  (20 lines of an order, as the stream learns them), demand made anew by the minute, a profile's last 20 items and what it keeps of purchases.
- **Act by act, in the order of time**: what was wanted is asked for first and learnt afterwards. Nothing is sampled: an item competes with
  the whole catalogue that was known by then. Items of equal score share the middle of their places.
- **HR@10**: whether any wanted item is among the first ten. **NDCG@10** counts all of them by place, against the best order there is.
- **Of all items** nothing is hidden: rules on what was bought or seen are off. **Of new items** what the customer has had is
  neither offered nor wanted.
- *As shipped* is the order alone. *With what is new* is the page as it is served: one place of ten shows new items, and
  categories are mixed where there are any.
- *Popularity* counts all of the past, *recent popularity* halves it by the week, *personal frequency* is the user's own past, halved in 60
  days, without a bound on what is remembered; ties and gaps are filled by recent popularity. *Untuned DCV* is directed co-visitation
  with its first numbers and without half-life or caps, in front of popularity.
- **Intervals** are 95 % of ${DRAWS} draws of users with replacement, seed ${SEED.toLocaleString('en-US')}. *Novelty* is the mean of −log₂ p of the first ten, p by
  what was had before the part began. *Gini* is of how often items are among the first ten. Milliseconds are of one call of the ranking.
- Weights may be chosen by the part before only: \`--tune\` tries ${TRIED.length} values of each weight but the first's, ${ROUNDS} rounds, there. What is
  shown here is read at the end.`;

export const evaluationDocuments = (
  evaluations: readonly Evaluation[],
  { seconds, node }: Measured,
): readonly Document[] => {
  const byData = [...Map.groupBy(evaluations, ({ data }) => data.name).values()];
  const page = [
    '# Evaluation',
    'Written by `npm run evaluate -- --data <folder> --write docs`; do not edit by hand. The data is no part of the repository.',
    METHOD,
    ...byData.map(sectionOf),
    `Measured in ${seconds.toFixed(0)} s on one thread of Node ${node}.`,
  ].join('\n\n');
  const pictures = byData.flatMap(([first]): readonly Document[] =>
    first === undefined
      ? []
      : [{ name: pictureName(first), text: barsPicture(first.targets.flatMap(groupsOf)) }],
  );
  return [{ name: 'evaluation.md', text: `${page}\n` }, ...pictures];
};
