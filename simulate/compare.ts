import type { PageViewRows, ProfileAnswer } from '../functions/core/profile/answer.ts';
import {
  type OracleFact,
  type OracleProfile,
  oracleProfile,
} from '../functions/core/profile/oracle.ts';
import type { OracleValue } from '../functions/core/profile/tag-oracle.ts';
import { fieldsOf } from '../functions/core/tags/check-tags.ts';
import type { TributaryConfig } from '../functions/core/tags/config.ts';
import { isMicros } from '../functions/core/tags/definition.ts';
import { epochMs, toRfc3339 } from '../functions/core/time.ts';

/** What was read of one user: undefined where there is no such profile. */
export interface ReadUser {
  readonly profile: ProfileAnswer | undefined;
  readonly pageViews: PageViewRows;
}

/** Served scores have four significant digits, the activity score three decimals. */
const SCORE_ERROR = 0.000_51;
const SESSIONS_KEPT = 4;

/** Every difference between what is served and what the acknowledged events mean, as sentences. */
export const differencesOf = (
  user: string,
  facts: readonly OracleFact[],
  { profile, pageViews }: ReadUser,
  config: TributaryConfig,
): readonly string[] => {
  if (profile === undefined) {
    return facts.length === 0 ? [] : [`${user}: no profile, of ${facts.length} events`];
  }
  const expected = oracleProfile(facts, epochMs(Date.parse(profile.servedAt)), config);
  return [
    ...tagDifferences(profile, expected, config),
    ...differ('segment', profile.segment.value, expected.segment),
    ...interestDifferences(profile, expected),
    ...differ('recentItems', profile.recentItems, expected.recentItems),
    ...(Math.abs(profile.activityScore - expected.activityScore) > SCORE_ERROR
      ? [unlike('activityScore', profile.activityScore, expected.activityScore)]
      : []),
    ...sessionDifferences(profile, expected),
    ...differ('traits', sorted(profile.traits), sorted(expected.traits)),
    ...differ(
      'page views',
      pageViews.map((row) => `${row.window_start} ${row.page_view_count}`),
      expected.pageViews.map(({ start, views }) => `${toRfc3339(start)} ${views}`),
    ),
  ].map((difference) => `${user}: ${difference}`);
};

const unlike = (what: string, served: unknown, expected: unknown): string =>
  `${what} is ${JSON.stringify(served)}, expected ${JSON.stringify(expected)}`;

const differ = (what: string, served: unknown, expected: unknown): readonly string[] =>
  JSON.stringify(served) === JSON.stringify(expected) ? [] : [unlike(what, served, expected)];

const sorted = (members: Readonly<Record<string, unknown>>) =>
  Object.entries(members).sort(([left], [right]) => (left < right ? -1 : 1));

const MICROS = 1_000_000;

/** As the profile's answer writes a value: money in units, an instant in RFC 3339. */
const servedForm = (
  { measure }: TributaryConfig['tags'][number],
  value: OracleValue,
): OracleValue => {
  if (typeof value === 'string') return value;
  const isInstant = measure.op === 'first' || measure.op === 'last';
  if (isInstant) return toRfc3339(epochMs(value));
  return isMicros(measure) ? value / MICROS : value;
};

/** What a simulated fact tells of its event; a tag of your own that reads more is not compared. */
const TOLD = ['commerce.orders', 'commerce.revenueMicros', 'enrichment.categoryVector'];
const isTold = (tag: TributaryConfig['tags'][number]): boolean =>
  fieldsOf(tag).every((field) => TOLD.includes(field));

const tagDifferences = (
  { tags }: ProfileAnswer,
  expected: OracleProfile,
  config: TributaryConfig,
): readonly string[] =>
  config.tags.flatMap((tag) => {
    const served = tags[tag.name];
    const value = expected.tags[tag.name];
    if (tag.source === 'batch' || !isTold(tag)) return [];
    const partial = served?.partial ? [`${tag.name} is partial`] : [];
    const form = value === undefined ? undefined : servedForm(tag, value);
    return [...differ(tag.name, served?.value, form), ...partial];
  });

const interestDifferences = (
  { interests }: ProfileAnswer,
  expected: OracleProfile,
): readonly string[] => {
  const want = new Map(expected.interests.map(({ category, score }) => [category, score]));
  const wrong = interests.filter(({ category, score, error }) => {
    const exact = want.get(category);
    return exact === undefined || error !== 0 || Math.abs(score - exact) > SCORE_ERROR * exact;
  });
  const ranked = interests.every(({ score }, n) => score <= (interests[n - 1]?.score ?? score));
  return wrong.length === 0 && ranked && interests.length === want.size
    ? []
    : [unlike('interests', interests, expected.interests)];
};

const sessionDifferences = (
  { sessions }: ProfileAnswer,
  expected: OracleProfile,
): readonly string[] =>
  differ(
    'sessions',
    sessions.map(({ id, start, end, events }) => ({ id, start, end, events })),
    expected.sessions.slice(0, SESSIONS_KEPT).map(({ id, start, end, events }) => ({
      id,
      start: toRfc3339(start),
      end: toRfc3339(end),
      events,
    })),
  );
