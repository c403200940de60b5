import { expect, test } from 'vitest';
import { ATTEMPTS_MAX, Contention } from '../../functions/aggregate/fold-user.ts';
import type { ProfileDefinitions } from '../../functions/core/profile/facets.ts';
import { compileProfile } from '../../functions/core/profile/facets.ts';
import { epochMs, minutes } from '../../functions/core/time.ts';
import type { ProfileStore } from '../../functions/ports/profile-store.ts';
import { config } from '../../tributary.config.ts';
import { aggregating, recordsOf } from '../support/aggregating.ts';
import {
  NOW,
  positionOf,
  requestOf,
  sentEvent,
  sentEvents,
  sequenceOf,
  stubText,
} from '../support/enriched-lines.ts';

const cutsOf = (user: string, ids: readonly string[]) =>
  ids.flatMap((id) => requestOf([sentEvent(id, { userId: user })], `request-${user}-${id}`));

const identify = (user: string, id: string, traits: Record<string, string>, more = {}) =>
  requestOf([sentEvent(id, { userId: user, event: null, type: 'identify', traits, ...more })]);

/** Fails the first `times` calls that match. */
const failing = <A extends readonly unknown[], T>(
  call: (...args: A) => Promise<T>,
  matches: (...args: A) => boolean,
  times = 1,
) => {
  let left = times;
  return async (...args: A): Promise<T> => {
    if (left > 0 && matches(...args)) {
      left -= 1;
      throw new Error('the store is away');
    }
    return call(...args);
  };
};

test('500 envelopes of a user in one batch, a neighbour’s write fails, the whole batch again', async () => {
  const hot = cutsOf(
    'hot',
    Array.from({ length: 500 }, (_, n) => `h${n}`),
  );
  const batch = recordsOf([...cutsOf('neighbour', ['n1']), ...hot]);
  const world = aggregating({
    profiles: (store) => ({
      ...store,
      save: failing(store.save, ({ user }) => user === 'neighbour'),
    }),
  });
  expect(await world.run(batch)).toBe(sequenceOf(0));
  const version = world.itemOf('hot').version;
  expect(world.totals('hot')).toEqual({ applied: 500, duplicate: 0, parked: 0 });
  expect(await world.run(batch)).toBeUndefined();
  expect(world.totals('hot')).toEqual({ applied: 500, duplicate: 0, parked: 0 });
  expect(world.itemOf('hot').version).toBe(version);
  expect(world.totals('neighbour')).toEqual({ applied: 1, duplicate: 0, parked: 0 });
});

test('500 envelopes of a user are eight writes in order', async () => {
  const world = aggregating();
  await world.run(
    recordsOf(
      cutsOf(
        'hot',
        Array.from({ length: 500 }, (_, n) => `h${n}`),
      ),
    ),
  );
  expect(world.effectsOf('hot').map(({ events }) => events.length)).toEqual([
    ...Array.from({ length: 7 }, () => 64),
    52,
  ]);
});

test('nothing of a user is written after its first write that failed', async () => {
  let saves = 0;
  const world = aggregating({
    profiles: (store) => ({
      ...store,
      save: async (...args) => {
        saves += 1;
        if (saves === 2) throw new Error('the store is away');
        return store.save(...args);
      },
    }),
  });
  const batch = recordsOf(
    cutsOf(
      'u',
      Array.from({ length: 200 }, (_, n) => `e${n}`),
    ),
  );
  expect(await world.run(batch)).toBe(sequenceOf(0));
  expect(saves).toBe(2);
  expect(world.totals('u').applied).toBe(64);
  expect(await world.run(batch)).toBeUndefined();
  expect(world.totals('u')).toEqual({ applied: 200, duplicate: 0, parked: 0 });
});

