/** Who may be offered to whom: hard rules, asked once for each candidate. */
import { days } from '../time.ts';
import type { OfferedItem } from './catalogue.ts';
import type { Asked, Learnt, Taste } from './ranking.ts';
import type { Condition, ItemRule, RecommendConfig } from './settings.ts';

/** Of the usual gap between purchases, how much must have passed. */
const DUE_SHARE = 0.5;

const valuesOf = (item: OfferedItem, of: Condition['of']): readonly unknown[] => {
  if (of === 'category') return item.categories;
  if (of === 'id' || of === 'owner' || of === 'price')
    return item[of] === undefined ? [] : [item[of]];
  const value = item.attributes[of.slice('attributes.'.length)];
  return value === undefined ? [] : [value];
};

const holds = (item: OfferedItem, { of, is, atLeast, atMost, exists }: Condition): boolean => {
  const values = valuesOf(item, of);
  const isOne = (value: unknown): boolean =>
    is?.some((one) => (of === 'category' ? String(one).toUpperCase() === value : one === value)) ??
    true;
  const inRange = (value: unknown): boolean =>
    (atLeast === undefined || Number(value) >= atLeast) &&
    (atMost === undefined || Number(value) <= atMost);
  if (exists !== undefined && exists !== values.length > 0) return false;
  const isAsked = is !== undefined || atLeast !== undefined || atMost !== undefined;
  return !isAsked || values.some((value) => isOne(value) && inRange(value));
};

export const fits = (rule: ItemRule, item: OfferedItem): boolean =>
  rule.when.every((condition) => holds(item, condition));

export interface Allowed {
  /** By its id alone, which costs least to ask. */
  readonly isExcluded: (item: string) => boolean;
  readonly mayBeOffered: (item: string) => boolean;
  /** The same, but what was just seen may come again: better than nothing. */
  readonly mayBeSeenAgain: (item: string) => boolean;
}

const boughtTooLately = (
  { bought }: Taste,
  { lists }: Learnt,
  { boughtMs }: RecommendConfig,
  { now }: Asked,
): ReadonlySet<string> => {
  const gapOf = (item: string): number => {
    const gapDays = lists.get(item)?.repurchaseDays;
    return gapDays === undefined ? boughtMs : Math.min(boughtMs, DUE_SHARE * days(gapDays));
  };
  const lately = bought.filter(({ item, boughtAt }) => now - boughtAt < gapOf(item));
  return new Set(lately.map(({ item }) => item));
};

export const allowedTo = (
  taste: Taste,
  learnt: Learnt,
  asked: Asked,
  config: RecommendConfig,
): Allowed => {
  const { now, exclude } = asked;
  const tooLately = boughtTooLately(taste, learnt, config, asked);
  const seen = new Set(
    taste.history
      .filter(({ arrivedAt }) => now - arrivedAt < config.seenMs)
      .map(({ item }) => item),
  );
  const excluding = config.rules.filter((rule) => 'exclude' in rule.do);
  /** Where a tenant keeps no catalogue, what events name may be offered. */
  const isStocked = (id: string): boolean => {
    const item = learnt.catalogue.find(id);
    if (item === undefined) return learnt.catalogue.size === 0;
    const isOwn = item.owner !== undefined && item.owner === taste.userId;
    return item.available && !isOwn && !excluding.some((rule) => fits(rule, item));
  };
  const isExcluded = (id: string): boolean => exclude.has(id) || tooLately.has(id) || seen.has(id);
  return {
    isExcluded,
    mayBeOffered: (id) => !isExcluded(id) && isStocked(id),
    mayBeSeenAgain: (id) => !exclude.has(id) && !tooLately.has(id) && isStocked(id),
  };
};
