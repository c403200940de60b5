/** How whoever asks for recommendations is answered. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { memoryItemLists } from '../../functions/adapters/memory-item-lists.ts';
import { openApi } from '../../functions/collect/open-api.ts';
import { matchRoute, PERSONALIZE_ROUTES } from '../../functions/collect/routes.ts';
import { readItem } from '../../functions/core/catalogue/item.ts';
import type { ItemInput } from '../../functions/core/catalogue/item-schemas.ts';
import { foldFacets, noFacets } from '../../functions/core/profile/facets.ts';
import {
  flatPersonalizeAnswer,
  flatRecommendationsAnswer,
  personalizeAnswer,
  recommendationsAnswer,
  similarAnswer,
} from '../../functions/core/recommend/answer-schemas.ts';
import { epochMs } from '../../functions/core/time.ts';
import { BreakerOpen } from '../../functions/runtime/guarded-stream.ts';
import type { KEYS } from '../support/collecting.ts';
import { counted, NOW } from '../support/counted-events.ts';
import { personalizing, smallShop, TEAS } from '../support/personalizing.ts';

const table = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  .split('<!-- recommendations: begin -->')[1]
  ?.split('<!-- recommendations: end -->')[0];
const cases = [
  ...(table ?? '').matchAll(/^\| `(GET|POST) (\S+) ?(.*)` \| (\w+) \| (\d+) \| (\w*) ?\|$/gm),
].map(([, method = '', path = '', body = '', key = '', status = '', code = '']) => ({
  ...{ line: `${method} ${path}`, body, key: key as keyof typeof KEYS | 'none', code },
  status: Number(status),
}));

const viewed = (...items: readonly string[]) =>
  items.map((productId, index) =>
    counted(
      { name: 'Product Viewed', productId, categories: ['TEA'], at: NOW - 1_000 * (9 - index) },
      index,
    ),
  );

let shop: Awaited<ReturnType<typeof smallShop>>;
let user123: ReturnType<typeof personalizing>;
beforeAll(async () => {
  shop = await smallShop(NOW);
  user123 = personalizing({ at: NOW, ...shop });
  user123.profiles.put(
    { tenant: 'main', user: 'user123' },
    {
      version: 3,
      facets: foldFacets(
        noFacets(user123.definitions),
        viewed('tea-1', 'tea-2', 'tea-3'),
        user123.definitions,
      ),
      traits: {},
      newestArrivedAt: NOW,
      known: true,
    },
  );
});

test('docs/api.md says how recommendations are answered', () => {
  const rows = (table ?? '').split('\n').filter((row) => row.startsWith('| `'));
  expect(cases.length).toBe(rows.length);
  expect(cases.length).toBeGreaterThan(25);
});

test.each(cases)('$line $body with key $key is answered $status $code', async (one) => {
  const { status, json } = await user123.ask(
    one.line,
    one.body === '' ? undefined : one.body,
    one.key,
  );
  expect(json.code ?? '').toBe(one.code);
  expect(status).toBe(one.status);
});

test('every route is in the OpenAPI document, and a wrong method is told the right one', () => {
  for (const { path, method } of PERSONALIZE_ROUTES) {
    expect(Object.keys(openApi().paths)).toContain(path);
    const sent = path.replace(/\{\w+\}/, 'x');
    expect(matchRoute('DELETE', sent)).toEqual({ methods: [method] });
  }
});

test('answers are as the OpenAPI document says', async () => {
  const answers = [
    [recommendationsAnswer, await user123.ask('GET /v1/recommendations?userId=user123')],
    [similarAnswer, await user123.ask('GET /v1/items/tea-1/similar')],
    [personalizeAnswer, await user123.ask('POST /v1/personalize', { userId: 'user123' })],
    [flatPersonalizeAnswer, await user123.ask('GET /personalize?userId=user123')],
    [flatRecommendationsAnswer, await user123.ask('GET /api/recommendations/user123')],
  ] as const;
  for (const [schema, { json }] of answers) expect(schema.strict().parse(json)).toEqual(json);
});

test('who looked at teas is shown teas and told why, who is unknown both shelves', async () => {
  const { json } = await user123.ask('GET /v1/recommendations?userId=user123&limit=8');
  const shown = json.items.map(({ itemId }: { itemId: string }) => itemId);
  expect(shown.slice(0, 5).every((id: string) => TEAS.slice(3).includes(id))).toBe(true);
  expect(json.items[0].reason).toBe('because_you_viewed:tea-3');
  expect(json).toMatchObject({ userId: 'user123', decisionId: 'decision-1', without: [] });
  const nobody = await user123.ask('GET /v1/recommendations?userId=nobody&limit=8');
  const teas = nobody.json.items.filter(({ itemId }: { itemId: string }) => TEAS.includes(itemId));
  expect(teas).toHaveLength(4);
});

test('000 is answered in its own shape', async () => {
  const { json } = await user123.ask('GET /api/v1/personalize?userId=user123&limit=2');
  expect(json.recommendations).toHaveLength(2);
  expect(json.profile).toMatchObject({
    interests: { tea: 3 },
    recentItems: ['tea-3', 'tea-2', 'tea-1'],
    activityScore: 0.3,
  });
  const nobody = await user123.ask('GET /api/v1/personalize?userId=nobody&limit=2');
  expect(nobody.json.recommendations).toHaveLength(2);
  expect(nobody.json.profile).toEqual({ interests: {}, recentItems: [], activityScore: 0 });
});

test('the event that rides in a request moves that answer, and no other', async () => {
  const event = { event: 'Product Viewed', properties: { product_id: 'toy-1', category: 'toy' } };
  const before = await user123.ask('POST /v1/personalize', { userId: 'nobody' });
  expect(before.json.profile).toBeUndefined();
  const { json } = await user123.ask('POST /v1/personalize', { userId: 'nobody', event });
  expect(json.profile.recentItems).toEqual(['toy-1']);
  const [first] = json.recommendations.items;
  expect(first).toMatchObject({ reason: 'because_you_viewed:toy-1' });
  const toys = (items: readonly { itemId: string }[]) =>
    items.filter(({ itemId }) => itemId.startsWith('toy')).length;
  expect(toys(before.json.recommendations.items)).toBeLessThanOrEqual(5);
  expect(toys(json.recommendations.items)).toBeGreaterThan(5);
  const after = await user123.ask('POST /v1/personalize', { userId: 'nobody' });
  expect(after.json.recommendations.items).toEqual(before.json.recommendations.items);
});

test('what is sold out or removed since the snapshot makes room for others', async () => {
  const { rows, catalogue } = await smallShop(NOW);
  const { ask } = personalizing({ at: NOW, rows, catalogue });
  const soldOut = readItem({ id: 'tea-2', available: false }) as ItemInput;
  await rows.put('main', [soldOut], epochMs(NOW));
  await rows.remove('main', 'toy-3');
  const { json } = await ask('GET /v1/recommendations?userId=nobody&limit=16');
  const shown = json.items.map(({ itemId }: { itemId: string }) => itemId);
  expect(shown).toHaveLength(14);
  expect(shown).not.toContain('tea-2');
  expect(shown).not.toContain('toy-3');
  const ten = await ask('GET /v1/recommendations?userId=nobody&limit=10');
  expect(ten.json.items.map(({ position }: { position: number }) => position)).toEqual([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
  ]);
});

test('nightly lists and increments speak; what fails is named, and the rest still answers', async () => {
  const lists = memoryItemLists();
  await lists.pointTo('main', { version: '1', cut: '2026-11-20' }, 0);
  const row = { events: 1, pairs: [['toy-1', 1] as const], similar: [] };
  await lists.put({ tenant: 'main', item: 'tea-1', version: '1', lists: row, ttl: 9e9 });
  const ranges: unknown[] = [];
  const deltas = {
    read: async (_tenant: string, _items: readonly string[], range: object) => {
      ranges.push(range);
      return new Map([['tea-1', { events: 1, pairs: [['toy-2', 4] as const] }]]);
    },
  };
  const similar = async (gather: object) => {
    const made = personalizing({ at: NOW, ...shop, gather });
    return { ...(await made.ask('GET /v1/items/tea-1/similar?limit=2')), faults: made.faults };
  };
  const both = await similar({ lists, deltas });
  const idsOf = ({ json }: { json: { items: { itemId: string }[] } }) =>
    json.items.map(({ itemId }) => itemId);
  expect(idsOf(both)).toEqual(['toy-2', 'toy-1']);
  expect(both.json.lists).toEqual({ version: '1', cut: '2026-11-20' });
  expect(ranges).toEqual([{ from: '2026-11-20', now: NOW }]);
  expect((await similar({ lists })).json.items[0].itemId).toBe('toy-1');

  const broken = { read: () => Promise.reject(new Error('away')) };
  const without = await similar({ lists, deltas: broken });
  expect(without.json.without).toEqual(['increments']);
  expect(without.json.items[0].itemId).toBe('toy-1');
  expect(without.faults).toEqual(['recommended without increments']);
  const open = { read: () => Promise.reject(new BreakerOpen('open')) };
  expect((await similar({ lists, deltas: open })).faults).toEqual([]);
  const noLists = { ...lists, pointer: () => Promise.reject(new Error('away')) };
  const noNight = await similar({ lists: noLists });
  expect(noNight.json.without).toEqual(['lists']);
  expect(noNight.json.items).toHaveLength(2);
});

test('a table that hangs costs a quarter of a second, not the answer', async () => {
  const hangs = { pointer: () => new Promise<never>(() => undefined), read: async () => new Map() };
  const { ask } = personalizing({ at: NOW, ...shop, gather: { lists: hangs } });
  const { json } = await ask('GET /v1/recommendations?userId=nobody');
  expect(json.without).toContain('lists');
  expect(json.items).toHaveLength(10);
});

test('nobody of another tenant sees this shop', async () => {
  const { ask } = personalizing({
    at: NOW,
    ...shop,
    more: { authorize: async () => ({ tenant: 'other', kind: 'server', keyId: 'k', demo: false }) },
  });
  expect((await ask('GET /v1/recommendations?userId=nobody')).json.items).toEqual([]);
});

test('a key that asks too fast is told when to come again', async () => {
  const limit = { perSecond: 1, burst: 1 };
  const limits = { write: limit, client: limit, server: limit, operator: limit };
  const { ask } = personalizing({ at: NOW, ...shop, more: { limits } });
  expect((await ask('GET /v1/recommendations?userId=a')).status).toBe(200);
  const refused = await ask('GET /v1/recommendations?userId=a');
  expect([refused.status, refused.json.code, refused.headers['retry-after']]).toEqual([
    429,
    'too_fast',
    '1',
  ]);
});
