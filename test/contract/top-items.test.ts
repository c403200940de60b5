/** One suite for whatever remembers a user's best items, and whose turn it is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memoryTopItems } from '../../functions/adapters/memory-top-items.ts';
import { valkeyTopItems } from '../../functions/adapters/valkey-top-items.ts';
import { type TopItems, TURN_MS } from '../../functions/ports/top-items.ts';
import { overServer } from '../support/cache-clients.ts';
import { program } from '../support/cache-server.ts';

interface World {
  readonly tops: () => TopItems;
  readonly faults: readonly unknown[];
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const onServer = (isCluster: boolean): World => {
  const world = overServer(isCluster);
  return { ...world, tops: () => valkeyTopItems(world.client()) };
};
const inMemory: World = {
  tops: () => memoryTopItems(() => 1_000),
  faults: [],
  start: async () => undefined,
  stop: async () => undefined,
};

describe.each([
  ['in memory', inMemory, true],
  ['over a server, as on a laptop', onServer(false), program !== undefined],
  ['over a cluster, as its user with its rights', onServer(true), program !== undefined],
] as const)('best items %s', (name, world, isThere) => {
  const skipped = isThere ? '' : ' (skipped: neither valkey-server nor redis-server on PATH)';
  describe.skipIf(!isThere)(`${name}${skipped}`, () => {
    let tops: TopItems;
    beforeAll(async () => {
      await world.start();
      tops = world.tops();
    }, 30_000);
    afterAll(async () => {
      await world.stop();
      expect(world.faults).toEqual([]);
    });

    test('a user has one turn in a while, whoever asks; others have theirs', async () => {
      expect(await tops.claim('main', ['a', 'ü#1'])).toEqual(
        new Map([
          ['a', []],
          ['ü#1', []],
        ]),
      );
      expect(await tops.claim('main', ['a', 'b'])).toEqual(new Map([['b', []]]));
      expect([...(await tops.claim('main2', ['a'])).keys()]).toEqual(['a']);
    });

    test('what was put is told with the next turn', async () => {
      const items = ['x', 'ü "quoted"', ''];
      await tops.put('main', 'told {a}', items);
      expect(await tops.claim('main', ['told {a}'])).toEqual(new Map([['told {a}', items]]));
    });
  });
});

test('a turn comes again', async () => {
  let now = 0;
  const tops = memoryTopItems(() => now);
  await tops.claim('main', ['a']);
  now = TURN_MS - 1;
  expect((await tops.claim('main', ['a'])).size).toBe(0);
  now = TURN_MS;
  expect((await tops.claim('main', ['a'])).size).toBe(1);
});
