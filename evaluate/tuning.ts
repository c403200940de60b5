/** Weights by coordinate search on the validation part: one source after the other, the rest held. */
import {
  BLENDED_SOURCES,
  type BlendedSource,
  recommendConfigOf,
} from '../functions/core/recommend/settings.ts';
import type { DataSet } from './act.ts';
import { meanOf } from './bootstrap.ts';
import { evaluatePart } from './prequential.ts';
import { shipped } from './rankers/shipped.ts';
import { world } from './world/world.ts';

export type Weights = Readonly<Record<BlendedSource, number>>;

/** What each weight is tried at. The scale of all is free, so the first source keeps its own. */
export const TRIED = [0, 0.05, 0.1, 0.2, 0.3, 0.6] as const;
export const ROUNDS = 2;

export interface Tried {
  readonly weights: Weights;
  /** By target, in their order. */
  readonly hits: readonly number[];
  readonly ndcgs: readonly number[];
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const tryAll = (
  data: DataSet,
  choices: readonly Weights[],
  clock: () => number,
): readonly Tried[] => {
  const shop = world(data.preset);
  const rankers = choices.map((weights, index) =>
    shipped({
      name: String(index),
      world: shop,
      config: recommendConfigOf({
        preset: data.preset,
        weights,
        explore: 0,
        diversity: 1,
        boughtDays: 0,
        seenHours: 0,
      }),
      teaches: index === 0,
    }),
  );
  const outcomes = evaluatePart({ data, part: data.validation, rankers, frozen: false, clock });
  return choices.map((weights, index) => {
    const mine = outcomes.filter(({ ranker }) => ranker === String(index));
    return {
      weights,
      hits: mine.map(({ hits }) => meanOf(hits)),
      ndcgs: mine.map(({ ndcgs }) => meanOf(ndcgs)),
    };
  });
};

/** Best by the sum of NDCG@10 over the targets. All that was tried, so that the grid can be stated. */
export const tune = (data: DataSet, clock: () => number): readonly Tried[] => {
  const [fixed, ...sources] = BLENDED_SOURCES.filter((source) => source !== 'category').toSorted(
    (left, right) => Number(right === 'personal') - Number(left === 'personal'),
  );
  let best = recommendConfigOf({ preset: data.preset }).weights;
  if (fixed === undefined) return [];
  const all: Tried[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const source of sources) {
      const held = best;
      const tried = tryAll(
        data,
        TRIED.map((weight) => ({ ...held, [source]: weight })),
        clock,
      );
      all.push(...tried);
      best =
        tried.toSorted((left, right) => sum(right.ndcgs) - sum(left.ndcgs))[0]?.weights ?? held;
    }
  }
  return all.toSorted((left, right) => sum(right.ndcgs) - sum(left.ndcgs));
};
