import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OfferedItem } from '../../../functions/core/recommend/catalogue.ts';
import type { Asked, Learnt, Taste } from '../../../functions/core/recommend/ranking.ts';
import { recommend } from '../../../functions/core/recommend/recommend.ts';
import {
  type RecommendConfig,
  type RecommendSettings,
  recommendConfigOf,
} from '../../../functions/core/recommend/settings.ts';
import type { Trends } from '../../../functions/core/recommend/trends.ts';
import { days, epochMs, hours, minutes } from '../../../functions/core/time.ts';
import { shelf, shelfItem } from '../../support/shelf.ts';

const now = epochMs(days(1_000));
const ago = (ms: number) => epochMs(now - ms);
const nobody: Taste = { history: [], bought: [], interests: [] };
const nothingLearnt: Learnt = {
  lists: new Map(),
  deltas: new Map(),
  trends: new Map(),
  catalogue: shelf(),
};
const asked = (more: Partial<Asked> = {}): Asked => ({
  limit: 10,
  exclude: new Set(),
  now,
  ...more,
});
const plain = (more: Partial<RecommendSettings> = {}): RecommendConfig =>
  recommendConfigOf({ preset: 'commerce', explore: 0, diversity: 1, ...more });
const demand = (scope: string, ...popular: readonly (readonly [string, number])[]): Trends => ({
  scope,
  at: now,
  hot: [],
  popular,
});
const idsOf = (found: readonly { readonly item: string }[]) => found.map(({ item }) => item);

const items = ['a', 'b', 'c', 'd', 'e', 'f'];
const stocked = shelf(...items.map((id) => shelfItem(id)));
const seen = (...ids: readonly string[]) =>
  ids.map((item, place) => ({ item, arrivedAt: ago(hours(2 + place)) }));

test('what goes with what was seen comes first, and says so', () => {
  const lists = new Map([['a', { events: 4, pairs: [['b', 3] as const], similar: [] }]]);
  const learnt = { ...nothingLearnt, lists, catalogue: stocked };
  const taste = { ...nobody, history: seen('a') };
  const [first] = recommend({ taste, learnt, asked: asked(), config: plain() });
  expect(first).toEqual({
    item: 'b',
    score: 0.2,
    source: 'covisitation',
    weight: 0.2,
    reason: 'because_you_viewed:a',
    rules: [],
    position: 1,
  });
});

test('increments since the night are added to what the night says', () => {
  const lists = new Map([
    ['a', { events: 4, pairs: [['b', 3] as const, ['c', 2] as const], similar: [] }],
  ]);
  const deltas = new Map([['a', { events: 1, pairs: [['c', 2] as const, ['d', 1] as const] }]]);
  const learnt = { ...nothingLearnt, lists, deltas, catalogue: stocked };
  const found = recommend({
    taste: { ...nobody, history: seen('a') },
    learnt,
    asked: asked({ limit: 3 }),
    config: plain(),
  });
  expect(idsOf(found)).toEqual(['c', 'b', 'd']);
  expect(found[1]?.score).toBeCloseTo(0.2 * (3 / 4), 12);
});

test('an item of many events says less of each neighbour', () => {
  const of = (events: number, other: string) => ({
    events,
    pairs: [[other, 4] as const],
    similar: [],
  });
  const lists = new Map([
    ['a', of(16, 'c')],
    ['b', of(4, 'd')],
  ]);
  const learnt = { ...nothingLearnt, lists, catalogue: stocked };
  const taste = { ...nobody, history: seen('a', 'b') };
  const found = recommend({ taste, learnt, asked: asked({ limit: 2 }), config: plain() });
  // Older, and all the same the louder: 4/√4 · 0.6 is more than 4/√16.
  expect(idsOf(found)).toEqual(['d', 'c']);
});

test('items that are no longer new are not tried out', () => {
  const catalogue = shelf(
    ...['x1', 'x2', 'x3'].map((id) => shelfItem(id, { createdAt: ago(days(31)) })),
    shelfItem('fresh', { createdAt: ago(days(29)) }),
  );
  const popular = ['x1', 'x2', 'x3'].map((id) => [id, 1] as const);
  const learnt = {
    ...nothingLearnt,
    catalogue,
    trends: new Map([['all', demand('all', ...popular)]]),
  };
  const config = plain({ explore: 5 });
  const found = recommend({ taste: nobody, learnt, asked: asked({ limit: 2 }), config });
  expect(found.filter(({ source }) => source === 'new').map(({ item }) => item)).toEqual(['fresh']);
});

