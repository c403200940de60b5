import { expect, test } from 'vitest';
import { memoryKeyStore } from '../../functions/adapters/memory-key-store.ts';
import { authorize, KEY_CACHE_MS, keyInHeaders } from '../../functions/runtime/authorize.ts';
import { hashKey, newKey } from '../../functions/runtime/keys.ts';
import { KEYS, keyRows, NOW_MS } from '../support/collecting.ts';

const asking = (headers: Readonly<Record<string, string>>, atMs = NOW_MS) => ({
  headers,
  requestId: 'r',
  receivedAtMs: atMs,
});

test.each([
  [{ authorization: `Bearer ${KEYS.server}` }],
  [{ authorization: `bearer   ${KEYS.server}` }],
  [{ authorization: `Basic ${Buffer.from(`${KEYS.server}:`).toString('base64')}` }],
  [{ authorization: `Basic ${Buffer.from(`${KEYS.server}:password`).toString('base64')}` }],
  [{ 'x-api-key': KEYS.server }],
  [{ 'x-write-key': KEYS.server }],
  [{ authorization: 'Digest x', 'x-api-key': KEYS.server }],
])('a key is found in %j', (headers) => {
  expect(keyInHeaders({ headers })).toBe(KEYS.server);
});

test('a known key of a right kind says who asks', async () => {
  const identify = authorize(memoryKeyStore(keyRows()));
  expect(await identify(asking({ 'x-api-key': KEYS.server }), ['server', 'operator'])).toEqual({
    tenant: 'main',
    kind: 'server',
    keyId: 'server-id',
    demo: false,
  });
  expect(await identify(asking({ 'x-api-key': KEYS.write }), ['server'])).toMatchObject({
    statusCode: 403,
  });
  expect(await identify(asking({}), ['server'])).toMatchObject({ statusCode: 401 });
  expect(await identify(asking({ 'x-api-key': 'x' }), ['server'])).toMatchObject({
    statusCode: 401,
  });
});

test('a header wins over a key from elsewhere', async () => {
  const identify = authorize(memoryKeyStore(keyRows()));
  expect(await identify(asking({}), ['write'], KEYS.write)).toMatchObject({ keyId: 'write-id' });
  expect(await identify(asking({ 'x-api-key': 'x' }), ['write'], KEYS.write)).toMatchObject({
    statusCode: 401,
  });
});

test('a key is looked up once a minute, a revoked one is refused after that', async () => {
  const rows = keyRows();
  const keys = memoryKeyStore(rows);
  const identify = authorize(keys);
  const at = (ms: number) =>
    identify(asking({ 'x-api-key': KEYS.server }, NOW_MS + ms), ['server']);
  await at(0);
  rows.set(hashKey(KEYS.server), {
    ...{ tenant: 'main', kind: 'server', id: 'server-id' },
    createdAt: '2026-11-01T00:00:00.000Z',
    revokedAt: '2026-11-24T12:00:00.000Z',
  });
  expect(await at(KEY_CACHE_MS - 1)).toMatchObject({ keyId: 'server-id' });
  expect(keys.finds()).toBe(1);
  expect(await at(KEY_CACHE_MS)).toMatchObject({ statusCode: 401 });
  expect(await at(KEY_CACHE_MS + 1)).toMatchObject({ statusCode: 401 });
  expect(keys.finds()).toBe(2);
});

test('an unknown key is looked up once a minute too, and known once it is made', async () => {
  const rows = keyRows();
  const keys = memoryKeyStore(rows);
  const identify = authorize(keys);
  const key = newKey('write');
  const at = (ms: number) => identify(asking({ 'x-write-key': key }, NOW_MS + ms), ['write']);
  await at(0);
  expect(await at(1)).toMatchObject({ statusCode: 401 });
  expect(keys.finds()).toBe(1);
  rows.set(hashKey(key), { tenant: 'main', kind: 'write', id: 'n', createdAt: '' });
  expect(await at(KEY_CACHE_MS)).toMatchObject({ keyId: 'n' });
});

test('guesses push no known key out of the cache', async () => {
  const keys = memoryKeyStore(keyRows());
  const identify = authorize(keys);
  await identify(asking({ 'x-api-key': KEYS.server }), ['server']);
  for (let index = 0; index < 3_000; index += 1)
    await identify(asking({ 'x-api-key': `guess-${index}` }), ['server']);
  const before = keys.finds();
  await identify(asking({ 'x-api-key': KEYS.server }), ['server']);
  expect(keys.finds()).toBe(before);
});

test('a new key says its kind and has 32 letters and digits', () => {
  expect(newKey('operator')).toMatch(/^trb_operator_[0-9A-Za-z]{32}$/);
  expect(newKey('write')).not.toBe(newKey('write'));
});