test('a lost race folds again on the winner, without another read', async () => {
  const rival = aggregating();
  let loads = 0;
  let raced = false;
  const world = aggregating({
    memory: rival.memory,
    profiles: (store) => ({
      ...store,
      load: (origin) => {
        loads += 1;
        return store.load(origin);
      },
      save: async (...args) => {
        if (!raced) {
          raced = true;
          await rival.run(recordsOf(cutsOf('u', ['theirs'])));
        }
        return store.save(...args);
      },
    }),
  });
  expect(await world.run(recordsOf(cutsOf('u', ['ours']), { from: 10 }))).toBeUndefined();
  expect(loads).toBe(1);
  expect(world.totals('u').applied + rival.totals('u').applied).toBe(2);
  expect(world.counts[0]).toMatchObject({ applied: 1, duplicate: 0 });
  expect(world.itemOf('u').version).toBe(NOW + 1);
});

test('a zombie’s batch that another process has written meanwhile changes nothing', async () => {
  const first = aggregating();
  const batch = recordsOf(cutsOf('u', ['a', 'b']));
  let raced = false;
  const zombie = aggregating({
    memory: first.memory,
    profiles: (store) => ({
      ...store,
      save: async (...args) => {
        if (!raced) {
          raced = true;
          await first.run(batch);
        }
        return store.save(...args);
      },
    }),
  });
  expect(await zombie.run(batch)).toBeUndefined();
  expect(zombie.writes).toEqual([]);
  expect(first.totals('u')).toEqual({ applied: 2, duplicate: 0, parked: 0 });
});

test('a writer that loses five times in a row reports its user as unfinished', async () => {
  let saves = 0;
  const world = aggregating({
    profiles: (store) => ({
      ...store,
      save: async () => {
        saves += 1;
        return { kind: 'conflict', winner: undefined };
      },
    }),
  });
  expect(await world.run(recordsOf(cutsOf('u', ['a'])))).toBe(sequenceOf(0));
  expect(saves).toBe(ATTEMPTS_MAX);
  expect(world.faults[0]).toBeInstanceOf(Contention);
});

test('a write that happened and whose answer was lost counts as applied once, as duplicate never', async () => {
  // What the SDK's own retry meets: its first try is stored, its second sees the condition fail.
  const world = aggregating({
    profiles: (store) => {
      let lost = false;
      return {
        ...store,
        save: async (...args) => {
          const saved = await store.save(...args);
          if (lost) return saved;
          lost = true;
          return { kind: 'conflict', winner: await store.load(args[0]) };
        },
      };
    },
  });
  expect(await world.run(recordsOf(cutsOf('u', ['a', 'b'])))).toBeUndefined();
  expect(world.totals('u')).toEqual({ applied: 2, duplicate: 0, parked: 0 });
  expect(world.itemOf('u').duplicates).toBe(0);
  expect(world.writes).toHaveLength(1);
});

test('a write that happened before its call failed is a redelivery afterwards', async () => {
  let lost = false;
  const world = aggregating({
    profiles: (store) => ({
      ...store,
      save: async (...args) => {
        const saved = await store.save(...args);
        if (lost) return saved;
        lost = true;
        throw new Error('the connection broke');
      },
    }),
  });
  const batch = recordsOf(cutsOf('u', ['a', 'b']));
  expect(await world.run(batch)).toBe(sequenceOf(0));
  expect(await world.run(batch)).toBeUndefined();
  expect(world.totals('u')).toEqual({ applied: 2, duplicate: 0, parked: 0 });
});

test('an item that is removed between read and write is made anew', async () => {
  const world = aggregating({
    profiles: (store) => ({
      ...store,
      save: async (origin, profile, readVersion) => {
        if (readVersion !== undefined) removed();
        return store.save(origin, profile, readVersion);
      },
    }),
  });
  let times = 0;
  const removed = () => {
    times += 1;
    if (times === 1) world.memory.profiles.delete('main#u');
  };
  await world.run(recordsOf(cutsOf('u', ['a'])));
  world.clock.ms += 5;
  expect(await world.run(recordsOf(cutsOf('u', ['b']), { from: 5 }))).toBeUndefined();
  expect(world.itemOf('u').version).toBe(NOW + 5);
});

