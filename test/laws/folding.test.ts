import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CountedEvent } from '../../functions/core/profile/facets.ts';
import { foldInterests, interests, interestsOf } from '../../functions/core/profile/interests.ts';
import { pageOf } from '../../functions/core/profile/page-views.ts';
import { foldItems, itemsOf, recentItems } from '../../functions/core/profile/recent-items.ts';
import { addSteps, sessionDifferences } from '../../functions/core/profile/session-differences.ts';
import {
  addToSessions,
  noSessions,
  type SessionStep,
} from '../../functions/core/profile/sessions.ts';
import { config } from '../../tributary.config.ts';
import { history, NOW, USER } from '../support/counted-events.ts';

/** What folds many events in one go is held to the monoid that it is a shorter way through. */
const weights = new Map(Object.entries(config.interestWeights));
const cuts = fc.tuple(history(NOW, 20), fc.nat(20));

test('interests folded in one go are those merged one by one, floors and errors too', () => {
  fc.assert(
    fc.property(cuts, fc.constantFrom(undefined, 1, 40), ([events, cut], floor) => {
      const before = { ...interests.empty, floor };
      const merged = events
        .map(({ event, timestamp }) => interestsOf(event, timestamp, weights))
        .reduce(interests.merge, before);
      const first = foldInterests(before, events.slice(0, cut), weights);
      expect(foldInterests(first, events.slice(cut), weights)).toEqual(merged);
    }),
  );
});

test('items folded in one go are those merged one by one', () => {
  fc.assert(
    fc.property(cuts, ([events, cut]) => {
      const merged = events
        .map(({ event, timestamp }) => new Map([...itemsOf(event)].map((id) => [id, timestamp])))
        .reduce(recentItems.merge, recentItems.empty);
      const first = foldItems(recentItems.empty, events.slice(0, cut));
      expect(foldItems(first, events.slice(cut))).toEqual(merged);
    }),
  );
});

const stepsOf = (events: readonly CountedEvent[]): readonly SessionStep[] => {
  let sessions = noSessions;
  return events.map(({ event, timestamp: at }) => {
    const { eventId, sessionId: label } = event;
    const step = addToSessions(sessions, { user: USER, eventId, at, label, page: pageOf(event) });
    sessions = step.sessions;
    return step;
  });
};

test('steps of sessions added in one go are their differences merged one by one', () => {
  fc.assert(
    fc.property(cuts, ([events, cut]) => {
      const steps = stepsOf(events);
      const merged = steps
        .map((step) => addSteps(sessionDifferences.empty, [step]))
        .reduce(sessionDifferences.merge, sessionDifferences.empty);
      const first = addSteps(sessionDifferences.empty, steps.slice(0, cut));
      expect(addSteps(first, steps.slice(cut))).toEqual(merged);
    }),
  );
});
