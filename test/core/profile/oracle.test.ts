import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answerFlatProfile, answerProfile } from '../../../functions/core/profile/answer.ts';
import {
  type CountedEvent,
  compileProfile,
  decodeFacets,
  encodeFacets,
  type Facets,
  foldFacets,
  noFacets,
} from '../../../functions/core/profile/facets.ts';
import { oracleProfile } from '../../../functions/core/profile/oracle.ts';
import type { OracleValue } from '../../../functions/core/profile/tag-oracle.ts';
import { microsToText } from '../../../functions/core/tags/amount.ts';
import { epochMs, toRfc3339 } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';
import { factOf, history, instantsBefore, NOW, USER } from '../../support/counted-events.ts';

const definitions = compileProfile(config);
const stored = (facets: Facets): Facets => decodeFacets(encodeFacets(facets), definitions);

/** Folded in batches of this size, each stored and read again, as the aggregator does. */
const foldedBy = (events: readonly CountedEvent[], batch: number): Facets => {
  let facets = noFacets(definitions);
  for (let start = 0; start < events.length; start += batch) {
    facets = stored(foldFacets(facets, events.slice(start, start + batch), definitions));
  }
  return facets;
};

const profileOf = (facets: Facets) => ({
  version: 1,
  facets,
  traits: {},
  newestArrivedAt: facets.newestArrivedAt ?? NOW,
});

/** Up to 12 events: no bound but that of sessions can be met. */
const cases = fc.tuple(history(NOW, 12), fc.integer({ min: 1, max: 12 }), instantsBefore(NOW));

test('a profile says what the oracle says, however its events were cut', () => {
  fc.assert(
    fc.property(cases, ([events, batch, moved]) => {
      fc.pre(events.length > 0);
      const now = epochMs(NOW + (NOW - Math.min(NOW, moved)));
      const profile = profileOf(foldedBy(events, batch));
      const native = answerProfile(USER, profile, definitions, now);
      const flat = answerFlatProfile(profile, definitions, now);
      const expected = oracleProfile(events.map(factOf), now, config);

      const money = (name: string) => name === 'revenue_30d' || name === 'ltv_total';
      const instant = (name: string) => name.endsWith('_seen');
      const text = (name: string, value: OracleValue) => {
        if (instant(name)) return toRfc3339(epochMs(Number(value)));
        return money(name) ? microsToText(Number(value)) : String(value);
      };
      const texts = Object.entries(expected.tags).map(([name, value]) => [name, text(name, value)]);
      expect(flat).toEqual({ ...Object.fromEntries(texts), segment_id: expected.segment });
      expect(native.segment.value).toBe(expected.segment);
      expect(Object.values(native.tags).filter((tag) => tag.partial)).toEqual([]);

      expect(native.interests.map(({ category }) => category).sort()).toEqual(
        expected.interests.map(({ category }) => category).sort(),
      );
      for (const { category, score } of expected.interests) {
        const served = native.interests.find((each) => each.category === category);
        expect(served?.score).toBeCloseTo(score, 2);
        expect(served?.error).toBe(0);
      }
      expect(native.recentItems).toEqual(expected.recentItems);
      expect(native.activityScore).toBeCloseTo(expected.activityScore, 3);
      // Five sessions at once leave a floor, below which events count late.
      if (profile.facets.sessions.floor === undefined) {
        expect(native.sessions.map(({ label: _, ...session }) => session)).toEqual(
          expected.sessions.map((each) => ({
            ...each,
            start: toRfc3339(each.start),
            end: toRfc3339(each.end),
          })),
        );
      }
    }),
    { numRuns: 400 },
  );
});

test('scores agree with the oracle to 1e-9 of themselves', () => {
  fc.assert(
    fc.property(history(NOW, 30), fc.integer({ min: 1, max: 30 }), (events, batch) => {
      fc.pre(events.length > 0);
      const { interests } = foldedBy(events, batch);
      const expected = oracleProfile(events.map(factOf), NOW, config).interests;
      for (const { category, score } of expected) {
        const log2 = interests.scores.get(category)?.score ?? Number.NaN;
        const active = (interests.activeAt ?? 0) - Date.UTC(2026, 0, 1);
        const served = 2 ** (log2 - active / (7 * 86_400_000));
        expect(Math.abs(served / score - 1)).toBeLessThan(1e-9);
      }
    }),
  );
});

test('a moved clock alone brings the windows down as the oracle says', () => {
  fc.assert(
    fc.property(history(NOW, 10), instantsBefore(NOW), (events, mirrored) => {
      fc.pre(events.length > 0);
      const facets = foldedBy(events, 3);
      const now = epochMs(NOW + Math.abs(NOW - mirrored));
      const flat = answerFlatProfile(profileOf(facets), definitions, now);
      const { tags } = oracleProfile(events.map(factOf), now, config);
      for (const name of ['views_5m', 'views_24h', 'clicks_5m', 'orders_30d', 'adds_24h']) {
        expect(flat[name], name).toBe(String(tags[name]));
      }
    }),
  );
});
