/** Who is asked: baselines in every table, and what serves. */
import { recommendConfigOf } from '../functions/core/recommend/settings.ts';
import type { DataSet } from './act.ts';
import type { Ranker } from './ranker.ts';
import { personalFrequency } from './rankers/personal-frequency.ts';
import { popularity } from './rankers/popularity.ts';
import { recentPopularity } from './rankers/recent-popularity.ts';
import { shipped } from './rankers/shipped.ts';
import { untunedCovisitation } from './rankers/untuned-covisitation.ts';
import type { Memory } from './world/pair-days.ts';
import { world } from './world/world.ts';

export const OURS = 'as shipped';
export const WHOLE_PAGE = 'as shipped, with what is new';
export const NOTHING_FADES = 'as shipped, but no pair fades';

/** Every pair of all time counts alike. */
const ALL_TIME: Memory = {
  listDays: Number.POSITIVE_INFINITY,
  halfLifeDays: Number.POSITIVE_INFINITY,
};

/** What was bought or seen may come again: what is excluded is a matter of the target. */
const NOTHING_HIDDEN = { boughtDays: 0, seenHours: 0 } as const;
/** The order itself, without a place for what is new and without mixing. */
const ORDER_ALONE = { explore: 0, diversity: 1 } as const;

export const baselines = (): readonly Ranker[] => [
  popularity(),
  recentPopularity(),
  personalFrequency(),
  untunedCovisitation(),
];

const order = ({ preset }: DataSet) =>
  recommendConfigOf({ preset, ...NOTHING_HIDDEN, ...ORDER_ALONE });

export const serving = (data: DataSet, shop = world(data.preset)): Ranker =>
  shipped({ name: OURS, world: shop, config: order(data), teaches: true });

export const contestants = (data: DataSet): readonly Ranker[] => {
  const { preset, outlivesLists } = data;
  const shop = world(preset);
  const page = recommendConfigOf({ preset, ...NOTHING_HIDDEN });
  const unfading = world(preset, ALL_TIME);
  return [
    ...baselines(),
    serving(data, shop),
    shipped({ name: WHOLE_PAGE, world: shop, config: page, teaches: false }),
    ...(outlivesLists
      ? [shipped({ name: NOTHING_FADES, world: unfading, config: order(data), teaches: true })]
      : []),
  ];
};
