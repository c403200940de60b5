/** Pages as clients read them: natively, and as 000 and 002 have them. */

import { activityScoreAt } from '../core/profile/activity-score.ts';
import { answerInterests, roundActivity, roundScore } from '../core/profile/answer.ts';
import type { Facets } from '../core/profile/facets.ts';
import { newestItems } from '../core/profile/recent-items.ts';
import type {
  FlatPersonalizeAnswer,
  FlatRecommendationsAnswer,
  SimilarAnswer,
} from '../core/recommend/answer-schemas.ts';
import { type EpochMs, toRfc3339 } from '../core/time.ts';
import type { Page } from './page.ts';

export interface Made {
  readonly decisionId: string;
  readonly now: EpochMs;
}

export const answerPage = (
  { items, lists, catalogue, without }: Page,
  { decisionId, now }: Made,
): Omit<SimilarAnswer, 'itemId'> => ({
  decisionId,
  servedAt: toRfc3339(now),
  ...(lists && { lists }),
  catalogue,
  without: [...without],
  items: items.map(({ item, position, score, source, weight, reason, rules }) => ({
    itemId: item,
    position,
    score: roundScore(score),
    source,
    weight: roundScore(weight),
    reason,
    rules: [...rules],
  })),
});

export const answerShort = (userId: string, { items }: Page): FlatRecommendationsAnswer => ({
  userId,
  recommendations: items.map(({ item, score, reason }) => ({
    itemId: item,
    score: roundScore(score),
    reason,
  })),
});

export const answerShortProfile = (
  facets: Facets | undefined,
  now: EpochMs,
): FlatPersonalizeAnswer['profile'] =>
  facets === undefined
    ? { interests: {}, recentItems: [], activityScore: 0 }
    : {
        interests: Object.fromEntries(
          answerInterests(facets.interests).map(({ category, score }) => [category, score]),
        ),
        recentItems: newestItems(facets.items).map(([item]) => item),
        activityScore: roundActivity(activityScoreAt(facets.activity, now)),
      };