test('of several unfinished users the lowest sequence is named, and the retry converges', async () => {
  const users = Array.from({ length: 70 }, (_, n) => `u${n}`);
  const batch = recordsOf(users.flatMap((user) => cutsOf(user, ['a'])));
  const broken = new Set(['u7', 'u40', 'u69']);
  const world = aggregating({
    profiles: (store) => ({
      ...store,
      load: failing(store.load, ({ user }) => broken.has(user), 3),
    }),
  });
  expect(await world.run(batch)).toBe(sequenceOf(7));
  expect(world.counts[0]?.unfinishedUsers).toBe(3);
  expect(await world.run(batch.slice(7), { from: 7 })).toBeUndefined();
  for (const user of users) expect(world.totals(user).applied).toBe(1);
});

test('users are folded side by side, at most 32 at once, and one user never with itself', async () => {
  let running = 0;
  let most = 0;
  const mine = new Map<string, number>();
  const world = aggregating({
    profiles: (store) => ({
      ...store,
      save: async (origin, ...rest) => {
        running += 1;
        mine.set(origin.user, (mine.get(origin.user) ?? 0) + 1);
        expect(mine.get(origin.user)).toBe(1);
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        mine.set(origin.user, 0);
        return store.save(origin, ...rest);
      },
    }),
  });
  const users = Array.from({ length: 100 }, (_, n) => `u${n}`);
  await world.run(recordsOf(users.flatMap((user) => cutsOf(user, ['a', 'b']))));
  expect(most).toBe(32);
});

test('once 70 % of the time is gone no further user is begun', async () => {
  const clock = { ms: NOW };
  const world = aggregating({
    clock,
    profiles: (store) => ({
      ...store,
      load: (origin) => {
        clock.ms += 100;
        return store.load(origin);
      },
    }),
  });
  const users = Array.from({ length: 100 }, (_, n) => `u${n}`);
  const batch = recordsOf(users.flatMap((user) => cutsOf(user, ['a'])));
  // 70 % of 5 s are 35 loads: the 36th still begins at the very instant, the 37th is after it.
  expect(await world.run(batch, { remainingMs: 5_000 })).toBe(sequenceOf(36));
  expect(world.counts[0]).toMatchObject({ applied: 36, unfinishedUsers: 64 });
});

test('a line without a position is parked with its bytes, and its neighbours count', async () => {
  const [good] = recordsOf(cutsOf('u', ['a']));
  const world = aggregating();
  const text = `{"not":"ours"}\nnot JSON at all\n${good?.text}`;
  expect(await world.run([{ partitionKey: 'main#u', text }])).toBeUndefined();
  const kept = [...world.objects.values()].map((body) => JSON.parse(body));
  expect(kept.map(({ reason }) => reason)).toEqual(['no_position', 'not_json']);
  expect(kept.map(({ bytes }) => String(Buffer.from(bytes, 'base64')))).toEqual([
    '{"not":"ours"}',
    'not JSON at all',
  ]);
  expect(world.totals('u')).toEqual({ applied: 1, duplicate: 0, parked: 0 });
  expect(world.counts[0]).toMatchObject({ applied: 1, parked: 2, foreign: 0 });
});

test('a record with a foreign partition key is parked outside the ledger', async () => {
  const world = aggregating();
  expect(await world.run([{ partitionKey: 'stranger', text: '{}\n' }])).toBeUndefined();
  expect(world.objects.size).toBe(1);
  expect(world.counts[0]).toMatchObject({ parked: 0, foreign: 1 });
  expect(world.writes).toEqual([]);
});

