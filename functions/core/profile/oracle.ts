/**
 * What a profile must say at an instant, out of plain facts: slow, obvious, and nothing of the fold.
 *
 * It filters and adds. It knows no tile but the window rule that is promised to users, no bound and
 * no storage; where a bound was exceeded a profile says `partial` or carries an error instead.
 */
import { hash64Hex } from '../hash.ts';
import type { TributaryConfig } from '../tags/config.ts';
import { isMicros } from '../tags/definition.ts';
import { segmentOf } from '../tags/segment.ts';
import { days, type EpochMs, epochMs, minutes, seconds } from '../time.ts';
import { type OracleValue, oracleTag, type TagFact } from './tag-oracle.ts';

/** One acknowledged event of one user. */
export interface OracleFact extends TagFact {
  readonly user: string;
  /** Facts are taken in the order of arrival; without it, in the order given. */
  readonly arrivedAt?: EpochMs;
  readonly productIds: readonly string[];
  readonly orderId?: string;
  readonly traits?: Readonly<Record<string, unknown>>;
}

export interface OracleSession {
  readonly id: string;
  readonly start: EpochMs;
  readonly end: EpochMs;
  readonly events: number;
}

export interface OracleProfile {
  /** Without batch tags. */
  readonly tags: Readonly<Record<string, OracleValue>>;
  readonly segment: string;
  /** Best first; not rounded. */
  readonly interests: readonly { readonly category: string; readonly score: number }[];
  readonly recentItems: readonly string[];
  readonly activityScore: number;
  /** Newest first, all there ever were. */
  readonly sessions: readonly OracleSession[];
  /** Of the last 24 hours, newest first. */
  readonly pageViews: readonly { readonly start: EpochMs; readonly views: number }[];
  /** Last writer by (event time, eventId) per name. */
  readonly traits: Readonly<Record<string, unknown>>;
}

type Config = Pick<TributaryConfig, 'tags' | 'segments' | 'interestWeights'>;
type Facts = readonly OracleFact[];

const DAY = days(1);
const HALF_LIFE = days(7);
const GAP = minutes(30);
const PAGE_VIEW_STEP = seconds(30);

/** Each event once, in order of arrival. */
export const distinctFacts = (facts: Facts): Facts => {
  const seen = new Set<string>();
  return facts
    .toSorted((left, right) => (left.arrivedAt ?? 0) - (right.arrivedAt ?? 0))
    .filter(({ eventId }) => !seen.has(eventId) && seen.add(eventId));
};

/** Completed and Cancelled count once per order; a refund counts each time. */
export const firstOfOrder = (facts: Facts): ReadonlySet<OracleFact> => {
  const seen = new Set<string>();
  return new Set(
    facts.filter(({ orderId, name }) => {
      if (orderId === undefined || name === 'Order Refunded') return true;
      const key = `${name}/${orderId}`;
      return !seen.has(key) && seen.add(key);
    }),
  );
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

const half = (ageMs: number): number => 2 ** (-ageMs / HALF_LIFE);

const interestsOf = (facts: Facts, { interestWeights }: Config): OracleProfile['interests'] => {
  const activeAt = Math.max(...facts.map(({ timestamp }) => timestamp));
  const scores = new Map<string, number>();
  for (const { name, categories, timestamp } of facts) {
    const weight = interestWeights[name] ?? 0;
    for (const category of new Set(categories.map((each) => each.toLowerCase()))) {
      const part = weight * half(activeAt - timestamp);
      if (part > 0) scores.set(category, (scores.get(category) ?? 0) + part);
    }
  }
  return [...scores]
    .map(([category, score]) => ({ category, score }))
    .sort((a, b) => b.score - a.score || (a.category < b.category ? -1 : 1));
};

const itemsOf = (facts: Facts): readonly string[] => {
  const newest = new Map<string, number>();
  for (const { productIds, timestamp } of facts) {
    for (const id of productIds) newest.set(id, Math.max(timestamp, newest.get(id) ?? 0));
  }
  const ranked = [...newest].sort(([a, at], [b, bt]) => bt - at || (a < b ? -1 : 1));
  return ranked.slice(0, 20).map(([id]) => id);
};

/** Grows a list of intervals by one event; whatever it touches becomes one. */
const withEvent = (sessions: readonly OracleSession[], fact: OracleFact): OracleSession[] => {
  const at = fact.timestamp;
  const near = sessions.filter(({ start, end }) => at >= start - GAP && at <= end + GAP);
  const older = near.toSorted((a, b) => a.start - b.start)[0];
  const joined = {
    id: older?.id ?? hash64Hex(`${fact.user}\n${fact.eventId}`),
    start: epochMs(Math.min(at, ...near.map(({ start }) => start))),
    end: epochMs(Math.max(at, ...near.map(({ end }) => end))),
    events: 1 + sum(near.map(({ events }) => events)),
  };
  return [...sessions.filter((session) => !near.includes(session)), joined];
};

const sessionsOf = (facts: Facts): readonly OracleSession[] =>
  facts
    .filter(({ kind }) => kind !== 'identify' && kind !== 'group' && kind !== 'alias')
    .reduce<readonly OracleSession[]>(withEvent, [])
    .toSorted((a, b) => b.start - a.start);

const pageViewsOf = (facts: Facts, now: EpochMs): OracleProfile['pageViews'] => {
  const views = facts.filter(({ kind }) => kind === 'page' || kind === 'screen');
  const starts = new Set(
    views.flatMap(({ timestamp }) => {
      const newest = timestamp - (timestamp % PAGE_VIEW_STEP);
      return [newest, newest - PAGE_VIEW_STEP];
    }),
  );
  return [...starts]
    .filter((start) => start >= now - DAY && start < now)
    .sort((a, b) => b - a)
    .map((start) => {
      const inside = views.filter(({ timestamp: at }) => at >= start && at < start + minutes(1));
      return { start: epochMs(start), views: inside.length };
    });
};

const traitsOf = (facts: Facts): OracleProfile['traits'] => {
  const ordered = facts.toSorted(
    (a, b) => a.timestamp - b.timestamp || (a.eventId < b.eventId ? -1 : 1),
  );
  return Object.fromEntries(ordered.flatMap(({ traits }) => Object.entries(traits ?? {})));
};

export const oracleProfile = (
  given: readonly OracleFact[],
  now: EpochMs,
  config: Config,
): OracleProfile => {
  const facts = distinctFacts(given);
  const counted = firstOfOrder(facts);
  const streamed = config.tags.filter((tag) => tag.source !== 'batch');
  const values = streamed.flatMap((tag) => {
    const value = oracleTag(tag, facts, counted, now);
    return value === undefined ? [] : [{ tag, value }];
  });
  const comparable = values.map(({ tag: { name, measure }, value }) => {
    const comparable = isMicros(measure) ? Number(value) / 1_000_000 : value;
    return [name, { comparable, partial: false }] as const;
  });
  return {
    tags: Object.fromEntries(values.map(({ tag, value }) => [tag.name, value])),
    segment: segmentOf(config.segments, new Map(comparable), now).value,
    interests: interestsOf(facts, config),
    recentItems: itemsOf(facts),
    activityScore: Math.min(1, sum(facts.map(({ timestamp }) => half(now - timestamp))) / 10),
    sessions: sessionsOf(facts),
    pageViews: pageViewsOf(facts, now),
    traits: traitsOf(facts),
  };
};
