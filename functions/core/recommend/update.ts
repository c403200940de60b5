/** What `user-profile-updates` says of a user's items, when the best of them have changed. */
import { roundScore } from '../profile/answer.ts';
import { type EpochMs, toRfc3339 } from '../time.ts';
import type { Recommendation } from './ranking.ts';

export interface RecommendationsUpdate {
  readonly userId: string;
  readonly updatedAt: string;
  /** Which of a user's parts changed; a consumer keys on (user, part, version). */
  readonly part: 'recommendations';
  /** That of the profile. */
  readonly version: number;
  readonly items: readonly {
    readonly itemId: string;
    readonly score: number;
    readonly reason: string;
  }[];
}

export const TOP_ITEMS_MAX = 10;

export const recommendationsUpdate = (
  userId: string,
  changed: { readonly version: number; readonly updatedAt: EpochMs },
  items: readonly Recommendation[],
): RecommendationsUpdate => ({
  userId,
  updatedAt: toRfc3339(changed.updatedAt),
  part: 'recommendations',
  version: changed.version,
  items: items.map(({ item, score, reason }) => ({
    itemId: item,
    score: roundScore(score),
    reason,
  })),
});

/** The same items in another order are news too. */
export const isNews = (before: readonly string[], items: readonly Recommendation[]): boolean =>
  before.length !== items.length || items.some(({ item }, place) => before[place] !== item);
