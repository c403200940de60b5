import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstOfOrder } from '../../../functions/core/profile/oracle.ts';
import { type OracleValue, oracleTag } from '../../../functions/core/profile/tag-oracle.ts';
import { compileTags } from '../../../functions/core/tags/compile.ts';
import {
  lifetime,
  over,
  type TagDefinition,
  type TagSource,
} from '../../../functions/core/tags/definition.ts';
import {
  type CountedEvent,
  decodeTags,
  encodeTags,
  foldTags,
  noTags,
  type Tags,
} from '../../../functions/core/tags/fold.ts';
import type { Off } from '../../../functions/core/tags/off.ts';
import { type ReadTag, readAllTags } from '../../../functions/core/tags/read.ts';
import {
  days,
  type EpochMs,
  epochMs,
  hours,
  startOfUtcDay,
  utcDayOf,
} from '../../../functions/core/time.ts';
import { arbitraryLog, countedOf } from '../../support/arbitrary-logs.ts';
import { arbitraryTag } from '../../support/arbitrary-tags.ts';
import { counted, factOf, NOW } from '../../support/counted-events.ts';
import { offByOracle } from '../../support/off-by-oracle.ts';

const TODAY = utcDayOf(NOW);
const compiled = (tag: TagDefinition) =>
  compileTags({ tags: [tag], segments: { rules: [], otherwise: 'x' } });

/** In batches of this size, each stored and read again, as the aggregator does. */
const folded = (
  tag: TagDefinition,
  events: readonly CountedEvent[],
  batch: number,
  since = epochMs(0),
): Tags => {
  const known = compiled(tag).folded;
  let tags = noTags(known, since);
  let newest = epochMs(0);
  for (let start = 0; start < events.length; start += batch) {
    const some = events.slice(start, start + batch);
    newest = epochMs(Math.max(newest, ...some.map(({ arrivedAt }) => arrivedAt)));
    tags = foldTags(tags, some, newest);
    tags = decodeTags(JSON.parse(JSON.stringify(encodeTags(tags))), known, newest);
  }
  return tags;
};

const rawOf = (served: ReadTag | undefined): OracleValue | undefined => {
  const value = served?.value;
  if (value === undefined) return undefined;
  if (value.type === 'string') return value.text;
  return value.type === 'instant' ? value.at : value.amount;
};

const meant = (tag: TagDefinition, events: readonly CountedEvent[], now: EpochMs) => {
  const facts = events.map(factOf);
  return oracleTag(tag, facts, firstOfOrder(facts), now);
};

const nightOf = (tag: TagDefinition, events: readonly CountedEvent[], cut: number): Off =>
  offByOracle(compiled(tag).lake, events.map(factOf), {
    cut,
    now: epochMs(startOfUtcDay(cut) + hours(3)),
  });

const servedBy = (tag: TagDefinition, tags: Tags, off: Off | undefined, now: EpochMs) =>
  readAllTags(tags, off, compiled(tag).offered, now)[0];

const recentCuts = fc.integer({ min: TODAY - 4, max: TODAY });
const cuts = fc.oneof(recentCuts, fc.integer({ min: TODAY - 45, max: TODAY }));
const batches = fc.integer({ min: 1, max: 30 });
const both = arbitraryTag(['both']);

test('many events, beyond what a profile keeps: right, or partial', () => {
  fc.assert(
    fc.property(
      both,
      arbitraryLog(NOW, { eventsMax: 300 }),
      cuts,
      batches,
      (tag, log, cut, batch) => {
        const events = countedOf(log);
        const served = servedBy(tag, folded(tag, events, batch), nightOf(tag, events, cut), NOW);
        if (served?.partial !== true) expect(rawOf(served)).toBe(meant(tag, events, NOW));
      },
    ),
    { numRuns: 150 },
  );
});

