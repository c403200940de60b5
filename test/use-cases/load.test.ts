import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemoryOffStore } from '../../functions/adapters/memory-off-store.ts';
import { memoryRunObjects } from '../../functions/adapters/memory-run-objects.ts';
import { memoryRunStore } from '../../functions/adapters/memory-run-store.ts';
import { runFolder } from '../../functions/adapters/s3-run-objects.ts';
import { invariant } from '../../functions/core/invariant.ts';
import { itemsOf } from '../../functions/core/nightly/load-items.ts';
import { newRun } from '../../functions/core/nightly/run.ts';
import type { LoadItem, LoadProgress } from '../../functions/core/nightly/tasks.ts';
import { readUserLine } from '../../functions/core/nightly/user-line.ts';
import { epochMs } from '../../functions/core/time.ts';
import { LinesUnread, type LoadPorts, load } from '../../functions/load/load.ts';
import { planLoad } from '../../functions/plan-load/plan-load.ts';

const RUN = { runId: '1795500000000-000b', attempt: 1 };
const CUT = '2026-11-24';
const NEVER = Number.MAX_SAFE_INTEGER;
const START: LoadProgress = { done: false, cursor: null, rows: 0, newer: 0 };

const lineOf = (user: string, amount = 1): string =>
  JSON.stringify({
    tenant: 'main',
    profile_key: user,
    tiles: [{ version: 'a', event_day: '', part: '', amount }],
  });

const loading = (objects: readonly (readonly string[])[], more: Partial<LoadPorts> = {}) => {
  const store = new MemoryOffStore();
  const { items } = store;
  const clock = { nowMs: 0 };
  const saves: string[] = [];
  const runs = memoryRunStore();
  const named = objects.map((lines, place) => {
    return [`${runFolder(RUN)}${String(place).padStart(3, '0')}`, lines] as const;
  });
  const ports: LoadPorts = {
    runs,
    objects: memoryRunObjects(new Map(named)),
    off: {
      save: async (origin, off) => {
        const said = await store.save(origin, off);
        if (said === 'saved') saves.push(`${origin.tenant}#${origin.user}`);
        return said;
      },
    },
    lists: { put: async () => undefined },
    encode: (rows, versions) => JSON.stringify([versions, rows.map(({ amount }) => amount)]),
    writesPerSecond: 250,
    now: () => clock.nowMs,
    sleep: async (ms) => {
      clock.nowMs += ms;
    },
    count: () => undefined,
    ...more,
  };
  const call = (keys: LoadItem, progress = START, stopAtMs = NEVER) =>
    load(ports)(
      { what: 'tags', runId: RUN.runId, cut: CUT, versions: ['a'], keys, progress, step: 'load' },
      stopAtMs,
    );
  return { items, clock, saves, runs, ports, call };
};

const users = (count: number, from = 0): readonly string[] =>
  Array.from({ length: count }, (_, place) => lineOf(`user-${from + place}`));

test('every user of the item is written, with the run, its cut and the versions that it filled', async () => {
  const world = loading([users(60), users(3, 60)]);
  await world.runs.begin(newRun({ ...RUN, versions: [] }, false, epochMs(0)));
  const said = await world.call({ attempt: 1, from: 0, to: 2 });
  expect(said).toEqual({ done: true, cursor: null, rows: 63, newer: 0 });
  expect(world.items.size).toBe(63);
  expect(world.items.get('main#user-62')).toEqual({
    runId: RUN.runId,
    cut: 20_781,
    ttl: (20_781 + 400) * 86_400,
    tags: '[["a"],[1]]',
  });
  expect(await world.runs.find(RUN.runId)).toMatchObject({ step: 'load' });
});

test('what a newer run wrote stays, and is counted', async () => {
  const world = loading([users(3)]);
  const newer = { runId: '1795500000001-0000', cut: 20_782, ttl: 1, tags: 'newer' };
  world.items.set('main#user-1', newer);
  world.items.set('main#user-2', { ...newer, runId: '1795499999999-ffff' });
  const said = await world.call({ attempt: 1, from: 0, to: 1 });
  expect(said).toMatchObject({ rows: 3, newer: 1 });
  expect(world.items.get('main#user-1')).toEqual(newer);
  expect(world.items.get('main#user-2')?.runId).toBe(RUN.runId);
});

test('writes are paced: 500 users at 250 a second take two seconds', async () => {
  const world = loading([users(500)]);
  await world.call({ attempt: 1, from: 0, to: 1 });
  expect(world.clock.nowMs).toBe(2_000);
});

test('a call stops when its time is over, and the next goes on exactly there', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 160 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 30 }),
      async (sizes, itemsWanted, patience) => {
        let from = 0;
        const objects = sizes.map((size) => {
          from += size;
          return users(size, from - size);
        });
        const world = loading(objects);
        const items = itemsOf(1, objects.length).slice(0, Math.max(itemsWanted, objects.length));
        let rows = 0;
        let calls = 0;
        for (const item of items) {
          let progress = START;
          while (!progress.done) {
            const wait = patience[calls % patience.length] ?? 0;
            progress = await world.call(item, progress, world.clock.nowMs + wait);
            calls += 1;
            expect(calls).toBeLessThan(100);
          }
          expect(progress.cursor).toBeNull();
          rows += progress.rows;
        }
        expect(rows).toBe(from);
        // Each once: nothing is left out, nothing is written again.
        expect(world.saves.length).toBe(from);
        expect(new Set(world.saves).size).toBe(from);
      },
    ),
    { numRuns: 60 },
  );
});

