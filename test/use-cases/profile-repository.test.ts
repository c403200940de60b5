/** What serving functions read: from where, how old at most, and what when nobody answers. */
import { expect, test } from 'vitest';
import { memoryProfileCache } from '../../functions/adapters/memory-profile-cache.ts';
import type { Origin } from '../../functions/core/event/event.ts';
import { answerPageViews, answerProfile } from '../../functions/core/profile/answer.ts';
import { encodeFacets, foldFacets, noFacets } from '../../functions/core/profile/facets.ts';
import { encodeTraits } from '../../functions/core/profile/traits.ts';
import { encodeOff } from '../../functions/core/tags/off.ts';
import { epochMs, startOfUtcDay, utcDayOf } from '../../functions/core/time.ts';
import { ENTRY_MS_MAX, type ProfileCache } from '../../functions/ports/profile-cache.ts';
import {
  offEntry,
  type ProfileEntries,
  type ProfileEntry,
  traitsEntry,
  UnreadableEntry,
  type UserEntries,
} from '../../functions/ports/profile-entries.ts';
import { profile } from '../../functions/profile/profile.ts';
import { guardedCache } from '../../functions/runtime/guarded-cache.ts';
import type { HttpRequest } from '../../functions/runtime/http.ts';
import { profileRepository } from '../../functions/runtime/profile-repository.ts';
import { counted, NOW } from '../support/counted-events.ts';
import { definitions, storedFacets } from '../support/profile-changes.ts';

const ANN: Origin = { tenant: 'main', user: 'ann' };
const BOB: Origin = { tenant: 'main', user: 'bob' };
const TTL = NOW / 1_000 + 86_400;

const entryOf = (version: number, more: Partial<ProfileEntry> = {}): ProfileEntry => ({
  since: epochMs(NOW - 5_000),
  version,
  ttl: TTL,
  at: NOW,
  stored: storedFacets(version),
  ...more,
});
const gold = traitsEntry(
  1,
  TTL,
  encodeTraits({
    byName: new Map([['plan', { value: 'gold', at: NOW, eventId: 'e' }]]),
    dropped: 0,
  }),
);

const worldOf = (options: { readonly hasCache?: boolean } = {}) => {
  const clock = { ms: NOW as number };
  const items = new Map<string, UserEntries>();
  const away = { cache: false, table: false };
  const calls = { cache: 0, table: 0, reads: [] as (readonly string[])[] };
  const faults: string[] = [];
  const memory = memoryProfileCache(
    () => clock.ms,
    () => 0,
  );
  const orAway = <T>(name: 'cache' | 'table', call: () => Promise<T>): Promise<T> => {
    calls[name] += 1;
    return away[name] ? Promise.reject(new Error(`${name} away`)) : call();
  };
  const cache: ProfileCache = {
    read: (origins) => orAway('cache', () => memory.read(origins)),
    write: (changes) => orAway('cache', () => memory.write(changes)),
  };
  const table: ProfileEntries = {
    read: (origins) => {
      calls.reads.push(origins.map(({ user }) => user));
      return orAway('table', async () => origins.map(({ user }) => items.get(user) ?? {}));
    },
  };
  const newProcess = () =>
    profileRepository({
      ...(options.hasCache !== false && {
        cache: guardedCache(cache, { now: () => clock.ms, timeoutMs: 5_000 }),
      }),
      table,
      definitions,
      now: () => clock.ms,
      random: () => 0,
      fault: (message) => faults.push(message),
    });
  return { clock, items, away, calls, faults, memory, table, newProcess, repository: newProcess() };
};

test('what the cache does not hold comes from the table, fills it, and is read from it then', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(3), tr: gold });
  const [first] = await world.repository.read([ANN]);
  expect(first).toMatchObject({ version: 3, traits: { plan: 'gold' }, newestArrivedAt: NOW });
  expect(first?.stale).toBeUndefined();
  world.away.table = true;
  const [second] = await world.newProcess().read([ANN]);
  expect(second).toEqual(first);
  expect(world.calls.table).toBe(1);
  expect(world.faults).toEqual([]);
});

test('a user without traits is whole in the cache too, until traits are told', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(3) });
  await world.repository.read([ANN]);
  world.away.table = true;
  expect(await world.newProcess().read([ANN])).toMatchObject([{ version: 3, traits: {} }]);
  await world.memory.write([{ origin: ANN, name: 'tr', entry: gold }]);
  expect(await world.newProcess().read([ANN])).toMatchObject([{ traits: { plan: 'gold' } }]);
});

