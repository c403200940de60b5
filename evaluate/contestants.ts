/** Who is asked: three baselines in every table, and what serves. */
import { recommendConfigOf } from '../functions/core/recommend/settings.ts';
import type { DataSet } from './act.ts';
import type { Ranker } from './ranker.ts';
import { personalFrequency } from './rankers/personal-frequency.ts';
import { popularity } from './rankers/popularity.ts';
import { shipped } from './rankers/shipped.ts';
import { untunedCovisitation } from './rankers/untuned-covisitation.ts';
import { type Memory, world } from './world/world.ts';

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
  personalFrequency(),
  untunedCovisitation(),
];

export const contestants = ({ preset, outlivesLists }: DataSet): readonly Ranker[] => {
  const shop = world(preset);
  const order = recommendConfigOf({ preset, ...NOTHING_HIDDEN, ...ORDER_ALONE });
  return [
    ...baselines(),
    shipped({ name: OURS, world: shop, config: order, teaches: true }),
    shipped({
      name: WHOLE_PAGE,
      world: shop,
      config: recommendConfigOf({ preset, ...NOTHING_HIDDEN }),
      teaches: false,
    }),
    ...(outlivesLists
      ? [
          shipped({
            name: NOTHING_FADES,
            world: world(preset, ALL_TIME),
            config: order,
            teaches: true,
          }),
        ]
      : []),
  ];
};
