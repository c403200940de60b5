/** One suite for whatever remembers a user's best items, and whose turn it is. */
import { beforeAll, expect, test } from 'vitest';
import { memoryTopItems } from '../../functions/adapters/memory-top-items.ts';
import { valkeyTopItems } from '../../functions/adapters/valkey-top-items.ts';
import { type TopItems, TURN_MS } from '../../functions/ports/top-items.ts';
import { cacheSuite } from '../support/cache-suite.ts';

cacheSuite(
  'best items',
  { inMemory: () => memoryTopItems(() => 1_000), over: valkeyTopItems },
  (port) => {
    let tops: TopItems;
    beforeAll(() => {
      tops = port();
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
  },
);

test('a turn comes again', async () => {
  let now = 0;
  const tops = memoryTopItems(() => now);
  await tops.claim('main', ['a']);
  now = TURN_MS - 1;
  expect((await tops.claim('main', ['a'])).size).toBe(0);
  now = TURN_MS;
  expect((await tops.claim('main', ['a'])).size).toBe(1);
});
