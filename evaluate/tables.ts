/** Figures as text: a share with its interval, a table for each target. */
import type { Estimate, Evaluation, Gain, Row, TargetFigures } from './evaluation.ts';

const share = (value: number): string => value.toFixed(3).replace(/^(-?)0\./, '$1.');
const signed = (value: number): string => (value < 0 ? '' : '+') + share(value);

export const estimateText = ({ mean, low, high }: Estimate): string =>
  `${share(mean)} (${share(low)}–${share(high)})`;

const gainText = ({ mean, low, high }: Estimate): string =>
  `${signed(mean)} (${signed(low)} to ${signed(high)})`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const HEAD = [
  'ranking',
  'HR@10',
  'NDCG@10',
  'coverage @10 / @20',
  'novelty',
  'Gini',
  'ms p50 / p99',
] as const;

const cells = ({ ranker, hit, ndcg, variety, p50Ms, p99Ms }: Row): readonly string[] => [
  ranker,
  estimateText(hit),
  estimateText(ndcg),
  `${share(variety.coverage10)} / ${share(variety.coverage20)}`,
  variety.novelty.toFixed(1),
  share(variety.gini),
  `${p50Ms.toFixed(2)} / ${p99Ms.toFixed(2)}`,
];

const gainCells = ({ over, hit, ndcg }: Gain): readonly string[] => [
  over,
  gainText(hit),
  gainText(ndcg),
];

export const targetText = (
  { target, questions, users, rows, gains }: TargetFigures,
  level: string,
): string =>
  [
    `${level} ${target}: ${questions.toLocaleString('en-US')} questions of ${users.toLocaleString('en-US')} users`,
    table(HEAD, rows.map(cells)),
    ...(gains.length > 0
      ? [
          'What the first row named *as shipped* adds, over the same users drawn again:',
          table(['over', 'HR@10', 'NDCG@10'], gains.map(gainCells)),
        ]
      : []),
  ].join('\n\n');

const PROTOCOLS: Readonly<Record<Evaluation['protocol'], string>> = {
  prequential: 'Prequential: each is asked for, then learnt',
  frozen: 'Split by time: nothing of the part is learnt',
};

export const evaluationText = ({ protocol, targets }: Evaluation): string =>
  [`### ${PROTOCOLS[protocol]}`, ...targets.map((figures) => targetText(figures, '####'))].join(
    '\n\n',
  );
