import { expect, test } from 'vitest';
import {
  ASKED_ALONG_MS,
  ASKED_MAX,
  BELIEVED_MS,
  ROWS_HELD_MAX,
  stillAvailable,
} from '../../functions/runtime/still-available.ts';

const world = () => {
  const state = { nowMs: 0, gone: new Set<string>(), isAway: false };
  const asked: string[][] = [];
  const faults: string[] = [];
  const look = stillAvailable({
    rows: {
      read: async (_, items) => {
        asked.push([...items]);
        if (state.isAway) throw new Error('away');
        return new Map(
          items
            .filter((item) => !item.startsWith('removed'))
            .map((item) => [item, !state.gone.has(item)]),
        );
      },
    },
    now: () => state.nowMs,
    fault: (message) => faults.push(message),
  });
  return { state, asked, faults, look };
};

test('what a row said is believed for five seconds, and no longer', async () => {
  const { state, asked, look } = world();
  expect((await look('main', ['a', 'removed-1'])).gone).toEqual(new Set(['removed-1']));
  state.gone.add('a');
  state.nowMs = BELIEVED_MS - 1;
  expect((await look('main', ['a'])).gone.size).toBe(0);
  expect(asked).toHaveLength(1);
  state.nowMs = BELIEVED_MS;
  expect((await look('main', ['a'])).gone).toEqual(new Set(['a']));
  expect(asked[1]).toEqual(['a', 'removed-1']);
});

test('whoever asks asks along for what ends soon and was wanted, of the same tenant', async () => {
  const { state, asked, look } = world();
  await look('main', ['a', 'b']);
  await look('other', ['a']);
  state.nowMs = ASKED_ALONG_MS - 1;
  await look('main', ['c']);
  expect(asked.at(-1)).toEqual(['c']);
  state.nowMs = ASKED_ALONG_MS;
  await look('main', ['d']);
  expect(asked.at(-1)).toEqual(['d', 'a', 'b']);
  // Nobody has wanted a and b since: they are not asked along for ever.
  state.nowMs = ASKED_ALONG_MS + BELIEVED_MS + 1;
  await look('main', ['e']);
  expect(asked.at(-1)).toEqual(['e']);
});

test('a reading has so many items', async () => {
  const { state, asked, look } = world();
  for (let n = 0; n < 3; n += 1)
    await look(
      'main',
      Array.from({ length: 60 }, (_, place) => `i${n}-${place}`),
    );
  state.nowMs = ASKED_ALONG_MS;
  await look('main', ['x']);
  expect(asked.at(-1)).toHaveLength(ASKED_MAX);
});

test('of more rows than are held the one read longest ago is asked for again', async () => {
  const { asked, look } = world();
  for (let n = 0; n <= ROWS_HELD_MAX; n += ASKED_MAX)
    await look(
      'main',
      Array.from({ length: ASKED_MAX }, (_, place) => `i${n + place}`),
    );
  await look('main', ['i0']);
  expect(asked.at(-1)).toEqual(['i0']);
});

test('where rows do not answer nothing is gone, and it says so', async () => {
  const { state, faults, look } = world();
  state.isAway = true;
  expect(await look('main', ['a'])).toEqual({ gone: new Set(), known: false });
  expect(faults).toEqual(['recommended without availability']);
});
