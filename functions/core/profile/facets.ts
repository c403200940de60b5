/**
 * The part of a profile that events add up to: tags, interests, items, activity, sessions and page
 * views. The aggregator decides which events count; here they are folded, bounded and written as
 * text whose every part fits into its bytes.
 */
import { InvariantViolation, invariant } from '../invariant.ts';
import { learningPresetOf } from '../recommend/learning.ts';
import type { Bought } from '../recommend/ranking.ts';
import { type CompiledTags, compileTags } from '../tags/compile.ts';
import type { TributaryConfig } from '../tags/config.ts';
import {
  type CountedEvent,
  decodeTags,
  encodeTags,
  foldTags,
  noTags,
  type StoredTags,
  type Tags,
} from '../tags/fold.ts';
import {
  decodeWindow,
  encodeWindow,
  type WindowTiles,
  windowTileOf,
  windowTiles,
} from '../tags/window-tiles.ts';
import { type EpochMs, epochMs } from '../time.ts';
import { foldBought } from './bought.ts';
import { type Decayed, decayed, decayedOnce, loadedDecayed, storedDecayed } from './decayed.ts';
import {
  boundInterests,
  decodeInterests,
  encodeInterests,
  foldInterests,
  type Interests,
  interests,
  type StoredInterests,
} from './interests.ts';
import { boundPageViews, isPageView, PAGE_VIEW_HOP_MS, pageOf } from './page-views.ts';
import {
  boundPersonal,
  decodePersonal,
  encodePersonal,
  type StoredPersonal,
} from './personal-items.ts';
import { foldPositives, inOrderOfArrival, type Positives, positiveOf } from './positives.ts';
import {
  boundItems,
  decodeItems,
  encodeItems,
  foldItems,
  type RecentItems,
  recentItems,
  type StoredItems,
} from './recent-items.ts';
import {
  addSteps,
  type SessionDay,
  type SessionDifferences,
  sessionDifferences,
  subtractDifferences,
} from './session-differences.ts';
import {
  addToSessions,
  boundSessions,
  decodeSessions,
  encodeSessions,
  noSessions,
  type SessionStep,
  type Sessions,
  type StoredSessions,
} from './sessions.ts';

export type { CountedEvent } from '../tags/fold.ts';

export interface ProfileDefinitions extends CompiledTags {
  readonly interestWeights: ReadonlyMap<string, number>;
  /** Of a user's positive items, how many the next is learnt beside. */
  readonly neighboursMax: number;
  /** Of a laptop, where it may throw: a bug of this event that is made on purpose. */
  readonly door?: ((event: { readonly eventId: string }) => void) | undefined;
}

export interface Facets {
  /** Of all events folded; undefined in a profile that has none. */
  readonly newestArrivedAt: EpochMs | undefined;
  readonly tags: Tags;
  readonly interests: Interests;
  readonly items: RecentItems;
  readonly positives: Positives;
  readonly bought: readonly Bought[];
  /** Decayed count of events. */
  readonly activity: Decayed;
  readonly sessions: Sessions;
  readonly pageViews: WindowTiles;
  /** Events that arrived before are missing in `pageViews`; 0 = none are. */
  readonly pageViewsSince: EpochMs;
  /** What folds changed since this value was made or decoded; never stored. */
  readonly moved: SessionDifferences;
}

export interface FacetDifferences {
  readonly sessions: readonly (SessionDay & { readonly day: number })[];
  readonly lateForSessions: number;
}

export const compileProfile = (
  config: Pick<TributaryConfig, 'tags' | 'segments' | 'interestWeights' | 'recommend'>,
): ProfileDefinitions => ({
  ...compileTags(config),
  interestWeights: new Map(Object.entries(config.interestWeights)),
  neighboursMax: learningPresetOf(config).neighboursMax,
});

/**
 * A user born now. Where an expired item is overwritten, its events are lost to the fold: then
 * `lostBefore` is the instant of arrival before which events are missing, and values say `partial`.
 */
export const noFacets = (definitions: ProfileDefinitions, lostBefore?: EpochMs): Facets => ({
  newestArrivedAt: undefined,
  tags: noTags(definitions.folded, lostBefore ?? epochMs(0)),
  interests: interests.empty,
  items: recentItems.empty,
  positives: [],
  bought: [],
  activity: decayed.empty,
  sessions: noSessions,
  pageViews: windowTiles.empty,
  pageViewsSince: lostBefore ?? epochMs(0),
  moved: sessionDifferences.empty,
});

const WITHOUT_SESSION = new Set(['identify', 'group', 'alias']);

const foldSessions = (
  before: Pick<Facets, 'sessions' | 'moved'>,
  events: readonly CountedEvent[],
): Pick<Facets, 'sessions' | 'moved'> => {
  let { sessions } = before;
  const steps: SessionStep[] = [];
  for (const { event, timestamp } of events) {
    if (WITHOUT_SESSION.has(event.kind)) continue;
    const step = addToSessions(sessions, {
      user: event.userId ?? event.anonymousId ?? '',
      eventId: event.eventId,
      at: timestamp,
      label: event.sessionId,
      page: pageOf(event),
    });
    sessions = step.sessions;
    steps.push(step);
  }
  return { sessions: boundSessions(sessions), moved: addSteps(before.moved, steps) };
};