test('a profile without its traits in the cache is read whole from the table', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(3), tr: gold });
  await world.memory.write([{ origin: ANN, name: 'rt', entry: entryOf(2) }]);
  expect(await world.repository.read([ANN])).toMatchObject([
    { version: 3, traits: { plan: 'gold' } },
  ]);
});

test('a process asks once in a second for a user, and twice as often for one that nobody knows', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(1), tr: gold });
  const asked = async (origin: Origin): Promise<number> => {
    const before = world.calls.cache;
    await world.repository.read([origin]);
    return world.calls.cache - before;
  };
  expect([(await asked(ANN)) > 0, (await asked(BOB)) > 0]).toEqual([true, true]);
  world.clock.ms += 499;
  expect([await asked(ANN), await asked(BOB)]).toEqual([0, 0]);
  world.clock.ms += 1;
  expect([await asked(ANN), await asked(BOB)]).toEqual([0, 1]);
  world.clock.ms += 500;
  expect(await asked(ANN)).toBe(1);
});

test('one read a user at a time, however many ask', async () => {
  const world = worldOf({ hasCache: false });
  world.items.set('ann', { rt: entryOf(1) });
  const [one, two, three] = await Promise.all([
    world.repository.read([ANN, ANN]),
    world.repository.read([ANN]),
    world.repository.read([BOB, ANN]),
  ]);
  expect(world.calls.reads).toEqual([['ann'], ['bob']]);
  expect(one?.[0]).toEqual(two?.[0]);
  expect(three).toEqual([undefined, one?.[1]]);
});

const requestFor = (user: string, receivedAtMs: number, path = `/v1/profiles/${user}`) =>
  ({
    method: 'GET',
    path,
    query: new URLSearchParams(),
    headers: {},
    pathParameters: { userId: user },
    body: new Uint8Array(),
    bodyIsBytes: false,
    requestId: 'req-1',
    receivedAtMs,
  }) satisfies HttpRequest;

const served = (world: ReturnType<typeof worldOf>) =>
  profile({
    profiles: world.repository,
    definitions,
    authorize: async () => ({ tenant: 'main' }),
  });

test('a window moves on while the tiles are held: the present counts, not the time of the read', async () => {
  const world = worldOf();
  const viewed = counted({ kind: 'page', at: NOW - 299_500 }, 0);
  const stored = encodeFacets(foldFacets(noFacets(definitions), [viewed], definitions));
  world.items.set('ann', { rt: entryOf(1, { stored }) });
  const serve = served(world);
  const views = async (afterMs: number): Promise<unknown> => {
    const { body } = await serve(requestFor('ann', NOW + afterMs));
    return JSON.parse(body).tags.views_5m.value;
  };
  expect(await views(0)).toBe(1);
  const { cache, table } = world.calls;
  // The same millisecond of the process, a later one of the request: what is held is asked.
  expect(await views(60_000)).toBe(0);
  expect(world.calls).toMatchObject({ cache, table });
});

test('a cache that fails is left alone for a while, and asked again', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(1), tr: gold });
  world.away.cache = true;
  for (let read = 0; read < 20; read += 1) {
    expect(await world.repository.read([ANN])).toMatchObject([{ version: 1 }]);
    world.clock.ms += 1_000 / 20;
    await world.repository.read([BOB]);
  }
  expect(world.calls.cache).toBeLessThanOrEqual(3);
  expect(new Set(world.faults)).toEqual(
    new Set(['the cache did not answer', 'the cache was not filled']),
  );
  world.away.cache = false;
  world.clock.ms += 2_000;
  await world.repository.read([ANN]);
  world.away.table = true;
  expect(await world.newProcess().read([ANN])).toMatchObject([{ version: 1 }]);
});

test('when both are gone an answer is what nobody knows better, and says stale', async () => {
  const world = worldOf();
  world.away.cache = true;
  world.away.table = true;
  const serve = served(world);
  const native = await serve(requestFor('ann', NOW));
  expect(native.statusCode).toBe(200);
  expect(JSON.parse(native.body)).toMatchObject({
    userId: 'ann',
    version: 0,
    stale: true,
    tags: {},
    interests: [],
    traits: {},
  });
  const flat = await serve(requestFor('ann', NOW, '/profile/ann'));
  expect([flat.statusCode, flat.headers['tributary-stale']]).toEqual([200, 'true']);
  const views = await serve(requestFor('ann', NOW, '/api/analytics/user/ann/page-views'));
  expect([views.statusCode, views.headers['tributary-stale'], views.body]).toEqual([
    200,
    'true',
    '[]',
  ]);
  const explained = await serve({
    ...requestFor('ann', NOW, '/v1/profiles/ann/explain/views_5m'),
    pathParameters: { userId: 'ann', tag: 'views_5m' },
  });
  expect([explained.statusCode, JSON.parse(explained.body).code]).toEqual([503, 'profiles_away']);
  world.away.table = false;
  world.items.set('ann', { rt: entryOf(2) });
  expect(await world.repository.read([ANN])).toMatchObject([{ version: 2 }]);
});

