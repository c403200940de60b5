/** How whoever keeps the catalogue is answered. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memoryCatalogueStore } from '../../functions/adapters/memory-catalogue-store.ts';
import { memoryKeyStore } from '../../functions/adapters/memory-key-store.ts';
import { serveItems } from '../../functions/admin/serve-items.ts';
import { openApi } from '../../functions/collect/open-api.ts';
import { matchRoute } from '../../functions/collect/routes.ts';
import { readItem } from '../../functions/core/catalogue/item.ts';
import { ITEMS_MAX, type ItemInput } from '../../functions/core/catalogue/item-schemas.ts';
import { epochMs } from '../../functions/core/time.ts';
import { adminOf } from '../support/administering.ts';
import { httpRequest, KEYS, keyRows } from '../support/collecting.ts';

const table = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8')
  .split('<!-- items: begin -->')[1]
  ?.split('<!-- items: end -->')[0];

const cases = [
  ...(table ?? '').matchAll(/^\| `(GET|PUT|DELETE) (\S+) ?(.*)` \| (\w+) \| (\d+) \| (\w*) ?\|$/gm),
].map(([, method = '', path = '', body = '', key = '', status = '', code = '']) => ({
  ...{ method, path, body, key, code },
  status: Number(status),
}));

test('docs/api.md says how the catalogue answers', () => {
  const rows = (table ?? '').split('\n').filter((row) => row.startsWith('| `'));
  expect(cases.length).toBe(rows.length);
  expect(cases.length).toBeGreaterThan(10);
});

const itemOf = (id: string): ItemInput => readItem({ id }) as ItemInput;
const catalogue = memoryCatalogueStore();
await catalogue.put('main', [itemOf('kept')], epochMs(0));
const serve = adminOf({ catalogue, keys: memoryKeyStore(keyRows()) });

test.each(cases)('$method $path $body with key $key is answered $status $code', async (one) => {
  const key = KEYS[one.key as keyof typeof KEYS];
  const [, id] = /^\/v1\/items\/(.+)$/.exec(one.path) ?? [];
  const answer = await serve(
    httpRequest({
      method: one.method,
      path: one.path,
      pathParameters: id === undefined ? {} : { id },
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      body: new TextEncoder().encode(one.body),
    }),
  );
  expect(answer.statusCode).toBe(one.status);
  if (one.status === 204) expect(answer.body).toBe('');
  else expect(JSON.parse(answer.body).code ?? '').toBe(one.code);
});

const ask = (method: string, body: unknown, tenant = 'main', id = '') =>
  serveItems(
    { catalogue, now: () => 5 },
    httpRequest({
      ...{ method, path: '/v1/items', pathParameters: { id } },
      body: new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    }),
    tenant,
  );

test('a request has so many items, and so many bytes', async () => {
  const items = Array.from({ length: ITEMS_MAX + 1 }, (_, n) => ({ id: `n${n}` }));
  expect((await ask('PUT', items)).statusCode).toBe(400);
  expect((await ask('PUT', items.slice(1))).statusCode).toBe(200);
  expect((await ask('PUT', 'x'.repeat(1_024 * 1_024 + 1))).statusCode).toBe(413);
});

test('what one tenant puts and removes is nothing to another', async () => {
  await ask('PUT', [{ id: 'mine', name: 'of main' }]);
  expect((await ask('GET', '', 'other', 'mine')).statusCode).toBe(404);
  expect((await ask('DELETE', '', 'other', 'mine')).statusCode).toBe(204);
  const found = await ask('GET', '', 'main', 'mine');
  expect(JSON.parse(found.body)).toMatchObject({
    name: 'of main',
    createdAt: '1970-01-01T00:00:00.005Z',
  });
  await ask('DELETE', '', 'main', 'mine');
  expect((await ask('GET', '', 'main', 'mine')).statusCode).toBe(404);
});

test('the OpenAPI document and the router know the three routes', () => {
  const { paths } = openApi();
  const { '/v1/items': many, '/v1/items/{id}': one } = paths as Record<string, object>;
  expect([Object.keys(many ?? {}), Object.keys(one ?? {})]).toEqual([['put'], ['get', 'delete']]);
  expect(matchRoute('PATCH', '/v1/items/lamp')).toEqual({ methods: ['GET', 'DELETE'] });
});
