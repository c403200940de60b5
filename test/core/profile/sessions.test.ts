import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compileProfile,
  facetDifferences,
  foldFacets,
  noFacets,
} from '../../../functions/core/profile/facets.ts';
import { oracleProfile } from '../../../functions/core/profile/oracle.ts';
import {
  addSteps,
  sessionDifferences,
} from '../../../functions/core/profile/session-differences.ts';
import {
  addToSessions,
  boundSessions,
  decodeSessions,
  encodeSessions,
  noSessions,
  type SessionEvent,
  type SessionStep,
  type Sessions,
} from '../../../functions/core/profile/sessions.ts';
import { epochMs, utcDayOf } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';
import { counted, factOf, history, NOW, type Told } from '../../support/counted-events.ts';

const MINUTE = 60_000;
const GAP = 30 * MINUTE;
const event = (at: number, more: Partial<SessionEvent> = {}): SessionEvent => ({
  user: 'u',
  eventId: `e${at}`,
  at: epochMs(at),
  label: undefined,
  page: undefined,
  ...more,
});
const steps = (...events: readonly SessionEvent[]): readonly SessionStep[] => {
  let sessions: Sessions = noSessions;
  return events.map((each) => {
    const step = addToSessions(sessions, each);
    sessions = decodeSessions(encodeSessions(boundSessions(step.sessions)));
    return step;
  });
};
const after = (...events: readonly SessionEvent[]): Sessions =>
  steps(...events).at(-1)?.sessions ?? noSessions;

test('exactly 30 minutes apart is one session, a millisecond more is two', () => {
  expect(after(event(0), event(GAP)).kept).toHaveLength(1);
  expect(after(event(0), event(GAP + 1)).kept).toHaveLength(2);
  expect(after(event(GAP), event(0)).kept).toHaveLength(1);
  expect(after(event(GAP + 1), event(0)).kept).toHaveLength(2);
});

test('a session keeps the id it was born with; merged ones keep the older', () => {
  const [first] = after(event(2 * GAP)).kept;
  const grown = after(event(2 * GAP), event(2 * GAP - MINUTE)).kept;
  expect(grown[0]).toMatchObject({ id: first?.id, start: 2 * GAP - MINUTE, events: 2 });
  const older = after(event(0)).kept[0];
  const bridged = after(event(2 * GAP), event(0), event(GAP)).kept;
  expect(bridged).toEqual([{ id: older?.id, start: 0, end: 2 * GAP, events: 3 }]);
  expect(older?.id).toMatch(/^[0-9a-f]{16}$/);
  expect(after(event(0, { user: 'v' })).kept[0]?.id).not.toBe(older?.id);
});

test('the label is that of the earliest event with one; entry and exit are first and last page', () => {
  const told = [
    event(5 * MINUTE, { label: 'second', page: 'cart' }),
    event(0),
    event(MINUTE, { label: 'first', page: 'home' }),
    event(9 * MINUTE, { page: 'thanks' }),
    event(10 * MINUTE),
  ];
  expect(after(...told).kept[0]).toMatchObject({
    label: { text: 'first', at: MINUTE },
    entry: { text: 'home', at: MINUTE },
    exit: { text: 'thanks', at: 9 * MINUTE },
    events: 5,
  });
});

test('the fifth session drops the oldest, and its floor makes events up to 30 minutes after it late', () => {
  const five = [0, 1, 2, 3, 4].map((index) => event(index * 3 * GAP));
  const { kept, floor } = after(...five);
  expect(kept.map(({ start }) => start)).toEqual([3 * GAP, 6 * GAP, 9 * GAP, 12 * GAP]);
  expect(floor).toBe(0);
  expect(steps(...five, event(GAP)).at(-1)).toMatchObject({ late: true, before: [], after: [] });
  expect(steps(...five, event(GAP + 1)).at(-1)).toMatchObject({ late: false });
  expect(addSteps(sessionDifferences.empty, steps(...five, event(GAP))).late).toBe(1);
});

test('five sessions that all come late are counted, each once, though none of them stays', () => {
  const now = [100, 103, 106, 109].map((index) => event(index * GAP));
  const late = [1, 4, 7, 10, 13].map((index) => event(index * GAP));
  const all = steps(...now, ...late);
  expect(all.at(-1)?.sessions.floor).toBe(13 * GAP);
  const sums = all
    .map((step) => addSteps(sessionDifferences.empty, [step]))
    .flatMap(({ days }) => [...days.values()]);
  expect(sums.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(9);
});

test('an event that bridges a dropped and a kept session is late', () => {
  const told = [0, 59, 200, 300, 400].map((minute) => event(minute * MINUTE));
  const bridge = steps(...told, event(30 * MINUTE)).at(-1);
  expect(bridge?.late).toBe(true);
  expect(bridge?.sessions.kept[0]).toMatchObject({ start: 59 * MINUTE, events: 1 });
});

test('differences are the sums over the sessions that the oracle sees', () => {
  const definitions = compileProfile(config);
  fc.assert(
    fc.property(history(NOW, 20), (events) => {
      const born = noFacets(definitions);
      const facets = foldFacets(born, events, definitions);
      fc.pre(facets.sessions.floor === undefined);
      const expected = new Map<number, { sessions: number; bounces: number; durationMs: number }>();
      for (const each of oracleProfile(events.map(factOf), NOW, config).sessions) {
        const day = utcDayOf(each.start);
        const sum = expected.get(day) ?? { sessions: 0, bounces: 0, durationMs: 0 };
        sum.sessions += 1;
        sum.bounces += each.events === 1 ? 1 : 0;
        sum.durationMs += each.end - each.start;
        expected.set(day, sum);
      }
      const got = facetDifferences(born, facets).sessions.map(
        ({ day, sessions, bounces, durationMs }) => [day, { sessions, bounces, durationMs }],
      );
      expect(got).toEqual([...expected].sort(([a], [b]) => a - b));
    }),
  );
});

test('a session that grows to the left over midnight moves to the earlier day, pages and all', () => {
  const definitions = compileProfile(config);
  const midnight = Date.UTC(2026, 10, 21);
  const page = (at: number, name: string): Told => ({ kind: 'page', at, page: name });
  const fold = (before: ReturnType<typeof noFacets>, told: Told) =>
    foldFacets(before, [counted(told)], definitions);
  const first = fold(noFacets(definitions), page(midnight + MINUTE, 'cart'));
  const second = fold(first, page(midnight - MINUTE, 'home'));
  const today = utcDayOf(epochMs(midnight));
  expect(facetDifferences(first, second)).toEqual({
    lateForSessions: 0,
    sessions: [
      {
        day: today - 1,
        sessions: 1,
        bounces: 0,
        durationMs: 2 * MINUTE,
        entries: { home: 1 },
        exits: { cart: 1 },
      },
      {
        day: today,
        sessions: -1,
        bounces: -1,
        durationMs: 0,
        entries: { cart: -1 },
        exits: { cart: -1 },
      },
    ],
  });
});

test('identify, group and alias open no session', () => {
  const definitions = compileProfile(config);
  for (const kind of ['identify', 'group', 'alias'] as const) {
    const facets = foldFacets(noFacets(definitions), [counted({ kind, at: NOW })], definitions);
    expect(facets.sessions.kept).toEqual([]);
  }
});