test('bodies without a place for it tell their freshness beside it', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(2) });
  const serve = served(world);
  for (const path of ['/profile/ann', '/api/analytics/user/ann/page-views']) {
    const { headers } = await serve(requestFor('ann', NOW + 10, path));
    expect(headers).toMatchObject({ 'tributary-as-of': new Date(NOW).toISOString() });
  }
});

test('an item that cannot be read is a fault, and no default', async () => {
  const repository = profileRepository({
    table: { read: () => Promise.reject(new UnreadableEntry('attribute p is a text')) },
    definitions,
    now: () => NOW,
    random: () => 0,
    fault: () => undefined,
  });
  await expect(repository.read([ANN])).rejects.toThrow('attribute p');
  // Nor does it stay in the way of the next read.
  await expect(repository.read([ANN])).rejects.toThrow('attribute p');
});

test('a copy that this bundle cannot read counts for nothing', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(3), tr: gold });
  await world.memory.write([
    { origin: ANN, name: 'rt', entry: entryOf(9, { stored: '{"a":' }) },
    { origin: ANN, name: 'tr', entry: gold },
  ]);
  expect(await world.repository.read([ANN])).toMatchObject([{ version: 3 }]);
});

test('directed 15: a reader that fills the cache with a stale read leaves the newer projection there', async () => {
  const world = worldOf();
  const gate = Promise.withResolvers<void>();
  const slow = profileRepository({
    cache: world.memory,
    table: {
      read: async () => {
        const read = [{ rt: entryOf(3) }];
        await gate.promise;
        return read;
      },
    },
    definitions,
    now: () => world.clock.ms,
    random: () => 0,
    fault: (message) => world.faults.push(message),
  });
  const reading = slow.read([ANN]);
  // Meanwhile the table goes on, and project with it.
  await world.memory.write([
    { origin: ANN, name: 'rt', entry: entryOf(4) },
    { origin: ANN, name: 'tr', entry: gold },
  ]);
  gate.resolve();
  expect(await reading).toMatchObject([{ version: 3 }]);
  expect(await world.memory.read([ANN])).toMatchObject([{ rt: entryOf(4), tr: gold }]);
  expect(await world.newProcess().read([ANN])).toMatchObject([
    { version: 4, traits: { plan: 'gold' } },
  ]);
  expect(world.faults).toEqual([]);
});

test('what project could not write is old for ten minutes at most', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(3), tr: gold });
  await world.repository.read([ANN]);
  world.items.set('ann', { rt: entryOf(4), tr: gold });
  // Read again and again: no reader makes an old copy live longer.
  for (let minute = 1; minute < 10; minute += 1) {
    world.clock.ms = NOW + minute * 60_000;
    expect(await world.newProcess().read([ANN])).toMatchObject([{ version: 3 }]);
  }
  world.clock.ms = NOW + ENTRY_MS_MAX;
  expect(await world.newProcess().read([ANN])).toMatchObject([{ version: 4 }]);
});

test('a profile past its time is unknown, wherever it lies', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(3), tr: gold });
  await world.repository.read([ANN]);
  world.clock.ms = TTL * 1_000;
  expect(await world.newProcess().read([ANN])).toEqual([undefined]);
});

const ltv = definitions.lake.find(({ definition }) => definition.name === 'ltv_total');
const ltvVersion = ltv?.version ?? '';

/** The nightly's 5.00 of a lifetime, before a cut that all of a user's events follow. */
const offOf = (runId: string, cut = utcDayOf(NOW)): ProfileEntry =>
  offEntry({
    runId,
    cut,
    ttl: TTL,
    tags: encodeOff(new Map([[ltvVersion, { kind: 'tiles', tiles: new Map([[0, 5_000_000]]) }]])),
  });
const RUN = '1764000000000-00ab';

test('what the nightly job says of a user is read beside the profile, from table and cache alike', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(3), off: offOf(RUN) });
  const [first] = await world.repository.read([ANN]);
  expect(first?.off).toMatchObject({ runId: RUN, cut: utcDayOf(NOW) });
  expect(first?.off?.tags.get(ltvVersion)).toEqual({
    kind: 'tiles',
    tiles: new Map([[0, 5_000_000]]),
  });
  world.away.table = true;
  expect(await world.newProcess().read([ANN])).toEqual([first]);
});