const foldAllItems = (
  before: Pick<Facets, 'items' | 'positives' | 'bought'>,
  events: readonly CountedEvent[],
  newest: EpochMs,
): Pick<Facets, 'items' | 'positives' | 'bought'> => {
  const items = boundItems(foldItems(before.items, events));
  const arrived = inOrderOfArrival(events);
  const spoken = arrived.flatMap((each) => positiveOf(each) ?? []);
  const personal = {
    positives: foldPositives(before.positives, spoken),
    bought: foldBought(before.bought, arrived),
  };
  return { items, ...boundPersonal(personal, { items, newest }) };
};

const foldPageViews = (
  before: WindowTiles,
  events: readonly CountedEvent[],
  newestArrivedAt: EpochMs,
): WindowTiles => {
  const tiles = new Map<number, number>();
  for (const { event, timestamp } of events) {
    if (!isPageView(event)) continue;
    const index = windowTileOf(timestamp, PAGE_VIEW_HOP_MS);
    tiles.set(index, (tiles.get(index) ?? 0) + 1);
  }
  return boundPageViews(windowTiles.merge(before, { tiles, floor: 0 }), newestArrivedAt);
};

export const foldFacets = (
  facets: Facets,
  events: readonly CountedEvent[],
  definitions: ProfileDefinitions,
): Facets => {
  if (events.length === 0) return facets;
  if (definitions.door) for (const { event } of events) definitions.door(event);
  let newestArrivedAt = facets.newestArrivedAt ?? epochMs(0);
  let { activity } = facets;
  for (const { timestamp, arrivedAt } of events) {
    if (arrivedAt > newestArrivedAt) newestArrivedAt = arrivedAt;
    activity = decayed.merge(activity, decayedOnce(1, timestamp));
  }
  const { interestWeights } = definitions;
  return {
    newestArrivedAt,
    tags: foldTags(facets.tags, events, newestArrivedAt),
    interests: boundInterests(foldInterests(facets.interests, events, interestWeights)),
    ...foldAllItems(facets, events, newestArrivedAt),
    activity,
    ...foldSessions(facets, events),
    pageViews: foldPageViews(facets.pageViews, events, newestArrivedAt),
    pageViewsSince: facets.pageViewsSince,
  };
};

/** What the folds between the two values changed; `after` must come out of `before` by folding. */
export const facetDifferences = (before: Facets, after: Facets): FacetDifferences => {
  const { days, late } = subtractDifferences(after.moved, before.moved);
  return {
    sessions: [...days]
      .sort(([left], [right]) => left - right)
      .map(([day, sums]) => ({ day, ...sums })),
    lateForSessions: late,
  };
};

interface StoredFacets extends StoredPersonal {
  readonly a: number;
  readonly t: StoredTags;
  readonly i: StoredInterests;
  readonly r: StoredItems;
  readonly c?: number;
  readonly s: StoredSessions;
  readonly p: string;
  readonly q?: number;
}

/** Compact JSON. */
export const encodeFacets = (facets: Facets): string => {
  const stored: StoredFacets = {
    a: facets.newestArrivedAt ?? -1,
    t: encodeTags(facets.tags),
    i: encodeInterests(facets.interests),
    r: encodeItems(facets.items),
    ...encodePersonal(facets, { items: facets.items, newest: facets.newestArrivedAt ?? 0 }),
    ...(facets.activity !== undefined && { c: storedDecayed(facets.activity) }),
    s: encodeSessions(facets.sessions),
    p: encodeWindow(facets.pageViews),
    ...(facets.pageViewsSince > 0 && { q: facets.pageViewsSince }),
  };
  return JSON.stringify(stored);
};

const parsed = (text: string): StoredFacets => {
  try {
    return JSON.parse(text) as StoredFacets;
  } catch {
    throw new InvariantViolation('stored facets are JSON');
  }
};

/** Throws InvariantViolation on nonsense: what was stored is ours. */
export const decodeFacets = (text: string, definitions: ProfileDefinitions): Facets => {
  const stored = parsed(text);
  const { a, t, i, r, c, s, p, q } = stored ?? {};
  invariant(Number.isSafeInteger(a), 'stored facets name their newest arrival');
  invariant(typeof t === 'object' && t !== null, 'stored facets have tags');
  invariant(Array.isArray(i) && Array.isArray(r) && Array.isArray(s), 'stored facets have lists');
  invariant(typeof p === 'string', 'stored facets have page views');
  const items = decodeItems(r);
  return {
    newestArrivedAt: a < 0 ? undefined : epochMs(a),
    tags: decodeTags(t, definitions.folded, epochMs(Math.max(0, a))),
    interests: decodeInterests(i),
    items,
    ...decodePersonal(stored, { items, newest: Math.max(0, a) }),
    activity: c === undefined ? undefined : loadedDecayed(c),
    sessions: decodeSessions(s),
    pageViews: decodeWindow(p),
    pageViewsSince: epochMs(q ?? 0),
    moved: sessionDifferences.empty,
  };
};
