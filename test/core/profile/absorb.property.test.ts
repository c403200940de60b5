/**
 * Absorb against the slow and obvious oracle: the first copy of each id counts, in raw order, and
 * nothing else does. What it leaves is compared after every delivery that a stream may make of it.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Envelope as CutEnvelope } from '../../../functions/core/event/envelope.ts';
import {
  decodeProfile,
  encodeProfile,
  type Profile,
} from '../../../functions/core/profile/codec.ts';
import { type Facets, foldFacets, noFacets } from '../../../functions/core/profile/facets.ts';
import type { Fx } from '../../../functions/core/profile/fx.ts';
import type { Envelope, EventLine } from '../../../functions/core/profile/line.ts';
import { encodeMemory } from '../../../functions/core/profile/memory-codec.ts';
import { encodeTags } from '../../../functions/core/tags/fold.ts';
import {
  absorbAll,
  definitions,
  enriched,
  envelopeOf,
  NOW,
  positionOf,
  requestOf,
  sentEvents,
  stubAt,
  totalsOf,
} from '../../support/enriched-lines.ts';

/** Requests over one pool of ids: resent verbatim, resent in parts, told anew. */
const POOL = sentEvents(90, 'p').map((event, n) =>
  n % 9 === 0
    ? { ...event, event: 'Order Completed', properties: { order_id: `o${n % 4}`, revenue: '3.50' } }
    : event,
);

type Request = readonly CutEnvelope[];
const requests: fc.Arbitrary<readonly Request[]> = fc.array(
  fc
    .tuple(fc.nat(89), fc.integer({ min: 1, max: 40 }))
    .map(([from, count]) => requestOf(POOL.slice(from, from + count))),
  { minLength: 1, maxLength: 9 },
);

/** Every envelope twice in a row here and there (a put whose answer was lost), over shards that split. */
const histories: fc.Arbitrary<readonly Envelope[]> = fc
  .tuple(requests, fc.infiniteStream(fc.constantFrom(0, 0, 0, 1)), fc.infiniteStream(fc.nat(9)))
  .map(([all, reshards, kinds]) => {
    let shard = 0;
    let place = 500;
    return all.flat().flatMap((cut) => {
      if (reshards.next().value === 1) {
        shard += 3;
        // A child counts from anywhere: only the shard's id says that it is later.
        place = 500 - shard;
      }
      const kind = kinds.next().value;
      const copies = kind === 0 ? 2 : 1;
      return Array.from({ length: copies }, (): Envelope => {
        place += 1;
        const at = positionOf(place, shard);
        const arrivedAt = NOW + shard * 60_000 + place;
        return kind === 1
          ? { position: at, lines: [stubAt(at)] }
          : envelopeOf(enriched(cut, at, arrivedAt), at);
      });
    });
  });

const isEvent = (line: Envelope['lines'][number]): line is EventLine => line.kind === 'event';

interface Expected {
  readonly facets: Facets;
  readonly totals: { applied: number; duplicate: number; parked: number };
}

/** No fences, no batches, no ring: a set of all ids ever, and a set of all orders ever. */
const oracle = (history: readonly Envelope[]): Expected => {
  const ids = new Set<string>();
  const orders = new Set<string>();
  const totals = { applied: 0, duplicate: 0, parked: 0 };
  let facets = noFacets(definitions);
  for (const line of history.flatMap(({ lines }) => lines)) {
    if (!isEvent(line)) {
      totals.parked += 1;
      continue;
    }
    if (ids.has(line.event.eventId)) {
      totals.duplicate += 1;
      continue;
    }
    totals.applied += 1;
    ids.add(line.event.eventId);
    const order = line.event.commerce?.orderId;
    const orderCounts = order === undefined || !orders.has(order);
    if (order !== undefined) orders.add(order);
    const { event, timestamp, arrivedAt } = line;
    facets = foldFacets(facets, [{ event, timestamp, arrivedAt, orderCounts }], definitions);
  }
  return { facets, totals };
};

/** Sums of logarithms agree to 1e-9, so scores are compared to that; all else exactly. */
const comparable = ({ tags, interests, items, sessions, pageViews, activity }: Facets) => ({
  tags: encodeTags(tags),
  interests: [...interests.scores]
    .map(([name, { score }]) => [name, score.toFixed(6)])
    .sort(([left], [right]) => ((left ?? '') < (right ?? '') ? -1 : 1)),
  items: [...items].sort(([left], [right]) => (left < right ? -1 : 1)),
  sessions,
  pageViews: [...pageViews.tiles].sort(([left], [right]) => left - right),
  activity: activity?.toFixed(6),
});