test('a call that failed is repeated from its own cursor, and nothing changes', async () => {
  const world = loading([users(120)]);
  const item = { attempt: 1, from: 0, to: 1 };
  const first = await world.call(item, START, 0);
  expect(first).toMatchObject({ done: false, cursor: { object: 0, line: 50 }, rows: 50 });
  const before = await world.call(item, first);
  const items = new Map(world.items);
  expect(await world.call(item, first)).toEqual({ ...before, newer: 70 });
  expect(world.items).toEqual(items);
});

test('a fault of the table ends the call, whatever else was under way', async () => {
  const off = { save: () => Promise.reject(new Error('no table')) };
  const world = loading([users(5)], { off });
  await expect(world.call({ attempt: 1, from: 0, to: 1 })).rejects.toThrow('no table');
});

test.each([
  ['no JSON', '{"tenant":"ma'],
  ['no object', '7'],
  ['nobody', '{"tenant":"main","tiles":[]}'],
  ['no list', '{"tenant":"main","profile_key":"u","tiles":{}}'],
  [
    'a fraction',
    '{"tenant":"main","profile_key":"u","tiles":[{"version":"a","event_day":"","amount":1.5}]}',
  ],
  [
    'beyond exact',
    '{"tenant":"main","profile_key":"u","tiles":[{"version":"a","event_day":"","amount":9007199254740993}]}',
  ],
  [
    'no day',
    '{"tenant":"main","profile_key":"u","tiles":[{"version":"a","event_day":"2026-13-01"}]}',
  ],
])(
  'a line with %s fails the run with a sentence, and no other user waits for it',
  async (_, bad) => {
    const world = loading([[...users(70), bad, ...users(70, 70)], users(9, 140)]);
    const item = { attempt: 1, from: 0, to: 2 };
    const some = await world.call(item, START, 0);
    const said = world.call(item, some);
    await expect(said).rejects.toThrow(LinesUnread);
    await expect(world.call(item, some)).rejects.toThrow(
      /^1 of 150 lines could not be read; the first: object 0, line 71: /,
    );
    expect(world.items.size).toBe(149);
  },
);

test('a user whose tags do not fit is a bad line, and no other waits', async () => {
  const encode: LoadPorts['encode'] = ([row]) => {
    invariant(row?.amount !== 7, 'what the nightly says of a user fits');
    return '';
  };
  const world = loading([[lineOf('huge', 7), ...users(3)]], { encode });
  await expect(world.call({ attempt: 1, from: 0, to: 1 })).rejects.toThrow(
    /^1 of 4 lines could not be read; the first: object 0, line 1: a promise is broken: what/,
  );
  expect(world.items.size).toBe(3);
});

test('a bad line is remembered over the calls that follow it', async () => {
  const world = loading([['nothing', ...users(149)]]);
  const item = { attempt: 1, from: 0, to: 1 };
  const first = await world.call(item, START, 0);
  expect(first.cursor).toMatchObject({ bad: 1, line: 50 });
  await expect(world.call(item, first)).rejects.toThrow(/^1 of 150 lines/);
});

test('a line says of a user what UNLOAD wrote, and nothing of it is in a fault', () => {
  expect(
    readUserLine(
      '{"tenant":"main","profile_key":"ü#1","tiles":[{"version":"a","event_day":"2026-11-21","part":"tech","amount":-5,"instant":1714060800000,"tie":"e1","text":"x","score":-0.5}]}',
    ),
  ).toEqual({
    tenant: 'main',
    user: 'ü#1',
    rows: [
      {
        ...{ version: 'a', eventDay: '2026-11-21', part: 'tech', amount: -5 },
        ...{ instant: 1714060800000, tie: 'e1', text: 'x', score: -0.5 },
      },
    ],
  });
  expect(readUserLine('{"tenant":"main","profile_key":"u"}')).toEqual({
    ...{ tenant: 'main', user: 'u', rows: [] },
  });
  const fault = readUserLine('{"tenant":"main","profile_key":"anna@example.com","tiles":7}');
  expect(fault).toBe('its tiles are no list');
});

test('objects of the run’s own attempt are dealt out', async () => {
  const world = loading([users(1), users(1, 1), users(1, 2)]);
  const plan = { runId: RUN.runId, attempt: 1 } as never;
  expect(await planLoad(world.ports)({ what: 'tags', plan })).toEqual({
    items: [0, 1, 2].map((from) => ({ attempt: 1, from, to: from + 1 })),
  });
  const other = { runId: RUN.runId, attempt: 2 } as never;
  expect(await planLoad(world.ports)({ what: 'tags', plan: other })).toEqual({ items: [] });
  await expect(world.call({ attempt: 1, from: 2, to: 4 })).rejects.toThrow(/still there/);
});