test('how long what was seen rests is set', () => {
  const history = [{ item: 'a', arrivedAt: ago(hours(5)) }];
  const trends = new Map([['all', demand('all', ['a', 5], ['b', 1])]]);
  const learnt = { ...nothingLearnt, trends, catalogue: shelf(shelfItem('a'), shelfItem('b')) };
  const first = (seenHours: number) =>
    recommend({
      taste: { ...nobody, history },
      learnt,
      asked: asked(),
      config: plain({ seenHours }),
    })[0]?.item;
  expect([first(5), first(6)]).toEqual(['a', 'b']);
});

test('the newest of a history says more than what is older, as the preset has it', () => {
  const each = (other: string) => ({ events: 1, pairs: [[other, 1] as const], similar: [] });
  const lists = new Map([
    ['a', each('c')],
    ['b', each('d')],
  ]);
  const learnt = { ...nothingLearnt, lists, catalogue: stocked };
  const found = recommend({
    taste: { ...nobody, history: seen('a', 'b') },
    learnt,
    asked: asked({ limit: 2 }),
    config: plain(),
  });
  expect(found.map(({ item, score }) => [item, score])).toEqual([
    ['c', 0.2],
    ['d', 0.2 * 0.6],
  ]);
});

test('the only purchase of a user is not needed as soon as it was made', () => {
  const lists = new Map([['a', { events: 9, pairs: [], similar: [], repurchaseDays: 10 }]]);
  const learnt = { ...nothingLearnt, lists, catalogue: stocked };
  const scoreAfter = (gap: number) => {
    const bought = [{ item: 'a', weight: 1, boughtAt: ago(days(gap)) }];
    const all = recommend({
      taste: { ...nobody, bought },
      learnt,
      asked: asked(),
      config: plain(),
    });
    return all.find(({ item }) => item === 'a')?.score;
  };
  expect(scoreAfter(1)).toBeUndefined();
  expect(scoreAfter(6)).toBeCloseTo(0.6 * (1 - Math.exp(-0.6)), 9);
  expect(scoreAfter(20)).toBeCloseTo(0.6 * (1 - Math.exp(-2)), 9);
});

test('what is bought again says so; what nobody is known to buy again rests for as long as is set', () => {
  const bought = [{ item: 'a', weight: 1, boughtAt: ago(days(20)) }];
  const learnt = { ...nothingLearnt, catalogue: stocked };
  const after = (boughtDays: number) =>
    recommend({
      taste: { ...nobody, bought },
      learnt,
      asked: asked(),
      config: plain({ boughtDays }),
    }).find(({ item }) => item === 'a');
  expect(after(21)).toBeUndefined();
  expect(after(20)).toMatchObject({ reason: 'bought_again', source: 'personal', position: 1 });
});

test('what was just seen does not come again, unless there is nothing else', () => {
  const history = [{ item: 'a', arrivedAt: ago(minutes(5)) }];
  const trends = new Map([['all', demand('all', ['a', 5], ['b', 1])]]);
  const learnt = { ...nothingLearnt, trends, catalogue: shelf(shelfItem('a'), shelfItem('b')) };
  const config = plain();
  const found = recommend({ taste: { ...nobody, history }, learnt, asked: asked(), config });
  expect(found.map(({ item, reason }) => [item, reason])).toEqual([
    ['b', 'trending_in:all'],
    ['a', 'because_you_viewed:a'],
  ]);
});

test('an interest brings its category, those in demand first, and names what was looked at', () => {
  const catalogue = shelf(
    shelfItem('old', { categories: ['TEA'] }),
    shelfItem('new', { categories: ['TEA'], createdAt: ago(days(40)) }),
    shelfItem('wanted', { categories: ['TEA'] }),
    shelfItem('seen', { categories: ['TEA'] }),
    shelfItem('other', { categories: ['TOYS'], createdAt: ago(days(39)) }),
  );
  const trends = new Map([['category:TEA', demand('category:TEA', ['wanted', 2])]]);
  const taste: Taste = {
    ...nobody,
    history: [{ item: 'seen', arrivedAt: ago(minutes(1)) }],
    interests: [['tea', 3]],
  };
  const learnt = { ...nothingLearnt, trends, catalogue };
  const found = recommend({ taste, learnt, asked: asked(), config: plain() });
  expect(idsOf(found)).toEqual(['wanted', 'new', 'old', 'other', 'seen']);
  expect(found[0]?.reason).toBe('because_you_viewed:seen');
  const stranger = { ...taste, history: [] };
  const told = recommend({ taste: stranger, learnt, asked: asked(), config: plain() });
  expect(told[0]?.reason).toBe('trending_in:TEA');
});