const sessionTotals = (effects: readonly Fx[]) => {
  const days = effects.flatMap(({ sessions }) => sessions);
  return {
    sessions: days.reduce((sum, day) => sum + day.sessions, 0),
    bounces: days.reduce((sum, day) => sum + day.bounces, 0),
    durationMs: days.reduce((sum, day) => sum + day.durationMs, 0),
  };
};

const sumOfSessions = ({ sessions, moved }: Facets) => ({
  sessions: [...moved.days.values()].reduce((sum, day) => sum + day.sessions, 0),
  bounces: [...moved.days.values()].reduce((sum, day) => sum + day.bounces, 0),
  durationMs: [...moved.days.values()].reduce((sum, day) => sum + day.durationMs, 0),
  kept: sessions.kept.length,
});

const profileIn = (profile: Profile | undefined): Profile => {
  if (profile === undefined) throw new Error('there is no profile');
  return profile;
};

const expectOracle = (profile: Profile | undefined, fx: readonly Fx[], expected: Expected) => {
  expect(totalsOf(fx)).toEqual(expected.totals);
  expect(comparable(profileIn(profile).facets)).toEqual(comparable(expected.facets));
  expect(fx.flatMap(({ events }) => events)).toHaveLength(expected.totals.applied);
  expect(profile?.duplicates).toBe(expected.totals.duplicate);
  const { kept, ...sums } = sumOfSessions(expected.facets);
  expect(sessionTotals(fx)).toEqual(sums);
  expect(kept).toBeLessThanOrEqual(4);
};

test('each id counts once, in raw order, however often and however cut it arrived', () => {
  fc.assert(
    fc.property(histories, (history) => {
      const { profile, fx } = absorbAll(undefined, history);
      expectOracle(profile, fx, oracle(history));
    }),
    { numRuns: 60 },
  );
});

/** Batches as a shard hands them over: each begins at or below what was read, and reaches further. */
const deliveries = fc.array(fc.tuple(fc.nat(8), fc.integer({ min: 1, max: 6 })), {
  minLength: 1,
  maxLength: 30,
});

const batchesOf = (
  history: readonly Envelope[],
  steps: readonly (readonly [back: number, forward: number])[],
): readonly (readonly Envelope[])[] => {
  const batches: (readonly Envelope[])[] = [];
  let read = 0;
  for (const [back, forward] of steps) {
    const to = Math.min(history.length, read + forward);
    batches.push(history.slice(Math.max(0, read - back), to));
    read = Math.max(read, to);
  }
  return [...batches, history.slice(read), history];
};

test('any cut into batches with any redelivery leaves the same profile, memory and totals', () => {
  fc.assert(
    fc.property(histories, deliveries, (history, steps) => {
      const whole = absorbAll(undefined, history);
      let profile: Profile | undefined;
      let version = 0;
      const fx: Fx[] = [];
      for (const batch of batchesOf(history, steps)) {
        const run = absorbAll(profile, batch);
        fx.push(...run.fx);
        expect(run.profile?.version ?? 0).toBeGreaterThanOrEqual(version);
        version = run.profile?.version ?? 0;
        // As the store would give it back.
        profile = run.profile && decodeProfile(encodeProfile(run.profile, ''), definitions);
      }
      expectOracle(profile, fx, oracle(history));
      expect(encodeMemory(profileIn(profile).memory)).toEqual(
        encodeMemory(profileIn(whole.profile).memory),
      );
    }),
    { numRuns: 60 },
  );
});

test('replaying any prefix changes nothing, not even the version', () => {
  fc.assert(
    fc.property(histories, fc.nat(40), (history, cut) => {
      const { profile } = absorbAll(undefined, history);
      const replay = absorbAll(profile, history.slice(0, cut));
      expect(replay.profile).toBe(profile);
      expect(replay.fx).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('applied, duplicate and parked add up to the lines above the fence, in every write', () => {
  fc.assert(
    fc.property(histories, fc.nat(30), (history, cut) => {
      const before = absorbAll(undefined, history.slice(0, cut));
      const after = absorbAll(before.profile, history);
      const { applied, duplicate, parked } = totalsOf(after.fx);
      const lines = history.slice(cut).reduce((sum, envelope) => sum + envelope.lines.length, 0);
      expect(applied + duplicate + parked).toBe(lines);
      for (const { events, minutes } of after.fx) {
        expect(events.length).toBeLessThanOrEqual(64);
        expect(minutes.reduce((sum, minute) => sum + minute.applied, 0)).toBe(events.length);
      }
    }),
    { numRuns: 30 },
  );
});
