/**
 * A profile as clients read it. Windows are summed here, relative to the given instant, and scores
 * are rounded before anything is hashed or sent: two reads of an unchanged profile are the same
 * bytes until a window really moves.
 */
import type * as z from 'zod';
import { hash128 } from '../hash.ts';
import type { Off } from '../tags/off.ts';
import {
  comparableOf,
  flatText,
  type ReadTag,
  readAllTags,
  type ServedTag,
  servedOf,
  shownValue,
} from '../tags/read.ts';
import { type Membership, segmentOf } from '../tags/segment.ts';
import { type EpochMs, epochMs, startOfUtcDay, toRfc3339 } from '../time.ts';
import { activityScoreAt } from './activity-score.ts';
import type {
  flatProfileAnswer,
  pageViewRowsAnswer,
  profileAnswer,
  profilesAnswer,
  tagAnswer,
} from './answer-schemas.ts';
import { valueAt } from './decayed.ts';
import type { Facets, ProfileDefinitions } from './facets.ts';
import { type Interests, rankedInterests } from './interests.ts';
import { pageViewsComplete, pageViewWindows } from './page-views.ts';
import { newestItems } from './recent-items.ts';

export type TagAnswer = z.infer<typeof tagAnswer>;
export type ProfileAnswer = z.infer<typeof profileAnswer>;
export type ProfilesAnswer = z.infer<typeof profilesAnswer>;
export type FlatProfileAnswer = z.infer<typeof flatProfileAnswer>;
export type PageViewRows = z.infer<typeof pageViewRowsAnswer>;

export interface AnsweredProfile {
  readonly version: number;
  readonly facets: Facets;
  readonly traits: Readonly<Record<string, string | number | boolean | null>>;
  readonly newestArrivedAt: EpochMs;
  /** What the nightly job says of the user; absent until a run has. */
  readonly off?: Off | undefined;
  /** Defaults, because nobody who knows could be asked. */
  readonly stale?: boolean;
}

const SCORE_DIGITS = 4;
const ACTIVITY_DECIMALS = 3;

export const roundScore = (score: number): number => Number(score.toPrecision(SCORE_DIGITS));
export const roundActivity = (score: number): number => Number(score.toFixed(ACTIVITY_DECIMALS));

export const answerTag = (
  { value, source, version, partial, cut }: ServedTag,
  newestArrivedAt: EpochMs,
): TagAnswer => {
  const cutAt = cut === undefined ? undefined : startOfUtcDay(cut);
  return {
    value: shownValue(value),
    type: value.type,
    source,
    version,
    asOf: toRfc3339(source === 'batch' ? (cutAt ?? newestArrivedAt) : newestArrivedAt),
    ...(cutAt !== undefined && { cut: toRfc3339(cutAt) }),
    partial,
  };
};

const membership = (
  tags: readonly ReadTag[],
  definitions: ProfileDefinitions,
  now: EpochMs,
): Membership => {
  const comparable = tags.map(
    ({ name, value, partial }) =>
      [name, { comparable: value && comparableOf(value), partial }] as const,
  );
  return segmentOf(definitions.segments, new Map(comparable), now);
};

export const answerInterests = (interests: Interests): ProfileAnswer['interests'] => {
  const { activeAt } = interests;
  if (activeAt === undefined) return [];
  return rankedInterests(interests).map(([category, { score, error }]) => ({
    category,
    score: roundScore(valueAt(score, activeAt)),
    error: roundScore(valueAt(error, activeAt)),
  }));
};

const answerSessions = ({ sessions }: Facets): ProfileAnswer['sessions'] =>
  sessions.kept.toReversed().map(({ id, start, end, events, label }) => ({
    id,
    start: toRfc3339(start),
    end: toRfc3339(end),
    events,
    ...(label && { label: label.text }),
  }));

export const answerProfile = (
  userId: string,
  { version, facets, off, traits, newestArrivedAt, stale = false }: AnsweredProfile,
  definitions: ProfileDefinitions,
  now: EpochMs,
): ProfileAnswer => {
  const tags = readAllTags(facets.tags, off, definitions.offered, now);
  return {
    userId,
    version,
    servedAt: toRfc3339(now),
    stale,
    tags: Object.fromEntries(
      servedOf(tags).map((tag) => [tag.name, answerTag(tag, newestArrivedAt)]),
    ),
    segment: membership(tags, definitions, now),
    interests: answerInterests(facets.interests),
    recentItems: newestItems(facets.items).map(([item]) => item),
    activityScore: roundActivity(activityScoreAt(facets.activity, now)),
    sessions: answerSessions(facets),
    traits: { ...traits },
    experiments: {},
  };
};

/** 001's map of strings; what is not known yet is left out. */
export const answerFlatProfile = (
  { facets, off }: AnsweredProfile,
  definitions: ProfileDefinitions,
  now: EpochMs,
): FlatProfileAnswer => {
  const tags = readAllTags(facets.tags, off, definitions.offered, now);
  const texts = servedOf(tags).map(({ name, value }) => [name, flatText(value)]);
  return {
    ...Object.fromEntries(texts),
    segment_id: membership(tags, definitions, now).value,
  };
};

export interface PageViewRange {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

export interface PageViewAnswer {
  readonly rows: PageViewRows;
  /** The range begins before what is kept whole. */
  readonly partial: boolean;
}

/** 004's rows of one user. */
export const answerPageViews = (
  userId: string,
  { facets }: AnsweredProfile,
  range: PageViewRange,
  now: EpochMs,
): PageViewAnswer => {
  const rows = pageViewWindows(facets.pageViews, range).map(({ start, end, views }) => ({
    userId,
    window_start: toRfc3339(start),
    window_end: toRfc3339(end),
    page_view_count: views,
  }));
  const complete = pageViewsComplete(facets.pageViews, epochMs(range.from), now);
  return { rows, partial: !complete || facets.pageViewsSince > range.from };
};

const unserved = (profile: ProfileAnswer): Omit<ProfileAnswer, 'servedAt'> => {
  const { servedAt: _, ...rest } = profile;
  return rest;
};

/** Of the body without `servedAt`, which alone changes where nothing did. */
export const etagOf = (body: ProfileAnswer | ProfilesAnswer): string => {
  const hashed =
    'profiles' in body
      ? { ...body, profiles: body.profiles.map((each) => unserved(each)) }
      : unserved(body);
  const words = hash128(JSON.stringify(hashed)).map((word) => word.toString(16).padStart(8, '0'));
  return `"${words.join('')}"`;
};
