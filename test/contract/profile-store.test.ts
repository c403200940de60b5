import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoProfileEntries } from '../../functions/adapters/dynamo-profile-entries.ts';
import { dynamoProfileStore } from '../../functions/adapters/dynamo-profile-store.ts';
import { MemoryProfileStore } from '../../functions/adapters/memory-profile-store.ts';
import { itemKeyOf } from '../../functions/adapters/profile-items.ts';
import { encodeProfile } from '../../functions/core/profile/codec.ts';
import type { StoredProfile } from '../../functions/core/profile/stored-profile.ts';
import { encodeTraits } from '../../functions/core/profile/traits.ts';
import { epochMs } from '../../functions/core/time.ts';
import type { ProfileStore, StoredTraits } from '../../functions/ports/profile-store.ts';
import { profileRepository } from '../../functions/runtime/profile-repository.ts';
import { startDynamo, TABLE } from '../support/dynamo.ts';
import {
  absorbAll,
  definitions,
  envelopesOf,
  NOW,
  requestOf,
  sentEvents,
} from '../support/enriched-lines.ts';
import { stillClock, temporaryFolder } from '../support/served.ts';

type World = Awaited<ReturnType<typeof startDynamo>>;
let world: World;
const folder = temporaryFolder();
const clock = stillClock(NOW);

beforeAll(async () => {
  world = await startDynamo({ dataDir: folder.path, clock });
});
afterAll(async () => {
  await world.stop();
  folder.remove();
});

const profileOf = (events: number, more: Partial<StoredProfile> = {}): StoredProfile => {
  const { profile, fx } = absorbAll(undefined, envelopesOf([requestOf(sentEvents(events))]));
  if (profile === undefined) throw new Error('events make a profile');
  return { ...encodeProfile(profile, JSON.stringify(fx.at(-1))), ...more };
};

const traitsOf = (version: number, value = 'gold'): StoredTraits => ({
  version,
  ttl: Math.ceil(NOW / 1_000) + 1_000,
  traits: encodeTraits({
    byName: new Map([['plan', { value, at: epochMs(NOW), eventId: 'e' }]]),
    dropped: 0,
  }),
});

let users = 0;
const newUser = () => {
  users += 1;
  return { tenant: 'main', user: `user#${users} ü` };
};

/** Bytes come back as a plain Uint8Array from one and as a Buffer's view from another. */
const plain = (profile: unknown): unknown =>
  typeof profile === 'object' && profile !== null && 'memory' in profile
    ? { ...profile, memory: [...(profile as StoredProfile).memory] }
    : profile;

const stores: readonly (readonly [string, () => ProfileStore])[] = [
  ['in memory', () => new MemoryProfileStore()],
  ['over DynamoDB', () => dynamoProfileStore(world.client, TABLE)],
];

describe.each(stores)('the profile store %s', (_, make) => {
  test('a user without items has neither profile nor traits', async () => {
    const store = make();
    const user = newUser();
    expect(await store.load(user)).toBeUndefined();
    expect(await store.loadTraits(user)).toBeUndefined();
  });

  test('gives back exactly what was saved, the memory’s bytes included', async () => {
    const store = make();
    const user = newUser();
    const profile = profileOf(500);
    expect(await store.save(user, profile, undefined)).toEqual({ kind: 'saved' });
    expect(plain(await store.load(user))).toEqual(plain(profile));
    const traits = traitsOf(1);
    expect(await store.saveTraits(user, traits, undefined)).toEqual({ kind: 'saved' });
    expect(await store.loadTraits(user)).toEqual(traits);
  });

  test('a write under the version that was read succeeds, and the next under the new one', async () => {
    const store = make();
    const user = newUser();
    await store.save(user, profileOf(1, { version: 7 }), undefined);
    expect(await store.save(user, profileOf(2, { version: 8 }), 7)).toEqual({ kind: 'saved' });
    expect(await store.save(user, profileOf(3, { version: 9 }), 8)).toEqual({ kind: 'saved' });
    expect(await store.load(user)).toMatchObject({ version: 9 });
  });

  test('a write under an older version changes nothing and names the winner', async () => {
    const store = make();
    const user = newUser();
    const winner = profileOf(2, { version: 8 });
    await store.save(user, profileOf(1, { version: 7 }), undefined);
    await store.save(user, winner, 7);
    const saved = await store.save(user, profileOf(3, { version: 9 }), 7);
    expect(saved.kind).toBe('conflict');
    expect(saved.kind === 'conflict' && plain(saved.winner)).toEqual(plain(winner));
    expect(plain(await store.load(user))).toEqual(plain(winner));
  });

  test('a first write loses to an item that exists', async () => {
    const store = make();
    const user = newUser();
    const winner = profileOf(1, { version: 7 });
    await store.save(user, winner, undefined);
    const saved = await store.save(user, profileOf(2), undefined);
    expect(saved.kind === 'conflict' && plain(saved.winner)).toEqual(plain(winner));
  });

  test('a write under a version loses where the item is gone, to nobody', async () => {
    const store = make();
    const saved = await store.save(newUser(), profileOf(1), 7);
    expect(saved).toEqual({ kind: 'conflict', winner: undefined });
  });

  test('of ten writers at once under one version exactly one is saved', async () => {
    const store = make();
    const user = newUser();
    await store.save(user, profileOf(1, { version: 7 }), undefined);
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        store.save(user, profileOf(1, { version: 8, ttl: n }), 7),
      ),
    );
    expect(all.filter(({ kind }) => kind === 'saved')).toHaveLength(1);
  });

  test('traits and profile have versions of their own', async () => {
    const store = make();
    const user = newUser();
    await store.save(user, profileOf(1, { version: 7 }), undefined);
    expect(await store.saveTraits(user, traitsOf(1), undefined)).toEqual({ kind: 'saved' });
    expect(await store.saveTraits(user, traitsOf(2, 'free'), 1)).toEqual({ kind: 'saved' });
    expect(await store.saveTraits(user, traitsOf(3), 1)).toEqual({
      kind: 'conflict',
      winner: traitsOf(2, 'free'),
    });
    expect(await store.load(user)).toMatchObject({ version: 7 });
  });

  test('an item past its time is still an item, and is overwritten under its version', async () => {
    const store = make();
    const user = newUser();
    const expired = profileOf(1, { version: 7, ttl: 1 });
    await store.save(user, expired, undefined);
    expect(plain(await store.load(user))).toEqual(plain(expired));
    expect(await store.save(user, profileOf(1, { version: 8 }), undefined)).toMatchObject({
      kind: 'conflict',
    });
    expect(await store.save(user, profileOf(1, { version: 8 }), 7)).toEqual({ kind: 'saved' });
  });

  test('tenants share a table and no users', async () => {
    const store = make();
    const { user } = newUser();
    await store.save({ tenant: 'a', user }, profileOf(1), undefined);
    expect(await store.load({ tenant: 'b', user })).toBeUndefined();
  });
});

