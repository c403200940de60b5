import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryKeyStore } from '../../functions/adapters/memory-key-store.ts';
import { openApi } from '../../functions/collect/open-api.ts';
import { adminOf } from '../support/administering.ts';
import { httpRequest, KEYS, keyRows } from '../support/collecting.ts';
import { redriving } from '../support/redriving.ts';

const table = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  .split('<!-- operators: begin -->')[1]
  ?.split('<!-- operators: end -->')[0];

const cases = [
  ...(table ?? '').matchAll(/^\| `(GET|POST) (\S+) ?(.*)` \| (\w+) \| (\d+) \| (\w*) ?\|$/gm),
].map(([, method = '', path = '', body = '', key = '', status = '', code = '']) => ({
  ...{ method, path, body, key, code },
  status: Number(status),
}));

test('docs/api.md says how operators are answered', () => {
  expect(cases.length).toBe(
    (table ?? '').split('\n').filter((row) => row.startsWith('| `')).length,
  );
  expect(cases.length).toBeGreaterThan(20);
});

const serve = adminOf({ keys: memoryKeyStore(keyRows()) });

test.each(cases)('$method $path $body with key $key is answered $status $code', async (one) => {
  const url = new URL(one.path, 'http://localhost');
  const key = KEYS[one.key as keyof typeof KEYS];
  const answer = await serve(
    httpRequest({
      method: one.method,
      path: url.pathname,
      query: url.searchParams,
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      body: new TextEncoder().encode(one.body),
    }),
  );
  expect(answer.statusCode).toBe(one.status);
  expect(JSON.parse(answer.body).code ?? '').toBe(one.code);
  const type = one.code === '' ? 'application/json; charset=utf-8' : 'application/problem+json';
  expect(answer.headers['content-type']).toBe(type);
  expect(answer.headers).toHaveProperty(one.status === 200 ? 'cache-control' : 'content-type');
});

test('the OpenAPI document has both routes, and every member of the answers', async () => {
  const { paths } = openApi();
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/v1/failed', '/v1/failed/redrive']));
});

test('an operator sees the failed events of the own tenant, and no other’s', async () => {
  const platform = redriving();
  platform.bugs.enrich.add('cursed');
  await platform.raw.put([
    { partitionKey: 'main#u', data: 'not json\n' },
    { partitionKey: 'other#u', data: 'not json\n' },
    { partitionKey: 'nobody', data: 'not json\n' },
  ]);
  await platform.deliver();
  expect(platform.objects.size).toBe(3);
  const listed = await platform.list();
  expect(listed).toHaveLength(1);
  expect(JSON.stringify(listed)).not.toContain('main#u');
  const foreign = [...platform.objects.keys()].filter((key) => key !== listed[0]?.key);
  for (const key of foreign) {
    expect((await platform.ask(`/v1/failed?key=${encodeURIComponent(key)}`)).status).toBe(404);
    const { redriven, missing } = await platform.redrive({ keys: [key] });
    expect({ redriven, missing }).toEqual({ redriven: [], missing: [key] });
  }
});

test('sums by reason name how many, since when, and one of them', async () => {
  const platform = redriving();
  platform.bugs.enrich.add('cursed');
  platform.bugs.aggregate.add('damned');
  await platform.send(
    ['cursed', 'damned'].map((eventId) => ({ eventId, userId: 'u', event: 'X' })),
  );
  await platform.send([{ userId: 'u' }, { userId: 'u' }]);
  await platform.deliver();
  expect(await platform.groups()).toMatchObject([
    { stage: 'collect', reason: 'no_name', objects: 1, events: 2 },
    { stage: 'aggregate', reason: 'bug', objects: 1, events: 1 },
    { stage: 'enrich', reason: 'bug', objects: 1, events: 1 },
  ]);
  const shown = await platform.show((await platform.groups())[1]?.example ?? '');
  expect(shown.bytes[0]?.trace).toContain('a bug of ours meets damned');
});

test('a listing by pages finds each once, and a hash for a user', async () => {
  const platform = redriving();
  const ids = Array.from({ length: 25 }, (_, n) => `cursed-${n}`);
  for (const id of ids) platform.bugs.enrich.add(id);
  await platform.send(ids.map((eventId) => ({ eventId, userId: 'u', event: 'X' })));
  await platform.deliver();
  const keys: string[] = [];
  let query = '/v1/failed?limit=10';
  for (let pages = 1; ; pages += 1) {
    const { body } = await platform.ask<{
      failed: readonly { readonly key: string; readonly user: string }[];
      cursor?: string;
    }>(query);
    keys.push(...body.failed.map(({ key }) => key));
    expect(new Set(body.failed.map(({ user }) => user)).size).toBeLessThan(2);
    if (body.cursor === undefined) {
      expect(pages).toBe(3);
      break;
    }
    query = `/v1/failed?limit=10&cursor=${body.cursor}`;
  }
  expect(keys).toHaveLength(25);
  expect(new Set(keys).size).toBe(25);
});