test('a line of another user is parked under its position, the fence passes, and it counts as parked once', async () => {
  const [other] = recordsOf(cutsOf('somebody', ['a']));
  const world = aggregating();
  const batch = [{ partitionKey: 'main#u', text: other?.text ?? '' }];
  await world.run(batch);
  await world.run(batch);
  expect(world.totals('u')).toEqual({ applied: 0, duplicate: 0, parked: 1 });
  expect([...world.objects.keys()]).toEqual([
    `failed/aggregate/${positionOf(0).stream}/${positionOf(0).shard}/${positionOf(0).sequence}/0`,
  ]);
});

test('a stub’s bytes are not parked a second time', async () => {
  const world = aggregating();
  const text = `${stubText(positionOf(0), 0, 'main#u')}\n`;
  await world.run([{ partitionKey: 'main#u', text }]);
  expect(world.totals('u')).toEqual({ applied: 0, duplicate: 0, parked: 1 });
  expect(world.objects.size).toBe(0);
});

test('what cannot be parked keeps its fence: parked before the write, never after', async () => {
  const [other] = recordsOf(cutsOf('somebody', ['a']));
  const world = aggregating({
    failed: (store) => ({ park: failing(store.park, () => true) }),
  });
  const batch = [{ partitionKey: 'main#u', text: other?.text ?? '' }];
  expect(await world.run(batch)).toBe(sequenceOf(0));
  expect(world.writes).toEqual([]);
  expect(await world.run(batch)).toBeUndefined();
  expect(world.objects.size).toBe(1);
  expect(world.totals('u').parked).toBe(1);
});

test.each([
  ['is damaged', { unreadable: 'attribute m is bytes' }],
  [
    'does not decode',
    {
      version: 7,
      ttl: 4_000_000_000,
      since: epochMs(1),
      newestArrivedAt: epochMs(1),
      known: true,
      duplicates: 0,
      memory: Uint8Array.of(9, 9),
      facets: '{}',
      fx: '{}',
    },
  ],
])(
  'an item that %s is not touched: its envelopes are parked whole under stage state',
  async (_, item) => {
    const world = aggregating();
    world.memory.profiles.set('main#u', item);
    const batch = recordsOf([...cutsOf('u', ['a', 'b']), ...cutsOf('v', ['c'])]);
    expect(await world.run(batch)).toBeUndefined();
    expect(world.memory.profiles.get('main#u')).toBe(item);
    const keys = [...world.objects.keys()];
    expect(keys).toHaveLength(2);
    expect(keys.every((key) => key.startsWith('failed/state/'))).toBe(true);
    const bytes = [...world.objects.values()].map((body) =>
      String(Buffer.from(JSON.parse(body).bytes, 'base64')),
    );
    expect(bytes.map((text) => JSON.parse(text).eventId)).toEqual(['a', 'b']);
    expect(world.totals('v').applied).toBe(1);
    expect(world.counts[0]).toMatchObject({ applied: 1, parked: 0, unreadable: 2 });
    // Mended, it takes them, because no fence moved.
    world.memory.profiles.delete('main#u');
    await world.run(batch);
    expect(world.totals('u').applied).toBe(2);
  },
);

test('an item of traits that does not decode parks its user’s envelopes and blocks nobody', async () => {
  const world = aggregating();
  const damaged = { unreadable: 'attribute p is a text' };
  world.memory.traits.set('main#u', damaged);
  const batch = recordsOf([...identify('u', 'a', { plan: 'x' }), ...cutsOf('v', ['c'])]);
  expect(await world.run(batch)).toBeUndefined();
  expect(world.memory.traits.get('main#u')).toBe(damaged);
  expect([...world.objects.keys()].every((key) => key.startsWith('failed/state/'))).toBe(true);
  expect(world.objects.size).toBe(1);
  expect(world.writes).toEqual(['v']);
});

