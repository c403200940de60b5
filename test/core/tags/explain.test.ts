/** Tiles add up to what is served, and the events named are those that the oracle would name. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type CountedEvent,
  compileProfile,
  decodeFacets,
  encodeFacets,
  type Facets,
  foldFacets,
  noFacets,
} from '../../../functions/core/profile/facets.ts';
import { type OracleFact, oracleProfile } from '../../../functions/core/profile/oracle.ts';
import { addAmounts } from '../../../functions/core/tags/amount.ts';
import { compileTags } from '../../../functions/core/tags/compile.ts';
import { combined, explainTag, type TagTiles } from '../../../functions/core/tags/explain.ts';
import { foldTags, noTags } from '../../../functions/core/tags/fold.ts';
import { comparableOf, readStream } from '../../../functions/core/tags/read.ts';
import { type EpochMs, epochMs } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';
import { arbitraryLog, countedOf } from '../../support/arbitrary-logs.ts';
import { arbitraryTag } from '../../support/arbitrary-tags.ts';
import { counted, factOf, history, instantsBefore, NOW } from '../../support/counted-events.ts';

const definitions = compileProfile(config);

const foldedBy = (events: readonly CountedEvent[], batch: number): Facets => {
  let facets = noFacets(definitions);
  for (let start = 0; start < events.length; start += batch) {
    const folded = foldFacets(facets, events.slice(start, start + batch), definitions);
    facets = decodeFacets(encodeFacets(folded), definitions);
  }
  return facets;
};

const explained = (facets: Facets, now: EpochMs) =>
  facets.tags.states.map((state) => ({
    name: state.tag.definition.name,
    served: readStream({ states: [state] }, now)[0],
    tiles: explainTag(state, now),
  }));

const sumOf = ({ tiles }: TagTiles): number =>
  tiles.reduce((sum, { amount }) => addAmounts(sum, amount), 0);

/** A little past now too, where windows have moved on. */
const laterThan = (mirrored: number): EpochMs => epochMs(NOW + Math.max(0, NOW - mirrored));
const cases = (eventsMax: number) =>
  fc.tuple(history(NOW, eventsMax), fc.integer({ min: 1, max: 12 }), instantsBefore(NOW));

test('the tiles of a tag add up to the value that is served in the same instant', () => {
  fc.assert(
    fc.property(cases(120), ([events, batch, mirrored]) => {
      fc.pre(events.length > 0);
      const now = laterThan(mirrored);
      for (const { name, served, tiles } of explained(foldedBy(events, batch), now)) {
        if (tiles.kind === 'instant') continue;
        expect(served, name).toBeDefined();
        expect(sumOf(tiles) / tiles.unit, name).toBe(served && comparableOf(served.value));
        for (const { start } of tiles.tiles) {
          if (start === undefined) continue;
          expect(start, name).toBeGreaterThanOrEqual(tiles.from ?? 0);
          expect(start % (tiles.hopMs ?? 1), name).toBe(0);
        }
      }
    }),
    { numRuns: 300 },
  );
});

/** What the oracle says without the event: an event was in a value if the value misses it. */
const namedByOracle = (facts: readonly OracleFact[], now: EpochMs, tag: string): Set<string> => {
  const whole = oracleProfile(facts, now, config).tags[tag] ?? 0;
  const alone = facts.filter((fact) => {
    const without = oracleProfile(
      facts.filter((other) => other !== fact),
      now,
      config,
    ).tags[tag];
    return (without ?? 0) !== whole;
  });
  return new Set(alone.map(({ eventId }) => eventId));
};

test('the events that lie in the tiles are exactly those that the oracle counts', () => {
  fc.assert(
    fc.property(cases(12), ([events, batch, mirrored]) => {
      fc.pre(events.length > 0);
      const now = laterThan(mirrored);
      const facts = events.map(factOf);
      for (const { name, tiles } of explained(foldedBy(events, batch), now)) {
        if (tiles.kind === 'instant') continue;
        const mine = events.filter((event) => tiles.amountOf(event) !== undefined);
        const named = new Set(mine.map(({ event }) => event.eventId));
        expect(named, name).toEqual(namedByOracle(facts, now, name));
        const sum = mine.reduce((all, event) => addAmounts(all, tiles.amountOf(event) ?? 0), 0);
        expect(sum, name).toBe(sumOf(tiles));
      }
    }),
    { numRuns: 200 },
  );
});

test('an instant is explained by the events of that very instant', () => {
  fc.assert(
    fc.property(history(NOW, 12), (events) => {
      fc.pre(events.length > 0);
      const times = events.map(({ timestamp }) => timestamp);
      const all = explained(foldedBy(events, 5), NOW);
      for (const [name, at] of [
        ['first_seen', Math.min(...times)],
        ['last_seen', Math.max(...times)],
      ] as const) {
        const tiles = all.find((each) => each.name === name)?.tiles;
        const mine = events.filter((event) => tiles?.amountOf(event) === 1);
        expect(mine).toEqual(events.filter(({ timestamp }) => timestamp === at));
      }
    }),
  );
});

