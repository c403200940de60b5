/** What `user-profile-updates` says of a user: the taste that others act on, in one line. */
import { type EpochMs, toRfc3339, toUtcDate } from '../time.ts';
import { activityScoreAt } from './activity-score.ts';
import { answerInterests, type ProfileAnswer, roundActivity } from './answer.ts';
import type { Facets } from './facets.ts';
import { newestItems } from './recent-items.ts';

export interface OffUpdate {
  readonly userId: string;
  readonly updatedAt: string;
  readonly part: 'off';
  /** The run that wrote it: a later run has the greater one. */
  readonly version: string;
  /** All that arrived before this day is in what the nightly job counts. */
  readonly cut: string;
}

export interface ProfileUpdate {
  readonly userId: string;
  readonly updatedAt: string;
  /** Which of a user's items changed; a consumer keys on (user, part, version). */
  readonly part: 'rt';
  readonly version: number;
  readonly profile: Pick<ProfileAnswer, 'interests' | 'recentItems' | 'activityScore'>;
}

/** A function of the version alone, the score as of the change: a redelivery is the same bytes. */
export const profileUpdate = (
  userId: string,
  changed: { readonly version: number; readonly updatedAt: EpochMs; readonly facets: Facets },
): ProfileUpdate => {
  const { version, updatedAt, facets } = changed;
  return {
    userId,
    updatedAt: toRfc3339(updatedAt),
    part: 'rt',
    version,
    profile: {
      interests: answerInterests(facets.interests),
      recentItems: newestItems(facets.items).map(([item]) => item),
      activityScore: roundActivity(activityScoreAt(facets.activity, updatedAt)),
    },
  };
};

export const offUpdate = (
  userId: string,
  changed: { readonly runId: string; readonly cut: number; readonly updatedAt: EpochMs },
): OffUpdate => ({
  userId,
  updatedAt: toRfc3339(changed.updatedAt),
  part: 'off',
  version: changed.runId,
  cut: toUtcDate(changed.cut),
});
