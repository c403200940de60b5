/** One suite for every cache: what it holds never goes back, whoever writes last. */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { cacheKeyOf, entryToText, textToEntry } from '../../functions/adapters/cache-entries.ts';
import { memoryProfileCache } from '../../functions/adapters/memory-profile-cache.ts';
import { connectValkey } from '../../functions/adapters/valkey-client.ts';
import { valkeyProfileCache } from '../../functions/adapters/valkey-profile-cache.ts';
import type { Origin } from '../../functions/core/event/event.ts';
import { epochMs } from '../../functions/core/time.ts';
import { ENTRY_MS_MAX, type ProfileCache } from '../../functions/ports/profile-cache.ts';
import { type ProfileEntry, traitsEntry } from '../../functions/ports/profile-entries.ts';
import { program, startCacheServer } from '../support/cache-server.ts';
import { cacheSuite } from '../support/cache-suite.ts';

const SINCE = 1_795_566_741_029;
const entry = (version: number, more: Partial<ProfileEntry> = {}): ProfileEntry => ({
  since: epochMs(SINCE),
  version,
  ttl: 1_830_126_742,
  at: epochMs(SINCE + version),
  stored: `{"v":${version}}\n ü`,
  ...more,
});

let users = 0;
const newUser = (): Origin => {
  users += 1;
  return { tenant: 'main', user: `user}#${users} {ü` };
};

cacheSuite(
  'the cache',
  { inMemory: () => memoryProfileCache(() => SINCE), over: valkeyProfileCache },
  (port) => {
    let cache: ProfileCache;
    beforeAll(() => {
      cache = port();
    });

    test('a user that nobody wrote has no entries', async () => {
      expect(await cache.read([newUser(), newUser()])).toEqual([{}, {}]);
    });

    test('gives back what was written, per user and entry, in order', async () => {
      const [one, two] = [newUser(), newUser()];
      const traits = traitsEntry(3, 1_830_126_742, '{"traits":[]}');
      await cache.write([
        { origin: one, name: 'rt', entry: entry(1) },
        { origin: two, name: 'rt', entry: entry(2) },
        { origin: two, name: 'tr', entry: traits },
      ]);
      expect(await cache.read([two, newUser(), one])).toEqual([
        { rt: entry(2), tr: traits },
        {},
        { rt: entry(1) },
      ]);
    });

    test('an older version, or the same, replaces nothing', async () => {
      const origin = newUser();
      await cache.write([{ origin, name: 'rt', entry: entry(1_795_566_741_478) }]);
      for (const version of [1, 1_795_566_741_477, 1_795_566_741_478]) {
        const late = entry(version, { stored: 'late' });
        await cache.write([{ origin, name: 'rt', entry: late }]);
      }
      expect(await cache.read([origin])).toEqual([{ rt: entry(1_795_566_741_478) }]);
    });

    test('an item that was made anew replaces the one before, whatever its version', async () => {
      const origin = newUser();
      const anew = entry(1, { since: epochMs(SINCE + 1) });
      await cache.write([{ origin, name: 'rt', entry: entry(9) }]);
      await cache.write([{ origin, name: 'rt', entry: anew }]);
      await cache.write([{ origin, name: 'rt', entry: entry(10) }]);
      expect(await cache.read([origin])).toEqual([{ rt: anew }]);
    });

    test('a removed item has no copy, and can have one again', async () => {
      const origin = newUser();
      await cache.write([{ origin, name: 'rt', entry: entry(5) }]);
      await cache.write([{ origin, name: 'rt' }]);
      expect(await cache.read([origin])).toEqual([{}]);
      await cache.write([{ origin, name: 'rt', entry: entry(1) }]);
      expect(await cache.read([origin])).toEqual([{ rt: entry(1) }]);
    });

    test('in whatever order versions are written, the newest stays', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 20 })), {
            minLength: 1,
            maxLength: 12,
          }),
          async (written) => {
            const origin = newUser();
            const entries = written.map(([since, version]) =>
              entry(version, { since: epochMs(SINCE + since) }),
            );
            await Promise.all(
              entries.map((each) => cache.write([{ origin, name: 'rt', entry: each }])),
            );
            const newest = entries.reduce((left, right) =>
              left.since > right.since ||
              (left.since === right.since && left.version >= right.version)
                ? left
                : right,
            );
            expect(await cache.read([origin])).toEqual([{ rt: newest }]);
          },
        ),
        { numRuns: 50 },
      );
    });
  },
);

test('entries of a user lie in one place of a cluster, whatever the id', () => {
  const tagOf = (key: string): string | undefined => /^[^{]*\{([^}]+)\}/.exec(key)?.[1];
  for (const user of ['ann', 'a}b', '{a}', '}{', 'ü#:rt']) {
    const keys = (['rt', 'tr'] as const).map((name) => cacheKeyOf({ tenant: 't', user }, name));
    expect(new Set(keys).size).toBe(2);
    expect(tagOf(keys[0] ?? '')).toBeDefined();
    expect(tagOf(keys[0] ?? '')).toBe(tagOf(keys[1] ?? ''));
  }
});

test('an entry is the same after its text, and no other text is one', () => {
  expect(textToEntry(entryToText(entry(7)))).toEqual(entry(7));
  for (const text of ['', 'x', '1 2 3 4', '1 2 3\n{}', '1 2 3 -4\n', '99999999999999999 2 3 4\n'])
    expect(textToEntry(text)).toBeUndefined();
});

test.skipIf(program === undefined)('an entry ends by itself within ten minutes', async () => {
  const server = await startCacheServer();
  const client = connectValkey(
    { host: '127.0.0.1', port: server.port },
    {
      signer: () => ({ accessKeyId: '', secretAccessKey: '', sessionToken: '', region: '' }),
      report: () => undefined,
    },
  );
  try {
    const origin = newUser();
    await valkeyProfileCache(client).write([
      { origin, name: 'rt', entry: entry(1) },
      { origin, name: 'tr', entry: traitsEntry(1, 1, '') },
    ]);
    for (const name of ['rt', 'tr'] as const) {
      const leftMs = Number(await server.call('PTTL', cacheKeyOf(origin, name)));
      expect(leftMs).toBeGreaterThan(ENTRY_MS_MAX / 2);
      expect(leftMs).toBeLessThanOrEqual(ENTRY_MS_MAX);
    }
  } finally {
    client.disconnect();
    await server.stop();
  }
});

test('a copy in memory ends within ten minutes', async () => {
  let nowMs = SINCE;
  const cache = memoryProfileCache(() => nowMs);
  const origin = newUser();
  await cache.write([{ origin, name: 'rt', entry: entry(1) }]);
  nowMs += ENTRY_MS_MAX;
  expect(await cache.read([origin])).toEqual([{}]);
});