test('an item is not shown because of itself, and demand counts half beside interests', () => {
  const catalogue = shelf(
    ...['a', 'b', 'c'].map((id) => shelfItem(id, { categories: ['TEA'] })),
    shelfItem('d', { categories: ['TOYS'] }),
  );
  const taste: Taste = { ...nobody, history: seen('a', 'b'), interests: [['tea', 1]] };
  const trends = new Map([['all', demand('all', ['d', 1])]]);
  const learnt = { ...nothingLearnt, trends, catalogue };
  const found = recommend({ taste, learnt, asked: asked(), config: plain() });
  expect(new Map(found.map(({ item, reason }) => [item, reason]))).toEqual(
    new Map([
      ['a', 'because_you_viewed:b'],
      ['b', 'because_you_viewed:a'],
      ['c', 'because_you_viewed:a'],
      ['d', 'trending_in:all'],
    ]),
  );
  expect(found.find(({ item }) => item === 'd')?.score).toBeCloseTo(0.1, 12);
  const once = { ...taste, history: seen('a') };
  const alone = recommend({ taste: once, learnt, asked: asked(), config: plain() });
  expect(alone.find(({ item }) => item === 'a')?.reason).toBe('trending_in:TEA');
});

test('what is in demand near a user and what is in demand at all both speak', () => {
  const trends = new Map([
    ['all', demand('all', ['a', 4], ['b', 2])],
    ['region:EMEA', demand('region:EMEA', ['c', 8], ['b', 6])],
  ]);
  const learnt = { ...nothingLearnt, trends, catalogue: stocked };
  const taste = { ...nobody, region: 'EMEA' };
  const found = recommend({ taste, learnt, asked: asked({ limit: 3 }), config: plain() });
  expect(found.map(({ item, reason }) => [item, reason])).toEqual([
    ['b', 'trending_in:EMEA'],
    ['a', 'trending_in:all'],
    ['c', 'trending_in:EMEA'],
  ]);
});

test('each further item of a category keeps less of its score', () => {
  const catalogue = shelf(
    ...items.map((id) => shelfItem(id, { categories: [id < 'd' ? 'ONE' : 'TWO'] })),
  );
  const trends = new Map([
    ['all', demand('all', ['a', 9], ['b', 8.9], ['c', 8.8], ['d', 8], ['e', 7.9], ['f', 1])],
  ]);
  const learnt = { ...nothingLearnt, trends, catalogue };
  const config = plain({ diversity: 0.85 });
  const found = recommend({ taste: nobody, learnt, asked: asked({ limit: 5 }), config });
  expect(idsOf(found)).toEqual(['a', 'd', 'b', 'e', 'c']);
});

test('without anything else to say the newest come, one category after the other', () => {
  const catalogue = shelf(
    ...['a', 'b', 'c', 'd', 'e', 'f'].map((id, place) =>
      shelfItem(id, { categories: [id < 'd' ? 'ONE' : 'TWO'], createdAt: ago(days(place)) }),
    ),
  );
  const learnt = { ...nothingLearnt, catalogue };
  const config = plain({ diversity: 0.85 });
  const found = recommend({ taste: nobody, learnt, asked: asked({ limit: 4 }), config });
  expect(idsOf(found)).toEqual(['a', 'd', 'b', 'e']);
  expect(found.every(({ reason, score }) => reason === 'new_for_you' && score === 0)).toBe(true);
});

test('each category has its turn before any has another, however many are newer', () => {
  const catalogue = shelf(
    ...Array.from({ length: 100 }, (_, place) =>
      shelfItem(`i${place}`, {
        categories: [`C${Math.floor(place / 10)}`],
        createdAt: ago(days(place)),
      }),
    ),
  );
  const learnt = { ...nothingLearnt, catalogue };
  const config = plain({ diversity: 0.85 });
  const found = recommend({ taste: nobody, learnt, asked: asked(), config });
  expect(idsOf(found)).toEqual(Array.from({ length: 10 }, (_, shelfNo) => `i${shelfNo * 10}`));
});

