/** What a platform may say of its recommendations, and what holds where it says nothing. */
import { days, hours } from '../time.ts';
import type { PresetName } from './learning.ts';

/** Sources whose scores are blended; `new` and `pinned` take places of their own. */
export const BLENDED_SOURCES = [
  'covisitation',
  'similar',
  'personal',
  'category',
  'trending',
] as const;
export type BlendedSource = (typeof BLENDED_SOURCES)[number];

/** `id`, `category` (any of them), `owner`, `price`, or `attributes.<name>`. */
export interface Condition {
  readonly of: 'id' | 'category' | 'owner' | 'price' | `attributes.${string}`;
  readonly is?: readonly (string | number | boolean)[];
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly exists?: boolean;
}

/** Of an item for which all conditions hold. A boost below 1 buries. */
export interface ItemRule {
  readonly name: string;
  readonly when: readonly Condition[];
  readonly do:
    | { readonly exclude: true }
    | { readonly boost: number }
    /** 1 is the first place. Of several items that it fits, the best goes there. */
    | { readonly pin: number };
}

/** The section `recommend` of `tributary.config.ts`. */
export interface RecommendSettings {
  readonly preset: PresetName;
  readonly weights?: Partial<Readonly<Record<BlendedSource, number>>>;
  /** What was seen within it does not come again. */
  readonly seenHours?: number;
  /** What was bought within it does not come again, where its own usual gap is not known. */
  readonly boughtDays?: number;
  /** What each further item of a category keeps of its score; 1 does not mix. */
  readonly diversity?: number;
  /** Of ten places, how many show what is new. */
  readonly explore?: number;
  readonly rules?: readonly ItemRule[];
}

export interface RecommendConfig {
  readonly weights: Readonly<Record<BlendedSource, number>>;
  /** What each older item of a history keeps of its say, for pairs and for likeness. */
  readonly fading: { readonly covisitation: number; readonly similar: number };
  readonly seenMs: number;
  readonly boughtMs: number;
  readonly diversity: number;
  readonly explore: number;
  readonly rules: readonly ItemRule[];
}

export const RULES_MAX = 32;
export const BOOST_MIN = 0.1;
export const BOOST_MAX = 10;

const PRESETS: Readonly<Record<PresetName, Omit<RecommendConfig, 'rules'>>> = {
  commerce: {
    weights: { covisitation: 0.2, similar: 0.1, personal: 0.6, category: 0.5, trending: 0.2 },
    fading: { covisitation: 0.6, similar: 0.8 },
    seenMs: hours(1),
    boughtMs: days(90),
    diversity: 0.85,
    explore: 1,
  },
  taste: {
    weights: { covisitation: 1, similar: 0.5, personal: 0, category: 0.1, trending: 0.05 },
    fading: { covisitation: 0.8, similar: 0.8 },
    seenMs: days(30),
    boughtMs: days(365),
    diversity: 0.85,
    explore: 1,
  },
};

export const recommendConfigOf = ({
  preset,
  weights,
  seenHours,
  boughtDays,
  ...given
}: RecommendSettings): RecommendConfig => {
  const usual = PRESETS[preset];
  return {
    weights: { ...usual.weights, ...weights },
    fading: usual.fading,
    seenMs: seenHours === undefined ? usual.seenMs : hours(seenHours),
    boughtMs: boughtDays === undefined ? usual.boughtMs : days(boughtDays),
    diversity: given.diversity ?? usual.diversity,
    explore: given.explore ?? usual.explore,
    rules: given.rules ?? [],
  };
};

/** Beside one item, its category and what is in demand only fill what pairs and likeness leave. */
export const besideAnItem = (config: RecommendConfig): RecommendConfig => ({
  ...config,
  weights: { ...config.weights, category: 0.02, trending: 0.01 },
});

/** Where nothing is said, a shop. */
export const configured = ({
  recommend = { preset: 'commerce' },
}: {
  readonly recommend?: RecommendSettings;
}): RecommendConfig => recommendConfigOf(recommend);

const isPositive = (value: number): boolean => Number.isFinite(value) && value >= 0;

const ruleFaults = ({ name, when, do: what }: ItemRule): readonly string[] => [
  ...(when.length === 0 ? [`rule ${name}: it needs a condition`] : []),
  ...('boost' in what && !(what.boost >= BOOST_MIN && what.boost <= BOOST_MAX)
    ? [`rule ${name}: a boost lies from ${BOOST_MIN} to ${BOOST_MAX}`]
    : []),
  ...('pin' in what && !(Number.isInteger(what.pin) && what.pin >= 1)
    ? [`rule ${name}: a place is 1, 2, …`]
    : []),
];

/** What is wrong with a section, for whoever deploys it. */
export const recommendFaults = (settings: RecommendSettings): readonly string[] => {
  const { weights, seenHours, boughtDays, diversity, explore, rules } = {
    weights: {},
    seenHours: 0,
    boughtDays: 0,
    diversity: 1,
    explore: 0,
    rules: [],
    ...settings,
  };
  const names = rules.map(({ name }) => name);
  return [
    ...(Object.hasOwn(PRESETS, settings.preset) ? [] : ['preset is commerce or taste']),
    ...Object.entries(weights).flatMap(([source, weight]) =>
      isPositive(weight ?? 0) ? [] : [`weights.${source} is at least 0`],
    ),
    ...(isPositive(seenHours) ? [] : ['seenHours is at least 0']),
    ...(isPositive(boughtDays) ? [] : ['boughtDays is at least 0']),
    ...(diversity > 0 && diversity <= 1 ? [] : ['diversity lies above 0, and is at most 1']),
    ...(Number.isInteger(explore) && explore >= 0 && explore <= 5
      ? []
      : ['explore is 0 to 5 of ten places']),
    ...(rules.length > RULES_MAX ? [`at most ${RULES_MAX} rules`] : []),
    ...(new Set(names).size < names.length ? ['two rules have one name'] : []),
    ...rules.flatMap(ruleFaults),
  ];
};