test('a stream that began late is whole where the nightly has what came before, else partial', () => {
  const filled = new Map<string, number>();
  fc.assert(
    fc.property(
      both,
      arbitraryLog(NOW),
      recentCuts,
      fc.integer({ min: 0, max: 14 }),
      (tag, log, cut, ago) => {
        const events = countedOf(log);
        const since = epochMs(startOfUtcDay(TODAY - ago) + 1);
        const mine = events.filter(({ arrivedAt }) => arrivedAt >= since);
        const tags = folded(tag, mine, 5, since);
        const told = JSON.stringify(tag);
        const off = nightOf(tag, events, cut);
        for (const served of [servedBy(tag, tags, undefined, NOW), servedBy(tag, tags, off, NOW)]) {
          if (served?.partial === false) expect(rawOf(served), told).toBe(meant(tag, events, NOW));
        }
        if (since > startOfUtcDay(cut) || cut <= TODAY - 8) return;
        expect(servedBy(tag, tags, off, NOW)?.partial, told).toBe(false);
        if (mine.length < events.length && meant(tag, mine, NOW) !== meant(tag, events, NOW)) {
          filled.set(tag.measure.op, (filled.get(tag.measure.op) ?? 0) + 1);
        }
      },
    ),
    { numRuns: 2_500 },
  );
  for (const op of ['count', 'sum', 'min', 'max', 'first']) {
    expect(filled.get(op) ?? 0, op).toBeGreaterThan(0);
  }
});

test('at each moment of a load: none yet, the old item, the new one: right, or partial', () => {
  let old = 0;
  fc.assert(
    fc.property(both, arbitraryLog(NOW), cuts, cuts, batches, (tag, log, one, other, batch) => {
      const events = countedOf(log);
      const tags = folded(tag, events, batch);
      const offs = [undefined, ...[one, other].map((cut) => nightOf(tag, events, cut))];
      for (const off of offs) {
        const served = servedBy(tag, tags, off, NOW);
        if (served?.partial !== false) continue;
        expect(rawOf(served), JSON.stringify(tag)).toBe(meant(tag, events, NOW));
        if (off && off.cut < Math.max(one, other)) old += 1;
      }
    }),
    { numRuns: 700 },
  );
  expect(old).toBeGreaterThan(100);
});

const summed = both.filter(({ measure }) => measure.op === 'count' || measure.op === 'sum');

test('copies that slipped through the stream are served from the cut on, and gone after their night', () => {
  let wrong = 0;
  fc.assert(
    fc.property(summed, arbitraryLog(NOW), cuts, (tag, log, cut) => {
      const events = countedOf(log);
      const firsts = new Set(events.map(({ event }) => event));
      // As the memory of orders leaves them: an order never counts again, everything else does.
      const copies = log
        .filter((event) => !firsts.has(event))
        .map((event) => ({ ...countedOf([event])[0], orderCounts: false }) as CountedEvent);
      const all = [...events, ...copies].sort((a, b) => a.arrivedAt - b.arrivedAt);
      const tags = folded(tag, all, 7);
      const slipped = copies.filter(({ arrivedAt }) => arrivedAt >= startOfUtcDay(cut));
      const served = servedBy(tag, tags, nightOf(tag, events, cut), NOW);
      if (served?.partial !== false) return;
      const right = Number(meant(tag, events, NOW));
      const facts = slipped.map(factOf);
      const more = Number(oracleTag(tag, facts, new Set(), NOW));
      expect(rawOf(served), JSON.stringify(tag)).toBe(right + more);
      if (more !== 0) wrong += 1;
      const after = servedBy(tag, tags, nightOf(tag, events, TODAY + 1), epochMs(NOW + days(1)));
      if (after?.partial === false) {
        expect(rawOf(after)).toBe(meant(tag, events, epochMs(NOW + days(1))));
      }
    }),
    { numRuns: 1_000 },
  );
  expect(wrong).toBeGreaterThan(20);
});