test('an answer is not empty though the thousand newest cannot be had', () => {
  const gone = Array.from({ length: 1_000 }, (_, place) =>
    shelfItem(`gone-${place}`, { available: false, createdAt: ago(days(1)) }),
  );
  const catalogue = shelf(...gone, shelfItem('left'));
  const learnt = { ...nothingLearnt, catalogue };
  const found = recommend({ taste: nobody, learnt, asked: asked(), config: plain() });
  expect(idsOf(found)).toEqual(['left']);
});

test('rules exclude, boost, bury and pin, and are named', () => {
  const catalogue = shelf(
    shelfItem('a', { price: 5 }),
    shelfItem('b', { attributes: { brand: 'x' } }),
    shelfItem('c', { owner: 'user-9' }),
    shelfItem('d'),
    shelfItem('e', { attributes: { weapon: true } }),
  );
  const trends = new Map([
    ['all', demand('all', ['a', 10], ['b', 9], ['c', 8], ['d', 7], ['e', 6])],
  ]);
  const config = plain({
    rules: [
      { name: 'cheap', when: [{ of: 'price', atMost: 9 }], do: { boost: 0.5 } },
      { name: 'brand', when: [{ of: 'attributes.brand', is: ['x'] }], do: { boost: 2 } },
      { name: 'arms', when: [{ of: 'attributes.weapon', exists: true }], do: { exclude: true } },
      { name: 'first', when: [{ of: 'id', is: ['e', 'd'] }], do: { pin: 1 } },
    ],
  });
  const taste = { ...nobody, userId: 'user-9' };
  const learnt = { ...nothingLearnt, trends, catalogue };
  const found = recommend({ taste, learnt, asked: asked(), config });
  expect(found.map(({ item, rules, source }) => [item, rules, source])).toEqual([
    ['d', ['first'], 'pinned'],
    ['b', ['brand'], 'trending'],
    ['a', ['cheap'], 'trending'],
  ]);
});

test('of ten places one shows a new item, which stays for an hour', () => {
  const catalogue = shelf(
    ...Array.from({ length: 40 }, (_, place) =>
      shelfItem(`i${place}`, { createdAt: ago(days(place)) }),
    ),
  );
  const popular = Array.from({ length: 40 }, (_, place) => [`i${place}`, 90 + place] as const);
  const trends = new Map([['all', demand('all', ...popular)]]);
  const learnt = { ...nothingLearnt, trends, catalogue };
  const config = plain({ explore: 1 });
  const pages = Array.from({ length: 200 }, (_, hour) => {
    const at = asked({ now: epochMs(now + hours(hour)), limit: 10 });
    const taste = { ...nobody, anonymousId: 'anon' };
    const found = recommend({ taste, learnt, asked: at, config });
    const again = recommend({ taste, learnt, asked: { ...at, now: epochMs(at.now + 1) }, config });
    expect(idsOf(again)).toEqual(idsOf(found));
    return found.filter(({ source }) => source === 'new');
  });
  const inFirstDay = pages.slice(0, 24);
  expect(inFirstDay.every((found) => found.length === 1)).toBe(true);
  // Those of a hundred events are known: i10 and on.
  const shown = new Set(inFirstDay.flatMap(idsOf));
  expect([...shown].every((item) => Number(item.slice(1)) < 10)).toBe(true);
  expect(shown.size).toBeGreaterThan(5);
  expect(new Set(inFirstDay.map(([one]) => one?.position)).size).toBeGreaterThan(5);
});

test('two anonymous users see new items of their own', () => {
  const catalogue = shelf(
    ...Array.from({ length: 40 }, (_, place) => shelfItem(`i${place}`, { createdAt: now })),
  );
  const pageOf = (anonymousId: string) =>
    recommend({
      taste: { ...nobody, anonymousId },
      learnt: { ...nothingLearnt, catalogue, trends: new Map() },
      asked: asked({ limit: 40 }),
      config: plain({ explore: 1 }),
    }).map(({ item, position }) => `${item} ${position}`);
  expect(pageOf('one')).not.toEqual(pageOf('two'));
});

