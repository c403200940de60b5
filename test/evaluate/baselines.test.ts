import { expect, test } from 'vitest';
import type { Ranker } from '../../evaluate/ranker.ts';
import { behind, inDemand } from '../../evaluate/rankers/in-demand.ts';
import { personalFrequency } from '../../evaluate/rankers/personal-frequency.ts';
import { popularity } from '../../evaluate/rankers/popularity.ts';
import { recentPopularity } from '../../evaluate/rankers/recent-popularity.ts';
import { untunedCovisitation } from '../../evaluate/rankers/untuned-covisitation.ts';
import { days, epochMs } from '../../functions/core/time.ts';

const at = (day: number) => epochMs(days(20_000 + day));
const teach = (ranker: Ranker, acts: readonly (readonly [string, number, ...string[]])[]) => {
  for (const [user, day, ...items] of acts)
    ranker.learn({ user, at: at(day), event: 'Order Completed', items });
  return (user: string, day: number, ...exclude: string[]) =>
    ranker
      .prepare({ user, at: at(day), exclude: new Set(exclude) })()
      .map(([item]) => item);
};

test('popularity counts all of the past, recent popularity the last weeks', () => {
  const acts = [
    ['u', 0, 'old'],
    ['v', 0, 'old'],
    ['w', 0, 'old'],
    ['u', 30, 'new'],
  ] as const;
  expect(teach(popularity(), acts)('x', 31)).toEqual(['old', 'new']);
  expect(teach(recentPopularity(), acts)('x', 31)).toEqual(['new', 'old']);
  expect(teach(recentPopularity(), acts)('x', 31, 'new')).toEqual(['old']);
});

test('in demand stays in order however counts overtake each other', () => {
  const demand = inDemand();
  const counts = new Map<string, number>();
  for (let step = 0; step < 2_000; step += 1) {
    const item = `i${(step * step * 7 + step * 3) % 37}`;
    demand.count(item);
    counts.set(item, (counts.get(item) ?? 0) + 1);
  }
  const top = demand.top(new Set());
  expect(top.length).toBeGreaterThan(0);
  for (const [item, times] of top) expect(times).toBe(counts.get(item));
  expect(top.map(([, times]) => times)).toEqual(
    [...counts.values()].sort((left, right) => right - left).slice(0, top.length),
  );
});

test('the user’s own comes first, the more often and the later the better; of equals what is in demand', () => {
  const said = teach(personalFrequency(), [
    ['u', 0, 'twice', 'rare', 'wanted'],
    ['v', 1, 'wanted', 'others'],
    ['u', 2, 'twice'],
  ]);
  expect(said('u', 3)).toEqual(['twice', 'wanted', 'rare', 'others']);
  expect(said('stranger', 3).slice(0, 2)).toEqual(['twice', 'wanted']);
});

test('what was had together or after comes first, then what is popular', () => {
  const said = teach(untunedCovisitation(), [
    ['v', 0, 'tea', 'lemon'],
    ['w', 1, 'bread'],
    ['w', 2, 'butter'],
    ['x', 2, 'jam'],
    ['y', 3, 'bread'],
  ]);
  expect(said('y', 4, 'bread')[0]).toBe('butter');
  expect(said('y', 4, 'bread')).toContain('jam');
});

test('behind a user’s own there is no item twice, and none that is excluded', () => {
  const own = new Map([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  const demand = () =>
    [
      ['b', 9],
      ['d', 5],
      ['e', 4],
    ] as const;
  const items = behind(own, demand, new Set(['c', 'e'])).map(([item]) => item);
  expect(items).toEqual(['b', 'a', 'd']);
});