const putRaw = (user: { tenant: string; user: string }, item: 'rt' | 'tr', attributes: object) =>
  world.client.send(
    new PutItemCommand({ TableName: TABLE, Item: { ...itemKeyOf(user, item), ...attributes } }),
  );

test.each([
  ['without its memory', { v: { N: '7' } }],
  ['with a version that is no number', { v: { S: 'x' }, m: { B: Uint8Array.of(1) } }],
])('an item %s is unreadable, not absent, to reads and to lost writes', async (_, attributes) => {
  const store = dynamoProfileStore(world.client, TABLE);
  const user = newUser();
  await putRaw(user, 'rt', attributes);
  expect(await store.load(user)).toHaveProperty('unreadable');
  const saved = await store.save(user, profileOf(1), undefined);
  expect(saved.kind === 'conflict' && saved.winner).toHaveProperty('unreadable');
});

const reader = (now = NOW) =>
  profileRepository({
    table: dynamoProfileEntries(world.client, TABLE),
    definitions,
    now: () => now,
    random: () => 0,
    fault: (_, cause) => {
      throw cause;
    },
  });

test('the reader answers profile and traits per origin, in order, unknown and repeated ones too', async () => {
  const store = dynamoProfileStore(world.client, TABLE);
  const [one, two, unknown] = [newUser(), newUser(), newUser()];
  await store.save(one, profileOf(1, { version: 1 }), undefined);
  await store.save(two, profileOf(2, { version: 2 }), undefined);
  await store.saveTraits(two, traitsOf(1), undefined);
  const [first, none, second, again] = await reader().read([one, unknown, two, one]);
  expect(none).toBeUndefined();
  expect(first).toMatchObject({ version: 1, traits: {}, newestArrivedAt: NOW });
  expect(second).toMatchObject({ version: 2, traits: { plan: 'gold' } });
  expect(again).toEqual(first);
});

test('the reader takes 130 users in several reads of 100 keys', async () => {
  const store = dynamoProfileStore(world.client, TABLE);
  const all = Array.from({ length: 130 }, () => newUser());
  await Promise.all(
    all.map((user, n) => store.save(user, profileOf(1, { version: n + 1 }), undefined)),
  );
  const read = await reader().read(all);
  expect(read.map((profile) => profile?.version)).toEqual(all.map((_, n) => n + 1));
});

test('a profile past its time is unknown to the reader from its very second on', async () => {
  const store = dynamoProfileStore(world.client, TABLE);
  const user = newUser();
  const ttl = NOW / 1_000 + 10;
  await store.save(user, profileOf(1, { ttl }), undefined);
  expect((await reader(ttl * 1_000 - 1).read([user]))[0]).toBeDefined();
  expect((await reader(ttl * 1_000).read([user]))[0]).toBeUndefined();
});

test('traits past their time are no traits of a profile that lives', async () => {
  const store = dynamoProfileStore(world.client, TABLE);
  const user = newUser();
  await store.save(user, profileOf(1), undefined);
  await store.saveTraits(user, { ...traitsOf(1), ttl: NOW / 1_000 }, undefined);
  expect((await reader(NOW - 1).read([user]))[0]?.traits).toEqual({ plan: 'gold' });
  expect((await reader().read([user]))[0]?.traits).toEqual({});
});

test.each(['rt', 'tr'] as const)(
  'a damaged %s fails the read, and is never an unknown user',
  async (item) => {
    const store = dynamoProfileStore(world.client, TABLE);
    const user = newUser();
    if (item === 'tr') await store.save(user, profileOf(1), undefined);
    await putRaw(user, item, { v: { N: '1' } });
    await expect(reader().read([user])).rejects.toThrow('attribute');
  },
);

test('a store that is away throws, and is no conflict', async () => {
  const store = dynamoProfileStore(world.client, 'no-such-table');
  await expect(store.load(newUser())).rejects.toThrow();
  await expect(store.save(newUser(), profileOf(1), undefined)).rejects.toThrow();
});
