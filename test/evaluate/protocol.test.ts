import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Act, type DataSet, itemsOf } from '../../evaluate/act.ts';
import { contestants, OURS, serving } from '../../evaluate/contestants.ts';
import { evaluate } from '../../evaluate/evaluation.ts';
import { evaluationDocuments } from '../../evaluate/page.ts';
import { evaluatePart } from '../../evaluate/prequential.ts';
import type { Question, Ranker } from '../../evaluate/ranker.ts';
import { tune } from '../../evaluate/tuning.ts';
import { days, epochMs, hours } from '../../functions/core/time.ts';

const DAY = 20_000;

const act = fc.record({
  user: fc.integer({ min: 0, max: 4 }).map((number) => `u${number}`),
  hour: fc.integer({ min: 0, max: 24 * 20 - 1 }),
  items: fc.uniqueArray(
    fc.integer({ min: 0, max: 12 }).map((number) => `i${number}`),
    { minLength: 1, maxLength: 4 },
  ),
});

const dataOf = (acts: readonly Act[]): DataSet => ({
  name: 'Some shop',
  source: 'made up',
  preset: 'commerce',
  acts,
  items: itemsOf(acts),
  validation: { from: epochMs(days(DAY + 5)), to: epochMs(days(DAY + 10)) },
  test: { from: epochMs(days(DAY + 10)), to: epochMs(days(DAY + 20)) },
  knownOnly: false,
  targets: [
    { name: 'all items', newOnly: false },
    { name: 'new items', newOnly: true },
  ],
  outlivesLists: true,
});

const logs = fc.array(act, { minLength: 5, maxLength: 60 }).map((acts) =>
  acts
    .map(
      ({ user, hour, items }): Act => ({
        user,
        items,
        at: epochMs(days(DAY) + hours(hour)),
        event: 'Order Completed',
      }),
    )
    .sort((left, right) => left.at - right.at),
);

/** Keeps what a ranker was asked and what it said. */
const overheard = (ranker: Ranker) => {
  const said: { readonly question: Question; readonly ranked: unknown }[] = [];
  const listening: Ranker = {
    name: ranker.name,
    learn: ranker.learn,
    prepare: (question) => {
      const rank = ranker.prepare(question);
      return () => {
        const ranked = rank();
        // The set grows with what the user has.
        said.push({ question: { ...question, exclude: new Set(question.exclude) }, ranked });
        return ranked;
      };
    },
  };
  return { said, listening };
};

const allSaid = (data: DataSet, frozen = false) => {
  const heard = contestants(data).map(overheard);
  const rankers = heard.map(({ listening }) => listening);
  const outcomes = evaluatePart({ data, part: data.test, rankers, frozen, clock: () => 0 });
  return { said: heard.map(({ said }) => said), outcomes };
};

test('what comes later changes nothing that was said before it', () => {
  fc.assert(
    fc.property(logs, fc.nat(), (acts, at) => {
      const planted = acts[at % acts.length];
      fc.pre(planted !== undefined);
      const { user, at: when } = planted;
      const later: Act = { user, at: when, event: 'Order Completed', items: ['planted', 'i1'] };
      const changed = [...acts, later].sort((left, right) => left.at - right.at);
      const before = allSaid(dataOf(acts)).said;
      const after = allSaid({ ...dataOf(changed), items: dataOf(acts).items }).said;
      for (const [place, said] of before.entries()) {
        const earlier = said.filter(({ question }) => question.at < when);
        expect(after[place]?.slice(0, earlier.length)).toEqual(earlier);
      }
    }),
    { numRuns: 40 },
  );
});

test('an act is learnt before the next is asked, and the act itself is not known when it is asked', () => {
  const order = (hour: number, ...items: string[]): Act => ({
    user: 'u',
    at: epochMs(days(DAY + 10) + hours(hour)),
    event: 'Order Completed',
    items,
  });
  const { said } = allSaid(dataOf([order(0, 'a'), order(1, 'b'), order(2, 'a')]));
  const ids = said[0]?.map(({ ranked }) => (ranked as [string, number][]).map(([id]) => id));
  // All items, then what is new to the user: nothing is, at first and at last.
  expect(ids).toEqual([[], ['a'], [], ['a', 'b']]);
});

