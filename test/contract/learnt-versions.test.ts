/** One suite for whatever remembers what was learnt: who claims a version first learns from it. */
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { memoryLearntVersions } from '../../functions/adapters/memory-learnt-versions.ts';
import { valkeyLearntVersions } from '../../functions/adapters/valkey-learnt-versions.ts';
import { CLAIM_MS, type LearntVersions } from '../../functions/ports/learnt-versions.ts';
import { overServer } from '../support/cache-clients.ts';
import { program } from '../support/cache-server.ts';
import { cacheSuite } from '../support/cache-suite.ts';

/** Versions begin at an instant in milliseconds. */
const BORN = 1_795_566_741_029;

let tenants = 0;
const newTenant = (): string => {
  tenants += 1;
  return `tenant-${tenants}`;
};

cacheSuite(
  'versions that were learnt',
  { inMemory: () => memoryLearntVersions(() => BORN), over: valkeyLearntVersions },
  (port) => {
    let versions: LearntVersions;
    beforeAll(() => {
      versions = port();
    });

    test('a claim answers what was claimed before, by tenant and user', async () => {
      const tenant = newTenant();
      const claim = (...newest: readonly (readonly [string, number])[]) =>
        versions.claim(tenant, new Map(newest));
      expect(await claim(['ann', BORN], ['b}o#b', BORN + 1])).toEqual(
        new Map([
          ['ann', 0],
          ['b}o#b', 0],
        ]),
      );
      expect(await claim(['b}o#b', BORN + 2])).toEqual(new Map([['b}o#b', BORN + 1]]));
      expect(await versions.claim(newTenant(), new Map([['ann', BORN]]))).toEqual(
        new Map([['ann', 0]]),
      );
      expect(await claim()).toEqual(new Map());
    });

    test('in whatever order versions are claimed, the newest stays', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 8 }),
          async (claimed) => {
            const tenant = newTenant();
            for (const [place, version] of claimed.entries()) {
              const before = await versions.claim(tenant, new Map([['ann', BORN + version]]));
              const newest = Math.max(...claimed.slice(0, place));
              expect(before.get('ann')).toBe(place === 0 ? 0 : BORN + newest);
            }
          },
        ),
        { numRuns: 40 },
      );
    });
  },
);

test('a claim in memory outlives the stream that may deliver it again, and ends', async () => {
  let nowMs = BORN;
  const versions = memoryLearntVersions(() => nowMs);
  const claim = async () => (await versions.claim('main', new Map([['ann', 7]]))).get('ann');
  await claim();
  nowMs += CLAIM_MS - 1;
  expect(await claim()).toBe(7);
  nowMs += 1;
  expect(await claim()).toBe(0);
  expect(CLAIM_MS).toBeGreaterThan(24 * 3_600_000);
});

test.skipIf(program === undefined)('a claim ends by itself', async () => {
  const world = overServer(false);
  await world.start();
  try {
    await valkeyLearntVersions(world.client()).claim('main', new Map([['ann', BORN]]));
    const leftMs = Number(await world.call('PTTL', 'v:{main#ann}'));
    expect(leftMs).toBeGreaterThan(CLAIM_MS - 60_000);
    expect(leftMs).toBeLessThanOrEqual(CLAIM_MS);
  } finally {
    await world.stop();
  }
});