/** A bundle with a bug: it throws at one kind of event. */
const buggy: ProfileDefinitions = (() => {
  const shipped = compileProfile(config);
  return {
    ...shipped,
    interestWeights: {
      ...shipped.interestWeights,
      get: (name: string) => {
        if (name === 'Product Added') throw new TypeError('a bug');
        return shipped.interestWeights.get(name);
      },
    } as ReadonlyMap<string, number>,
  };
})();
const bad = (user: string, id: string) =>
  requestOf([sentEvent(id, { userId: user, event: 'Product Added' })]);

test('an event whose fold throws is parked with its trace before the fence passes it; its neighbours count', async () => {
  const order: string[] = [];
  const world = aggregating({
    definitions: buggy,
    failed: (store) => ({
      park: (events) => {
        order.push('park');
        return store.park(events);
      },
    }),
    profiles: (store) => ({
      ...store,
      save: (...args) => {
        order.push('save');
        return store.save(...args);
      },
    }),
  });
  const [cut] = requestOf([
    sentEvent('a'),
    sentEvent('b', { event: 'Product Added' }),
    sentEvent('c'),
  ]);
  if (cut === undefined) throw new Error('there is one envelope');
  const batch = recordsOf([cut]);
  expect(await world.run(batch)).toBeUndefined();
  expect(order).toEqual(['park', 'save']);
  expect(world.totals('user123')).toEqual({ applied: 2, duplicate: 0, parked: 1 });
  const [body] = [...world.objects.values()].map((text) => JSON.parse(text));
  expect(body).toMatchObject({ stage: 'aggregate', reason: 'bug', requestId: 'request-1' });
  expect(body.trace).toContain('a bug');
  expect(JSON.parse(String(Buffer.from(body.bytes, 'base64'))).eventId).toBe('b');
  await world.run(batch);
  expect(world.totals('user123')).toEqual({ applied: 2, duplicate: 0, parked: 1 });
});

const waveOf = (users: number) =>
  recordsOf(Array.from({ length: users }, (_, n) => bad(`w${n}`, `bad-${n}`)).flat());

test('a wave of bugs right after a deploy parks nothing once it is more than a fifth of the records', async () => {
  const world = aggregating({ definitions: buggy, deployedAt: epochMs(NOW - minutes(10)) });
  expect(await world.run(waveOf(60))).toBe(sequenceOf(12));
  expect(world.objects.size).toBe(12);
  expect(world.verdicts).toContain('deploy');
  // The next deploy mends it: all that waited count.
  const mended = aggregating({ memory: world.memory });
  expect(await mended.run(waveOf(60))).toBeUndefined();
  expect(Array.from({ length: 48 }, (_, n) => mended.totals(`w${n + 12}`).applied)).toEqual(
    Array.from({ length: 48 }, () => 1),
  );
});

test('an old bundle that meets a wave parks it, and alarms', async () => {
  const world = aggregating({ definitions: buggy, deployedAt: epochMs(NOW - minutes(61)) });
  expect(await world.run(waveOf(60))).toBeUndefined();
  expect(world.objects.size).toBe(60);
  expect(world.verdicts).toContain('alarm');
  expect(world.verdicts).not.toContain('deploy');
});

test('killed between traits and profile, the traits are told again and count once', async () => {
  const batch = recordsOf(identify('u', 'a', { plan: 'gold' }));
  const world = aggregating({
    profiles: (store) => ({ ...store, save: failing(store.save, () => true) }),
  });
  expect(await world.run(batch)).toBe(sequenceOf(0));
  expect(world.traitsOf('u')).toEqual({ plan: 'gold' });
  const version = world.memory.traits.get('main#u');
  expect(await world.run(batch)).toBeUndefined();
  expect(world.memory.traits.get('main#u')).toBe(version);
  expect(world.totals('u').applied).toBe(1);
});

test('traits that could not be written keep the profile’s fence: told before the write, never after', async () => {
  const batch = recordsOf(identify('u', 'a', { plan: 'gold' }));
  const world = aggregating({
    profiles: (store) => ({ ...store, saveTraits: failing(store.saveTraits, () => true) }),
  });
  expect(await world.run(batch)).toBe(sequenceOf(0));
  expect(world.writes).toEqual([]);
  expect(await world.run(batch)).toBeUndefined();
  expect(world.traitsOf('u')).toEqual({ plan: 'gold' });
  expect(world.totals('u').applied).toBe(1);
});

