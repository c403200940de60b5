import { expect, test } from 'vitest';
import { MemoryProfileReader } from '../../functions/adapters/memory-profile-reader.ts';
import { compileProfile, foldFacets, noFacets } from '../../functions/core/profile/facets.ts';
import { profile } from '../../functions/profile/profile.ts';
import { type HttpRequest, problem } from '../../functions/runtime/http.ts';
import { config } from '../../tributary.config.ts';
import { counted, NOW, USER } from '../support/counted-events.ts';

const definitions = compileProfile(config);
const profiles = new MemoryProfileReader();
const views = [0, 1].map((index) => counted({ kind: 'page', at: NOW - index * 60_000 }, index));
const facets = foldFacets(noFacets(definitions), views, definitions);
profiles.put(
  { tenant: 'main', user: USER },
  { version: 3, facets, traits: {}, newestArrivedAt: NOW },
);

const KINDS: Readonly<Record<string, string>> = {
  server: 'main',
  operator: 'main',
  other: 'shop2',
};
const serve = profile({
  profiles,
  definitions,
  authorize: async ({ headers, requestId }, allowed) => {
    expect(allowed).toEqual(['server', 'operator']);
    const tenant = KINDS[headers['x-api-key'] ?? ''];
    if (tenant !== undefined) return { tenant };
    return problem({ status: 401, code: 'no_key', title: 'No key', detail: '' }, requestId);
  },
});

const get = async (path: string, more: Partial<HttpRequest> = {}) => {
  const [route = '', query = ''] = path.split('?');
  const native = /^\/v1\/profiles\/(.+)$/.exec(route);
  const userId =
    native?.[1] ?? /^\/profile\/(.+)$/.exec(route)?.[1] ?? /user\/(.+)\/page/.exec(route)?.[1];
  const answer = await serve({
    method: 'GET',
    path: route,
    query: new URLSearchParams(query),
    headers: { 'x-api-key': 'server' },
    pathParameters: userId === undefined ? {} : { userId: decodeURIComponent(userId) },
    body: new Uint8Array(),
    bodyIsBytes: false,
    requestId: 'req-1',
    receivedAtMs: NOW,
    ...more,
  });
  return { ...answer, json: answer.body === '' ? undefined : JSON.parse(answer.body) };
};

test('a profile is answered to its tenant only', async () => {
  const found = await get(`/v1/profiles/${USER}`);
  expect(found.statusCode).toBe(200);
  expect(found.headers['cache-control']).toBe('private, no-cache');
  expect(found.json).toMatchObject({ userId: USER, version: 3, stale: false, experiments: {} });
  expect(found.json.tags.views_5m.value).toBe(2);
  const foreign = await get(`/v1/profiles/${USER}`, { headers: { 'x-api-key': 'other' } });
  expect([foreign.statusCode, foreign.json.code]).toEqual([404, 'unknown_user']);
  const nobody = await get(`/v1/profiles/${USER}`, { headers: {} });
  expect(nobody.statusCode).toBe(401);
});

test('a client that has this very answer gets 304', async () => {
  const { headers } = await get(`/v1/profiles/${USER}`);
  const etag = headers.etag ?? '';
  for (const sent of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const again = await get(`/v1/profiles/${USER}`, {
      headers: { 'x-api-key': 'server', 'if-none-match': sent },
      receivedAtMs: NOW + 1,
    });
    expect([again.statusCode, again.body, again.headers.etag]).toEqual([304, '', etag]);
  }
  const moved = await get(`/v1/profiles/${USER}`, {
    headers: { 'x-api-key': 'server', 'if-none-match': etag },
    receivedAtMs: NOW + 310_000,
  });
  expect(moved.statusCode).toBe(200);
});

test('many are answered at once, the unknown ones by name', async () => {
  const { json, headers } = await get(`/v1/profiles?ids=nobody,${USER},${USER}`);
  expect(json.profiles.map((each: { userId: string }) => each.userId)).toEqual([USER]);
  expect(json.unknown).toEqual(['nobody']);
  expect(headers.etag).toMatch(/^"[0-9a-f]{32}"$/);
});

test("001's and 004's routes answer an unknown user with nothing, not with an error", async () => {
  expect((await get(`/profile/${USER}`)).json).toMatchObject({ views_5m: '2', orders_30d: '0' });
  expect(await get('/profile/nobody')).toMatchObject({ statusCode: 200, json: {} });
  const none = await get('/api/analytics/user/nobody/page-views');
  expect(none).toMatchObject({ statusCode: 200, json: [] });
});

test('page views take a range, and say where it begins before what is kept', async () => {
  const path = `/api/analytics/user/${USER}/page-views`;
  const all = await get(path);
  expect(all.json).toHaveLength(4);
  expect(all.headers['tributary-partial']).toBeUndefined();
  expect((await get(`${path}?from=2024-01-01`)).headers['tributary-partial']).toBe('true');
  expect((await get(`${path}?from=${NOW - 30_000}&to=${NOW + 60_000}`)).json).toHaveLength(1);
});

test('what cannot be read is 400 with a sentence', async () => {
  const page = `/api/analytics/user/${USER}/page-views`;
  const table = [
    [`/v1/profiles/${'x'.repeat(129)}`, 'id_too_long'],
    [`/profile/${encodeURIComponent('é'.repeat(101))}`, 'id_too_long'],
    ['/v1/profiles', 'no_ids'],
    ['/v1/profiles?ids=', 'no_user'],
    ['/v1/profiles?ids=a,,b', 'no_user'],
    [`/v1/profiles?ids=${Array.from({ length: 101 }, (_, i) => i).join(',')}`, 'too_many_ids'],
    [`${page}?from=yesterday`, 'bad_instant'],
    [`${page}?to=99999999999999999`, 'bad_instant'],
    [`${page}?from=2026-11-21&to=2026-11-21`, 'empty_range'],
  ] as const;
  for (const [path, code] of table) {
    const { statusCode, json, headers } = await get(path);
    expect([statusCode, json.code], path).toEqual([400, code]);
    expect(json.detail).toMatch(/[.:`]$/);
    expect(headers['content-type']).toBe('application/problem+json');
  }
  const hundred = Array.from({ length: 100 }, (_, i) => i).join(',');
  expect((await get(`/v1/profiles?ids=${hundred}`)).statusCode).toBe(200);
});