test('where a tenant keeps no catalogue, what events name is offered; else what was removed is not', () => {
  const lists = new Map([['a', { events: 1, pairs: [['gone', 1] as const], similar: [] }]]);
  const taste = { ...nobody, history: seen('a') };
  const offered = (catalogue: Learnt['catalogue']) =>
    idsOf(
      recommend({
        taste,
        learnt: { ...nothingLearnt, lists, catalogue },
        asked: asked(),
        config: plain(),
      }),
    );
  expect(offered(shelf())).toEqual(['gone']);
  expect(offered(shelf(shelfItem('b')))).toEqual(['b']);
});

const id = fc.constantFrom(...items, 'x', 'y');
const weighted = fc.array(
  fc.tuple(id, fc.constantFrom(0.5, 1, 2, 3)) as fc.Arbitrary<readonly [string, number]>,
  { maxLength: 6 },
);
const catalogueItem: fc.Arbitrary<OfferedItem> = fc
  .record({
    id,
    categories: fc.subarray(['ONE', 'TWO']),
    available: fc.boolean(),
    owner: fc.option(fc.constantFrom('me', 'you'), { nil: undefined }),
    createdAt: fc.constantFrom(ago(days(1)), ago(days(50))),
  })
  .map((each) => shelfItem(each.id, each));
const asking = fc
  .record({
    stock: fc.uniqueArray(catalogueItem, { selector: ({ id: each }) => each, maxLength: 8 }),
    history: fc.uniqueArray(
      fc.record({ item: id, arrivedAt: fc.constantFrom(ago(1), ago(days(2))) }),
      { selector: ({ item }) => item },
    ),
    bought: fc.array(
      fc.record({
        item: id,
        weight: fc.constantFrom(0, 1, 3),
        boughtAt: fc.constantFrom(ago(1), ago(days(200))),
      }),
    ),
    pairs: fc.dictionary(id, weighted),
    popular: weighted,
    exclude: fc.subarray(items),
    limit: fc.integer({ min: 1, max: 12 }),
    explore: fc.integer({ min: 0, max: 5 }),
    pin: fc.integer({ min: 1, max: 4 }),
  })
  .map((each) => ({
    taste: {
      history: each.history,
      bought: each.bought,
      interests: [['one', 2] as const],
      userId: 'me',
    },
    learnt: {
      lists: new Map(
        Object.entries(each.pairs).map(([item, pairs]) => [
          item,
          { events: 2, pairs, similar: pairs },
        ]),
      ),
      deltas: new Map(),
      trends: new Map([['all', demand('all', ...each.popular)]]),
      catalogue: shelf(...each.stock),
    },
    asked: asked({ limit: each.limit, exclude: new Set(each.exclude) }),
    config: recommendConfigOf({
      preset: 'commerce',
      explore: each.explore,
      rules: [{ name: 'p', when: [{ of: 'category', is: ['two'] }], do: { pin: each.pin } }],
    }),
  }));

test('whatever is asked: nothing twice, nothing that may not be, in places one after the other', () => {
  fc.assert(
    fc.property(asking, (ask) => {
      const found = recommend(ask);
      const { catalogue } = ask.learnt;
      expect(new Set(idsOf(found)).size).toBe(found.length);
      expect(found.map(({ position }) => position)).toEqual(found.map((_, place) => place + 1));
      expect(found.length).toBeLessThanOrEqual(ask.asked.limit);
      for (const { item } of found) {
        expect(ask.asked.exclude.has(item)).toBe(false);
        if (catalogue.size === 0) continue;
        expect(catalogue.find(item)?.available).toBe(true);
        expect(catalogue.find(item)?.owner).not.toBe('me');
      }
    }),
    { numRuns: 500 },
  );
});

test('while anything may be offered the page is full, or has all of it', () => {
  fc.assert(
    fc.property(asking, (ask) => {
      const { catalogue } = ask.learnt;
      fc.pre(catalogue.size > 0);
      const lately = new Set(
        ask.taste.bought
          .filter(({ boughtAt }) => now - boughtAt < days(90))
          .map(({ item }) => item),
      );
      const seenNow = new Set(
        ask.taste.history.filter(({ arrivedAt }) => arrivedAt === ago(1)).map(({ item }) => item),
      );
      const may = catalogue.newest.filter((item) => {
        const offered = catalogue.find(item);
        const free = !ask.asked.exclude.has(item) && !lately.has(item) && !seenNow.has(item);
        return free && offered?.available && offered.owner !== 'me';
      });
      const found = recommend(ask);
      expect(found.length).toBeGreaterThanOrEqual(Math.min(ask.asked.limit, may.length));
    }),
    { numRuns: 500 },
  );
});