test('an older identification that arrives later does not overwrite a newer trait', async () => {
  const world = aggregating();
  await world.run(
    recordsOf(identify('u', 'new', { plan: 'gold' }, { timestamp: '2026-11-24T11:00:00Z' })),
  );
  await world.run(
    recordsOf(
      identify('u', 'old', { plan: 'free', city: 'Oslo' }, { timestamp: '2026-11-24T10:00:00Z' }),
      {
        from: 5,
      },
    ),
  );
  expect(world.traitsOf('u')).toEqual({ plan: 'gold', city: 'Oslo' });
});

test('traits that lose a race are merged into the winner', async () => {
  const rival = aggregating();
  const world = aggregating({
    memory: rival.memory,
    profiles: (store) => {
      let raced = false;
      const race: ProfileStore['saveTraits'] = async (...args) => {
        if (!raced) {
          raced = true;
          await rival.run(recordsOf(identify('u', 'theirs', { theirs: '1' })));
        }
        return store.saveTraits(...args);
      };
      return { ...store, saveTraits: race };
    },
  });
  await world.run(recordsOf(identify('u', 'ours', { ours: '1' }), { from: 9 }));
  expect(world.traitsOf('u')).toEqual({ theirs: '1', ours: '1' });
});

test('a copy tells no traits', async () => {
  const world = aggregating();
  const [cut] = identify('u', 'a', { plan: 'gold' });
  if (cut === undefined) throw new Error('there is one envelope');
  await world.run(recordsOf([cut]));
  const before = world.memory.traits.get('main#u');
  await world.run(recordsOf([cut], { from: 5 }));
  expect(world.memory.traits.get('main#u')).toBe(before);
  expect(world.totals('u')).toEqual({ applied: 1, duplicate: 1, parked: 0 });
});

test('a batch of 25 events ten times in one call counts 25', async () => {
  const cuts = Array.from({ length: 10 }, (_, n) =>
    requestOf(
      sentEvents(25).map((event) => ({ ...event, userId: 'u' })),
      `request-${n}`,
    ),
  ).flat();
  const world = aggregating();
  await world.run(recordsOf(cuts));
  expect(world.totals('u')).toEqual({ applied: 25, duplicate: 225, parked: 0 });
  expect(world.itemOf('u').duplicates).toBe(225);
  expect(world.counts[0]).toMatchObject({ applied: 25, duplicate: 225 });
});

test('a stub of a user whose item is unreadable is parked as itself: no profile has its key', async () => {
  const world = aggregating();
  world.memory.profiles.set('main#u', { unreadable: 'attribute m is bytes' });
  const text = `${stubText(positionOf(0), 0, 'main#u')}\n`;
  expect(await world.run([{ partitionKey: 'main#u', text }])).toBeUndefined();
  const [[key = '', body = '{}'] = []] = world.objects;
  expect(world.objects.size).toBe(1);
  expect(key.startsWith('failed/state/')).toBe(true);
  expect(JSON.parse(String(Buffer.from(JSON.parse(body).bytes, 'base64')))).toEqual({
    stub: 1,
    at: { ...positionOf(0), index: 0 },
  });
});

test('a put that was repeated stands twice in a batch and counts once, its stub too', async () => {
  const [twice] = recordsOf(cutsOf('user123', ['e1']));
  const stub = { partitionKey: 'main#user123', text: `${stubText(positionOf(1))}\n` };
  if (twice === undefined) throw new Error('an event makes a record');
  const world = aggregating();
  await world.run([twice, twice, stub, stub]);
  expect(world.totals('user123')).toEqual({ applied: 1, duplicate: 0, parked: 1 });
});