test('below a floor events are in no tile, and the floor is named', () => {
  const day = 86_400_000;
  const order = { name: 'Order Completed', orders: 1, revenueMicros: 1_000_000 } as const;
  const orders = Array.from({ length: 60 }, (_, index) =>
    counted({ ...order, at: NOW - Math.max(0, index - 20) * day, arrivedAt: NOW }, index),
  );
  const views = Array.from({ length: 40 }, (_, index) =>
    counted({ kind: 'page', at: NOW - index * 10_000, arrivedAt: NOW }, 60 + index),
  );
  const events = [...orders, ...views];
  const { states } = foldedBy(events, 1).tags;
  const floorAt = (name: string, now: number): number | undefined => {
    const state = states.find(({ tag }) => tag.definition.name === name);
    if (state === undefined) throw new Error(`${name} is folded`);
    const tiles = explainTag(state, epochMs(now));
    const mine = events.filter((event) => tiles.amountOf(event) !== undefined);
    expect(mine.length, name).toBe(sumOf(tiles));
    expect(mine.length, name).toBeLessThan(events.length);
    const at = Math.min(...mine.map(({ timestamp }) => timestamp));
    expect(at, name).toBeGreaterThanOrEqual(Math.max(tiles.floor ?? 0, tiles.from ?? 0));
    return tiles.floor;
  };
  const today = NOW - (NOW % day);
  expect(floorAt('orders_30d', NOW)).toBe(today - 30 * day);
  // A reader whose clock is behind asks for more than is kept.
  expect(floorAt('orders_30d', NOW - 3 * day)).toBe(today - 30 * day);
  const tile = NOW - 60_000 - ((NOW - 60_000) % 10_000);
  expect(floorAt('views_5m', NOW - 600_000)).toBe(tile - 300_000);
});

test('of a tag that was defined later, events that arrived before it was are in no tile', () => {
  const [first] = config.tags;
  if (first === undefined) throw new Error('a tag is configured');
  const later = compileProfile({
    ...config,
    tags: [...config.tags, { ...first, name: 'new_tag' }],
  });
  const viewsAt = (...seconds: readonly number[]) =>
    seconds.map((ago, index) => counted({ kind: 'page', at: NOW - ago * 1_000 }, index));
  const [before, after] = [viewsAt(60, 50), viewsAt(40, 30, 20)];
  const known = encodeFacets(foldFacets(noFacets(definitions), before, definitions));
  const facets = foldFacets(decodeFacets(known, later), after, later);
  const state = facets.tags.states.find(({ tag }) => tag.definition.name === 'new_tag');
  if (state === undefined) throw new Error('the new tag is folded');
  const tiles = explainTag(state, NOW);
  expect(tiles.since).toBe(NOW - 50_000 + 1);
  expect([...before, ...after].filter((event) => tiles.amountOf(event) !== undefined)).toEqual(
    after,
  );
  expect(sumOf(tiles)).toBe(3);
});

test('of any tag the tiles make the value, and below the bounds its events do', () => {
  const later = fc.constantFrom(0, 61_000, 310_000, 86_400_000);
  const seen = new Set<string>();
  fc.assert(
    fc.property(arbitraryTag(['stream', 'both']), arbitraryLog(NOW), later, (tag, log, ms) => {
      const now = epochMs(NOW + ms);
      const events = countedOf(log);
      const known = compileTags({ tags: [tag], segments: { rules: [], otherwise: 'x' } }).folded;
      const { states } = foldTags(noTags(known, epochMs(0)), events, NOW);
      const [state] = states;
      const [served] = readStream({ states }, now);
      if (state === undefined || served === undefined) return;
      const tiles = explainTag(state, now);
      const mine = events.flatMap((event) => {
        const amount = tiles.amountOf(event);
        return amount === undefined ? [] : [{ amount }];
      });
      const { combining, total, unit } = tiles;
      const title = JSON.stringify(tag);
      seen.add(combining);
      if (combining === 'pick') {
        expect(mine.length, title).toBeGreaterThan(0);
      } else if (combining === 'top') {
        expect(tiles.tiles[0]?.part, title).toBe(
          served.value.type === 'string' && served.value.text,
        );
      } else {
        expect(total / unit, title).toBe(comparableOf(served.value));
        if (combining !== 'values') expect(combined(mine, combining), title).toBe(total);
      }
    }),
    { numRuns: 1_000 },
  );
  expect(seen).toEqual(new Set(['max', 'min', 'pick', 'sum', 'top', 'values']));
});
