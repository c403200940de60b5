import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBallot } from '../../../functions/core/recommend/ballot.ts';
import { foremost } from '../../../functions/core/recommend/foremost.ts';
import { mix } from '../../../functions/core/recommend/mix.ts';
import {
  BLENDED_SOURCES,
  RULES_MAX,
  recommendConfigOf,
  recommendFaults,
} from '../../../functions/core/recommend/settings.ts';

const word = fc.record({
  source: fc.constantFrom(...BLENDED_SOURCES),
  item: fc.integer({ min: 0, max: 2_500 }).map(String),
  amount: fc.constantFrom(0, 0.25, 0.5, 1, 2),
  voice: fc.constantFrom('v1', 'v2', 'v3'),
});

test('a ballot counts as one map for each source would', () => {
  const { weights } = recommendConfigOf({ preset: 'commerce' });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (words) => {
      const isOdd = (item: string) => Number(item) % 2 === 1;
      const ballot = openBallot((item) => !isOdd(item));
      ballot.scaleBy('personal', 3);
      const sums = new Map<string, number>();
      for (const { source, item, amount, voice } of words) {
        ballot.speaker(source)(item, amount, voice);
        if (isOdd(item)) {
          const key = `${source} ${item}`;
          sums.set(key, (sums.get(key) ?? 0) + amount);
        }
      }
      const { items, scores, saidOf } = ballot.count(weights);
      const mostOf = (source: string) =>
        Math.max(
          source === 'personal' ? 3 : 0,
          ...[...sums].filter(([key]) => key.startsWith(source)).map(([, sum]) => sum),
        );
      expect(new Set(items)).toEqual(new Set(words.map(({ item }) => item).filter(isOdd)));
      expect(new Set(items).size).toBe(items.length);
      for (const [place, item] of items.entries()) {
        const shares = BLENDED_SOURCES.map((source) => {
          const most = mostOf(source);
          return most === 0 ? 0 : (weights[source] * (sums.get(`${source} ${item}`) ?? 0)) / most;
        });
        const score = shares.reduce((sum, share) => sum + share, 0);
        expect(scores[place]).toBeCloseTo(score, 12);
        const said = saidOf(place);
        expect(said.share).toBeCloseTo(Math.max(...shares), 12);
        if (said.share === 0) continue;
        const loudest = Math.max(
          ...words
            .filter(({ source, item: each }) => source === said.source && each === item)
            .map(({ amount }) => amount),
        );
        expect(words).toContainEqual({
          source: said.source,
          item,
          amount: loudest,
          voice: said.voice,
        });
      }
    }),
  );
});

test('a ballot of thousands forgets nobody', () => {
  const ballot = openBallot(() => false);
  for (let item = 0; item < 5_000; item += 1) ballot.speaker('similar')(String(item), item, 'v');
  const { scores } = ballot.count({
    ...recommendConfigOf({ preset: 'taste' }).weights,
    similar: 1,
  });
  expect(scores.length).toBe(5_000);
  expect(scores.every((score, item) => Math.abs(score - item / 4_999) < 1e-12)).toBe(true);
});

test('the loudest voice of an item outlasts those who come after it', () => {
  const ballot = openBallot(() => false);
  const speak = ballot.speaker('similar');
  speak('first', 2, 'loud');
  for (let item = 0; item < 5_000; item += 1) speak(String(item), 1, 'crowd');
  speak('first', 1, 'late');
  const { weights } = recommendConfigOf({ preset: 'taste' });
  expect(ballot.count(weights).saidOf(0)).toMatchObject({ item: 'first', voice: 'loud' });
});

test('the foremost are what sorting gives', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), fc.integer({ min: 1, max: 20 }), (scores, most) => {
      const isBefore = (left: number, right: number) => {
        const [more, less] = [scores[left] ?? 0, scores[right] ?? 0];
        return more === less ? left < right : more > less;
      };
      const sorted = scores.map((_, place) => place).sort((l, r) => (isBefore(l, r) ? -1 : 1));
      expect(foremost(scores.length, most, isBefore)).toEqual(sorted.slice(0, most));
    }),
    { numRuns: 1_000 },
  );
});

test('mixing takes at each turn what then has most', () => {
  const candidate = fc.record({ item: fc.string(), score: fc.constantFrom(1, 2, 3) });
  fc.assert(
    fc.property(fc.array(candidate), fc.nat(10), (candidates, wanted) => {
      const categoryOf = (item: string) =>
        item.length % 3 === 0 ? undefined : `${item.length % 3}`;
      const page = mix(candidates, { wanted, diversity: 0.5, categoryOf });
      expect(page).toHaveLength(Math.min(wanted, candidates.length));
      const rest = [...candidates];
      for (const [turn, { item, score }] of page.entries()) {
        const before = page.slice(0, turn);
        const worth = (one: { item: string; score: number }) => {
          const category = categoryOf(one.item);
          const same = before.filter((each) => categoryOf(each.item) === category).length;
          return one.score * (category === undefined ? 1 : 0.5 ** same);
        };
        expect(score).toBe(Math.max(...rest.map(worth)));
        rest.splice(
          rest.findIndex((one) => one.item === item && worth(one) === score),
          1,
        );
      }
    }),
  );
});

test('what a section of the config gets wrong is said, all of it', () => {
  expect(recommendFaults({ preset: 'commerce' })).toEqual([]);
  const rule = { name: 'r', when: [], do: { boost: 11 } };
  expect(
    recommendFaults({
      preset: 'tast' as 'taste',
      weights: { similar: -1 },
      seenHours: -1,
      boughtDays: Number.NaN,
      diversity: 0,
      explore: 6,
      rules: [rule, { name: 'r', when: [{ of: 'id' }], do: { pin: 0 } }],
    }),
  ).toEqual([
    'preset is commerce or taste',
    'weights.similar is at least 0',
    'seenHours is at least 0',
    'boughtDays is at least 0',
    'diversity lies above 0, and is at most 1',
    'explore is 0 to 5 of ten places',
    'two rules have one name',
    'rule r: it needs a condition',
    'rule r: a boost lies from 0.1 to 10',
    'rule r: a place is 1, 2, …',
  ]);
  const many = Array.from({ length: RULES_MAX + 1 }, (_, place) => ({
    name: `r${place}`,
    when: [{ of: 'id' as const, is: ['x'] }],
    do: { exclude: true as const },
  }));
  expect(recommendFaults({ preset: 'taste', rules: many })).toEqual([`at most ${RULES_MAX} rules`]);
});