const countOf = (period: TagDefinition['period'], source: TagSource = 'both'): TagDefinition =>
  ({ name: 'tag', measure: { op: 'count' }, events: {}, period, source }) as TagDefinition;
const daysAgo = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const at = NOW - days(count - 1 - index);
    return counted({ at, arrivedAt: at }, index);
  });

test('event days that a profile gave up are the nightly job’s, and missed where it has them not', () => {
  const tag = countOf(over({ days: 60 }));
  const events = daysAgo(55);
  const tags = folded(tag, events, 1);
  expect(servedBy(tag, tags, undefined, NOW)?.partial).toBe(true);
  expect(servedBy(tag, tags, nightOf(tag, events, TODAY - 50), NOW)?.partial).toBe(true);
  const served = servedBy(tag, tags, nightOf(tag, events, TODAY), NOW);
  expect(rawOf(served)).toBe(55);
});

test('a user who said nothing for weeks keeps an old item, and a new event counts beside it', () => {
  for (const tag of [countOf(lifetime()), countOf(over({ days: 90 }))]) {
    const old = daysAgo(40).slice(0, 10);
    const off = nightOf(tag, old, TODAY - 29);
    expect(servedBy(tag, folded(tag, old, 1), off, NOW)).toMatchObject({ partial: false });
    const tags = folded(tag, [...old, counted({ at: NOW, arrivedAt: NOW }, 99)], 1);
    const served = servedBy(tag, tags, off, NOW);
    expect([rawOf(served), served?.partial]).toEqual([11, false]);
    // The night that would have counted the last of them never ran.
    const early = nightOf(tag, old, TODAY - 32);
    const late = servedBy(tag, tags, early, NOW);
    // By event day every one of them is of a single day of arrival, and none is mixed.
    expect(late?.partial).toBe(tag.period.kind === 'lifetime');
    expect(rawOf(late)).toBe(tag.period.kind === 'lifetime' ? 18 : 11);
  }
});

test('what a tag meant before is served until the nightly job names what it means now', () => {
  const before = countOf(lifetime());
  const tag: TagDefinition = {
    ...before,
    events: { names: ['Signed Up'] },
    previously: { measure: before.measure, events: {}, period: before.period },
  } as unknown as TagDefinition;
  const { folded: known, lake, offered } = compiled(tag);
  const events = daysAgo(3);
  const tags = foldTags(noTags(known, epochMs(0)), events, NOW);
  const [now, earlier] = known.map(({ version }) => version);
  const facts = events.map(factOf);
  const night = (versions: readonly (string | undefined)[]) =>
    offByOracle(lake, facts, {
      cut: TODAY,
      now: NOW,
      versions: versions.flatMap((version) => version ?? []),
    });
  const served = (off: Off | undefined) => readAllTags(tags, off, offered, NOW)[0];
  expect(served(undefined)).toMatchObject({ version: earlier, value: { amount: 3 } });
  expect(served(night([earlier]))).toMatchObject({ version: earlier, value: { amount: 3 } });
  expect(served(night([earlier, now]))).toMatchObject({ version: now, value: { amount: 0 } });
});

test('a tag of the nightly job alone says nothing until a run has filled it', () => {
  const tag = countOf(over({ days: 90 }), 'batch');
  const events = daysAgo(3);
  const tags = folded(tag, events, 1);
  expect(servedBy(tag, tags, undefined, NOW)).toMatchObject({ value: undefined, partial: true });
  const { lake } = compiled(tag);
  const unfilled = offByOracle(lake, events.map(factOf), { cut: TODAY, now: NOW, versions: [] });
  expect(servedBy(tag, tags, unfilled, NOW)).toMatchObject({ value: undefined, partial: true });
  const served = servedBy(tag, tags, nightOf(tag, events, TODAY), NOW);
  expect(served).toMatchObject({ value: { amount: 2 }, partial: false, cut: TODAY });
});