test('a user without a nightly item is whole in the cache too, until a run writes one', async () => {
  const world = worldOf();
  world.items.set('ann', { rt: entryOf(3) });
  await world.repository.read([ANN]);
  world.away.table = true;
  expect((await world.newProcess().read([ANN]))[0]?.off).toBeUndefined();
  await world.memory.write([{ origin: ANN, name: 'off', entry: offOf(RUN) }]);
  expect(await world.newProcess().read([ANN])).toMatchObject([{ version: 3, off: { runId: RUN } }]);
});

test('a user whose events are forgotten is still who the nightly job says', async () => {
  const world = worldOf();
  world.items.set('ann', { off: offOf(RUN) });
  world.items.set('bob', { rt: entryOf(3, { ttl: 1 }), off: offOf(RUN) });
  expect(await world.repository.read([ANN, BOB])).toMatchObject([
    { version: 0, off: { runId: RUN }, newestArrivedAt: startOfUtcDay(utcDayOf(NOW)) },
    { version: 0, off: { runId: RUN } },
  ]);
});

test('directed 15: a reader that comes late with an older run leaves the newer one there', async () => {
  const world = worldOf();
  const newer = offOf('1764000000001-0000');
  await world.memory.write([{ origin: ANN, name: 'off', entry: newer }]);
  await world.memory.write([{ origin: ANN, name: 'off', entry: offOf(RUN) }]);
  expect(await world.memory.read([ANN])).toEqual([{ off: newer }]);
});

test('of a user whose events are forgotten, what no run has filled is partial and the rest is sure', async () => {
  const world = worldOf();
  world.items.set('ann', { off: offOf(RUN) });
  const [found] = await world.repository.read([ANN]);
  if (found === undefined) throw new Error('ann is known');
  const { tags } = answerProfile('ann', found, definitions, epochMs(NOW));
  expect(tags.ltv_total).toMatchObject({ value: 5, partial: false });
  expect(tags.orders_total).toMatchObject({ value: 0, partial: true });
  expect(tags.first_seen).toBeUndefined();
  const pages = answerPageViews('ann', found, { from: epochMs(0), to: NOW }, NOW);
  expect(pages.partial).toBe(true);
});

test('directed 25: at each step of a load the profile says the same, from table and cache alike', async () => {
  const world = worldOf();
  const today = utcDayOf(NOW);
  // 1 of three days ago and 2 of yesterday: the old run has the first, the new one both.
  const orders = [3, 1].map((ago, index) => {
    const told = { name: 'Order Completed', orders: 1 as const, at: NOW - ago * 86_400_000 };
    return counted({ ...told, revenueMicros: (index + 1) * 1_000_000 }, index);
  });
  const facets = foldFacets(noFacets(definitions), orders, definitions);
  const rt = entryOf(3, { stored: encodeFacets(facets) });
  const ofRun = (runId: string, cut: number, micros: number): ProfileEntry => {
    const total = { kind: 'tiles', tiles: new Map([[0, micros]]) } as const;
    const tags = encodeOff(new Map([[ltvVersion, total]]));
    return offEntry({ runId, cut, ttl: TTL, tags });
  };
  const older = ofRun(RUN, today - 2, 1_000_000);
  const newer = ofRun('1764000000001-0000', today, 3_000_000);
  const served = async () => {
    const [found] = await world.newProcess().read([ANN]);
    if (found === undefined) throw new Error('ann is known');
    const { ltv_total: ltv } = answerProfile('ann', found, definitions, epochMs(NOW)).tags;
    return { value: ltv?.value, partial: ltv?.partial, run: found.off?.runId };
  };
  const right = { value: 3, partial: false };
  world.items.set('ann', { rt, tr: gold });
  expect(await served()).toEqual({ ...right, run: undefined });
  world.items.set('ann', { rt, tr: gold, off: older });
  // Project has not come to it yet: what the cache has is as right.
  expect(await served()).toEqual({ ...right, run: undefined });
  await world.memory.write([{ origin: ANN, name: 'off', entry: older }]);
  expect(await served()).toEqual({ ...right, run: RUN });
  world.items.set('ann', { rt, tr: gold, off: newer });
  expect(await served()).toEqual({ ...right, run: RUN });
  await world.memory.write([{ origin: ANN, name: 'off', entry: newer }]);
  expect(await served()).toEqual({ ...right, run: '1764000000001-0000' });
  await world.memory.write([{ origin: ANN, name: 'off' }]);
  expect(await served()).toEqual({ ...right, run: '1764000000001-0000' });
});
