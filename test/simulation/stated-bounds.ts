import { hash64Hex } from '../../functions/core/hash.ts';
import type { PageViewRows, ProfileAnswer } from '../../functions/core/profile/answer.ts';
import { type OracleFact, oracleProfile } from '../../functions/core/profile/oracle.ts';
import { epochMs, toRfc3339 } from '../../functions/core/time.ts';
import { config } from '../../tributary.config.ts';

/** What a profile promises to keep; beyond it, it says how much it may be wrong. */
const INTERESTS_KEPT = 16;
const SESSIONS_KEPT = 4;
const TILES_KEPT = 256;
/** Bytes are bounded too: of many views in a tile or tiles far apart, this many are kept in any case. */
const TILES_KEPT_MIN = 192;
const TILE_MS = 30_000;
const DAY_MS = 86_400_000;
const GAP_MS = 30 * 60_000;
/** Served scores have four significant digits. */
const ROUNDING = 0.000_51;

const COPY = /~\d+$/;

export interface StatedSession {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  readonly events: number;
}

export interface StatedSessions {
  /** Newest first. */
  readonly kept: readonly StatedSession[];
  readonly dropped: readonly StatedSession[];
  /** Events that came too late for a session that was dropped. */
  readonly late: number;
}

const withEvent = (sessions: readonly StatedSession[], fact: OracleFact): StatedSession[] => {
  const at = fact.timestamp;
  const near = sessions.filter(({ start, end }) => at >= start - GAP_MS && at <= end + GAP_MS);
  const joined = {
    id: near[0]?.id ?? hash64Hex(`${fact.user}\n${fact.eventId.replace(COPY, '')}`),
    start: Math.min(at, ...near.map(({ start }) => start)),
    end: Math.max(at, ...near.map(({ end }) => end)),
    events: 1 + near.reduce((sum, { events }) => sum + events, 0),
  };
  const others = sessions.filter((session) => !near.includes(session));
  return [...others, joined].sort((left, right) => left.start - right.start);
};

/** The last four intervals; an event up to 30 minutes after one that was dropped counts late. */
export const statedSessions = (facts: readonly OracleFact[]): StatedSessions => {
  let kept: StatedSession[] = [];
  const dropped: StatedSession[] = [];
  let late = 0;
  for (const fact of facts) {
    if (fact.kind === 'identify') continue;
    if (fact.timestamp <= (dropped.at(-1)?.end ?? 0) + GAP_MS) {
      late += 1;
      continue;
    }
    kept = withEvent(kept, fact);
    if (kept.length > SESSIONS_KEPT) dropped.push(...kept.splice(0, 1));
  }
  return { kept: kept.reverse(), dropped, late };
};

/** Beyond four sessions: the four newest as they are stated, never others. */
export const sessionFaults = (
  { kept }: StatedSessions,
  { sessions }: ProfileAnswer,
): readonly string[] => {
  const served = sessions.map(({ id, start, end, events }) => ({ id, start, end, events }));
  const stated = kept.map(({ id, start, end, events }) => ({
    ...{ id, events },
    start: toRfc3339(epochMs(start)),
    end: toRfc3339(epochMs(end)),
  }));
  const text = (list: readonly (typeof stated)[number][]): string =>
    list.map(({ id, start, end, events }) => `${id} ${start} ${end} ${events}`).join(', ');
  return text(served) === text(stated) ? [] : [`sessions ${text(served)}, stated ${text(stated)}`];
};

/**
 * Beyond 16 categories: each score is right to within the error that it states, and what is left
 * out has no higher one than what is served.
 */
export const interestFaults = (
  facts: readonly OracleFact[],
  { interests, servedAt }: ProfileAnswer,
): readonly string[] => {
  const { interests: scores } = oracleProfile(facts, epochMs(Date.parse(servedAt)), config);
  const exact = new Map(scores.map(({ category, score }) => [category, score]));
  const least = interests.at(-1)?.score ?? 0;
  const wrong = interests.filter(({ category, score, error }) => {
    const is = exact.get(category) ?? 0;
    // Both are rounded when they are told, each by a part of itself.
    const surely = score * (1 - ROUNDING) - error * (1 + ROUNDING);
    return is > score * (1 + ROUNDING) || surely > is;
  });
  const served = new Set(interests.map(({ category }) => category));
  const left = scores.filter(
    ({ category, score }) => !served.has(category) && score > least * (1 + ROUNDING),
  );
  const ranked = interests.every(({ score }, n) => score <= (interests[n - 1]?.score ?? score));
  return [
    ...wrong.map(({ category, score, error }) => {
      return `interest ${category} is ${score} ± ${error}, expected ${exact.get(category)}`;
    }),
    ...left.map(({ category, score }) => `interest ${category} of ${score} is left out`),
    ...(interests.length === INTERESTS_KEPT && ranked ? [] : ['interests are not the best 16']),
  ];
};

export const interestsAreBounded = (facts: readonly OracleFact[]): boolean => {
  const told = facts.filter(({ name }) => (config.interestWeights[name] ?? 0) > 0);
  return new Set(told.flatMap(({ categories }) => categories)).size > INTERESTS_KEPT;
};

export interface PageViewsRead {
  readonly rows: PageViewRows;
  readonly partial: boolean;
}

/** The first instant from which on the answer is not partial, found as a client would find it. */
const completeFrom = async (
  nowMs: number,
  read: (fromMs: number) => Promise<PageViewsRead>,
): Promise<number> => {
  let partial = Math.ceil((nowMs - DAY_MS) / TILE_MS);
  let complete = Math.floor(nowMs / TILE_MS);
  while (complete - partial > 1) {
    const middle = Math.floor((partial + complete) / 2);
    if ((await read(middle * TILE_MS)).partial) partial = middle;
    else complete = middle;
  }
  return complete * TILE_MS;
};

/**
 * Beyond 256 tiles the answer says that it is partial; from its floor on its rows are exact, and
 * the newest tiles are all there.
 */
export const pageViewFaults = async (
  facts: readonly OracleFact[],
  nowMs: number,
  read: (fromMs: number) => Promise<PageViewsRead>,
): Promise<readonly string[]> => {
  const fromMs = await completeFrom(nowMs, read);
  const { rows } = await read(fromMs);
  const served = rows.map((row) => `${row.window_start} ${row.page_view_count}`);
  const stated = oracleProfile(facts, epochMs(nowMs), config)
    .pageViews.filter(({ start }) => start >= fromMs)
    .map(({ start, views }) => `${toRfc3339(start)} ${views}`);
  const tiles = tilesOf(facts, nowMs);
  const complete = tiles.filter((tile) => tile * TILE_MS >= fromMs).length;
  return [
    ...(served.join() === stated.join() ? [] : [`page views from the floor on: ${served.length}`]),
    ...(complete >= Math.min(TILES_KEPT_MIN, tiles.length)
      ? []
      : [`only ${complete} tiles of ${tiles.length} are complete`]),
  ];
};

const tilesOf = (facts: readonly OracleFact[], nowMs: number): readonly number[] => {
  const views = facts.filter(({ kind }) => kind === 'page' || kind === 'screen');
  const tiles = new Set(views.map(({ timestamp }) => Math.floor(timestamp / TILE_MS)));
  return [...tiles].filter((tile) => tile * TILE_MS >= nowMs - DAY_MS);
};

export const tilesAreBounded = (facts: readonly OracleFact[], nowMs: number): boolean =>
  tilesOf(facts, nowMs).length > TILES_KEPT;