test('of new items what was had is neither offered nor wanted; of all items nothing is hidden', () => {
  fc.assert(
    fc.property(logs, (acts) => {
      const data = dataOf(acts);
      const { said, outcomes } = allSaid(data);
      const had = (user: string, before: number) =>
        new Set(
          acts.filter((one) => one.user === user && one.at < before).flatMap(({ items }) => items),
        );
      for (const { question, ranked } of said.flat()) {
        const ids = (ranked as [string, number][]).map(([id]) => id);
        expect(ids.filter((id) => question.exclude.has(id))).toEqual([]);
        if (question.exclude.size > 0)
          expect([...had(question.user, question.at)].every((id) => question.exclude.has(id))).toBe(
            true,
          );
      }
      const asked = acts.filter(({ at }) => at >= data.test.from).length;
      expect(outcomes[0]?.questions).toBe(asked);
      expect(outcomes[1]?.questions).toBeLessThanOrEqual(asked);
    }),
    { numRuns: 40 },
  );
});

test('a split by time learns nothing of its part', () => {
  fc.assert(
    fc.property(logs, (acts) => {
      const data = dataOf(acts);
      const known = new Set(
        acts.filter(({ at }) => at < data.test.from).flatMap(({ items }) => items),
      );
      for (const { ranked } of allSaid(data, true).said.flat()) {
        expect((ranked as [string, number][]).filter(([id]) => !known.has(id))).toEqual([]);
      }
    }),
    { numRuns: 40 },
  );
});

/** Who buys bread buys butter the next day, and nobody else does. */
const breakfast = Array.from({ length: 40 }, (_, index): readonly Act[] => {
  const at = epochMs(days(DAY) + hours(index * 10));
  const first = {
    user: `u${index}`,
    at,
    event: 'Order Completed',
    items: [index % 2 ? 'bread' : 'tea'],
  };
  return [
    first,
    { ...first, at: epochMs(at + hours(24)), items: [index % 2 ? 'butter' : 'lemon'] },
  ];
})
  .flat()
  .sort((left, right) => left.at - right.at);

test('what ships finds what belongs together, and its figures say by how much', () => {
  const data = dataOf(breakfast);
  const given = { data, part: data.test, ours: OURS, clock: () => 0 };
  const evaluation = evaluate({ ...given, protocol: 'prequential', rankers: contestants(data) });
  const [, fresh] = evaluation.targets;
  const rowOf = (name: string) => fresh?.rows.find(({ ranker }) => ranker === name);
  expect(rowOf(OURS)?.ndcg.mean).toBeGreaterThan(rowOf('popularity')?.ndcg.mean ?? 1);
  const gain = fresh?.gains.find(({ over }) => over === 'popularity');
  const both = [rowOf(OURS)?.ndcg.mean ?? 0, rowOf('popularity')?.ndcg.mean ?? 0] as const;
  expect(gain?.ndcg.mean).toBeCloseTo(both[0] - both[1], 12);
  const documents = evaluationDocuments([evaluation], { seconds: 1, node: 'v24' });
  expect(documents.map(({ name }) => name)).toEqual(['evaluation.md', 'evaluation-some-shop.svg']);
  for (const { ranker } of fresh?.rows ?? []) expect(documents[0]?.text).toContain(`| ${ranker} |`);
});

test('weights are tried on the validation part alone', () => {
  const data = dataOf(breakfast);
  const later = { ...data, acts: breakfast.filter(({ at }) => at < data.test.from) };
  const tried = tune(data, () => 0);
  expect(tried).toEqual(tune(later, () => 0));
  const sums = tried.map(({ ndcgs }) => ndcgs.reduce((sum, each) => sum + each, 0));
  expect(sums).toEqual(sums.toSorted((left, right) => right - left));
});

test('what ships is asked through the core with the preset’s own weights', () => {
  const data = dataOf(breakfast);
  const ranker = serving(data);
  for (const one of breakfast) ranker.learn(one);
  const at = epochMs(days(DAY + 19));
  const ranked = ranker.prepare({ user: 'u39', at, exclude: new Set(['bread']) })();
  expect(ranked.map(([id]) => id)).not.toContain('bread');
  expect(ranked.length).toBeGreaterThan(0);
});
