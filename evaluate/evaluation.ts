/** The figures of one data set under one protocol, ready to be written down. */
import type { DataSet, Part } from './act.ts';
import {
  drawnMeans,
  type Interval,
  intervalOf,
  intervalOfDifference,
  meanOf,
  type UserSum,
} from './bootstrap.ts';
import { evaluatePart, type Outcome } from './prequential.ts';
import type { Ranker } from './ranker.ts';
import type { Variety } from './variety.ts';

export interface Estimate extends Interval {
  readonly mean: number;
}

export interface Row {
  readonly ranker: string;
  readonly hit: Estimate;
  readonly ndcg: Estimate;
  readonly variety: Variety;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What one ranking adds to another, over the same users. */
export interface Gain {
  readonly over: string;
  readonly hit: Estimate;
  readonly ndcg: Estimate;
}

export interface TargetFigures {
  readonly target: string;
  readonly questions: number;
  readonly users: number;
  readonly rows: readonly Row[];
  /** Of what ships, over each of the others. */
  readonly gains: readonly Gain[];
}

export type ProtocolName = 'prequential' | 'frozen';

export interface Evaluation {
  readonly data: DataSet;
  readonly part: Part;
  readonly protocol: ProtocolName;
  readonly targets: readonly TargetFigures[];
}

const estimate = (users: readonly UserSum[]): Estimate => ({
  mean: meanOf(users),
  ...intervalOf(drawnMeans(users)),
});

const difference = (left: readonly UserSum[], right: readonly UserSum[]): Estimate => ({
  mean: meanOf(left) - meanOf(right),
  ...intervalOfDifference(left, right),
});

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

const rowOf = ({ ranker, hits, ndcgs, variety, milliseconds }: Outcome): Row => ({
  ranker,
  hit: estimate(hits),
  ndcg: estimate(ndcgs),
  variety,
  p50Ms: quantile(milliseconds, 0.5),
  p99Ms: quantile(milliseconds, 0.99),
});

const gainsOf = (outcomes: readonly Outcome[], ours: string): readonly Gain[] => {
  const own = outcomes.find(({ ranker }) => ranker === ours);
  if (own === undefined) return [];
  return outcomes
    .filter((other) => other !== own)
    .map((other) => ({
      over: other.ranker,
      hit: difference(own.hits, other.hits),
      ndcg: difference(own.ndcgs, other.ndcgs),
    }));
};

export interface Evaluated {
  readonly data: DataSet;
  readonly part: Part;
  readonly protocol: ProtocolName;
  readonly rankers: readonly Ranker[];
  /** The name of what ships. */
  readonly ours: string;
  readonly clock: () => number;
}

export const evaluate = ({ ours, ...given }: Evaluated): Evaluation => {
  const { data, part, protocol } = given;
  const outcomes = evaluatePart({ ...given, frozen: protocol === 'frozen' });
  const targets = data.targets.map(({ name }): TargetFigures => {
    const mine = outcomes.filter(({ target }) => target === name);
    return {
      target: name,
      questions: mine[0]?.questions ?? 0,
      users: mine[0]?.hits.length ?? 0,
      rows: mine.map(rowOf),
      gains: gainsOf(mine, ours),
    };
  });
  return { data, part, protocol, targets };
};
