/** Whatever is killed, raced or late: the newest snapshot is what the rows say, and nothing is left lying. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryCatalogueSnapshots } from '../../functions/adapters/memory-catalogue-snapshots.ts';
import { memoryCatalogue } from '../../functions/adapters/memory-catalogue-store.ts';
import { readItem } from '../../functions/core/catalogue/item.ts';
import type { ItemInput } from '../../functions/core/catalogue/item-schemas.ts';
import { decodeItem } from '../../functions/core/catalogue/snapshot.ts';
import { epochMs } from '../../functions/core/time.ts';
import { minute, type Step } from '../../functions/minute/minute.ts';
import {
  CHANGES_MAX,
  type SnapshotCounts,
  type SnapshotPorts,
  snapshotCatalogues,
} from '../../functions/minute/snapshot-catalogues.ts';

const itemOf = (id: string, more: object = {}): ItemInput => readItem({ id, ...more }) as ItemInput;

const LATER = Number.MAX_SAFE_INTEGER;

const newWorld = () => {
  const { store, changes } = memoryCatalogue();
  const snapshots = memoryCatalogueSnapshots();
  const made: SnapshotCounts[] = [];
  const faults: unknown[] = [];
  const report = { made: made.push.bind(made), fault: faults.push.bind(faults) };
  const ports: SnapshotPorts = { changes, snapshots, now: () => 0, report };
  const said = async (tenant = 'main') => {
    const pointer = await snapshots.pointer(tenant);
    const lines = pointer && (await snapshots.read(tenant, pointer.version));
    return new Map(lines?.map((line) => [decodeItem(line).id, decodeItem(line).name]));
  };
  const run = (more: Partial<SnapshotPorts> = {}) =>
    snapshotCatalogues({ ...ports, ...more })(LATER);
  return { store, changes, snapshots, ports, made, faults, said, run };
};

/** Every method of every port waits for its turn, in which it may be killed instead. */
const through = <T extends object>(port: T, turn: (what: string) => Promise<void>): T =>
  Object.fromEntries(
    Object.entries(port).map(([name, method]) => [
      name,
      async (...args: unknown[]) => {
        await turn(name);
        return method(...args);
      },
    ]),
  ) as T;

test('what was put is in the next snapshot, what was removed is not in the one after', async () => {
  const { store, changes, snapshots, made, said, run } = newWorld();
  await run();
  expect(await snapshots.pointer('main')).toBeUndefined();
  await store.put('main', [itemOf('a'), itemOf('b', { name: 'B' })], epochMs(1));
  await store.put('other', [itemOf('c')], epochMs(1));
  await run();
  expect(await said()).toEqual(
    new Map([
      ['a', undefined],
      ['b', 'B'],
    ]),
  );
  expect([...(await said('other')).keys()]).toEqual(['c']);
  await store.remove('main', 'a');
  await run();
  expect([...(await said()).keys()]).toEqual(['b']);
  expect(made.map(({ changed }) => changed)).toEqual([2, 1, 1]);
  expect(await changes.tenants()).toEqual([]);
  const before = await snapshots.pointer('main');
  await run();
  expect(await snapshots.pointer('main')).toEqual(before);
});

test('the newest version and the one before it are kept, and no other', async () => {
  const { store, snapshots, run } = newWorld();
  for (let n = 0; n < 5; n += 1) {
    await store.put('main', [itemOf(`n${n}`)], epochMs(n));
    await run();
  }
  const { version, previous } = (await snapshots.pointer('main')) ?? {};
  const keys = [version, previous].map((name) => `catalogue/main/${name}.ndjson.gz`);
  expect(new Set(snapshots.keys())).toEqual(new Set(keys));
  expect(keys.length).toBe(2);
});

test('a call that is killed before any of its steps loses nothing, and the next one cleans up', async () => {
  for (let turns = 0; turns < 30; turns += 1) {
    const { store, changes, snapshots, ports, said, run } = newWorld();
    for (const name of ['one', 'two', 'three']) {
      await store.put('main', [itemOf('a', { name }), itemOf(name)], epochMs(1));
      await run();
    }
    await store.put('main', [itemOf('a', { name: 'last' })], epochMs(1));
    await store.remove('main', 'one');
    let left = turns;
    const turn = async () => {
      left -= 1;
      if (left < 0) throw new Error('killed');
    };
    const killed = run({
      changes: through(ports.changes, turn),
      snapshots: through(ports.snapshots, turn),
    }).catch(() => undefined);
    await killed;
    await run();
    expect(await said()).toEqual(
      new Map([
        ['a', 'last'],
        ['two', undefined],
        ['three', undefined],
      ]),
    );
    expect(await changes.tenants()).toEqual([]);
    expect((await changes.read('main', 10)).items).toEqual([]);
    // A call that had nothing left to do has removed nothing either.
    expect(snapshots.keys().length).toBe(2);
  }
});

test('whatever happens between any two steps of a call, the next one ends in what the rows say', async () => {
  type World = ReturnType<typeof newWorld>;
  const put = ({ store }: World, name: string) =>
    store.put('main', [itemOf('a', { name })], epochMs(1));
  const between: readonly ((world: World) => Promise<void>)[] = [
    (world) => world.run(),
    (world) => put(world, 'between'),
    async (world) => {
      await put(world, 'between');
      await world.run();
    },
    async (world) => {
      await world.run();
      await put(world, 'between');
      await world.run();
    },
    async (world) => {
      for (const name of ['between', 'before', 'between']) {
        await put(world, name);
        await world.run();
      }
    },
  ];
  for (const [kind, happen] of between.entries()) {
    for (let turns = 0; turns < 12; turns += 1) {
      const world = newWorld();
      for (const name of ['first', 'second', 'third']) {
        await put(world, name);
        await world.run();
      }
      await put(world, 'before');
      let left = turns;
      const turn = async () => {
        left -= 1;
        if (left === -1) await happen(world);
      };
      const { changes, snapshots } = world.ports;
      await world.run({ changes: through(changes, turn), snapshots: through(snapshots, turn) });
      const name = kind === 0 || left >= 0 ? 'before' : 'between';
      await world.run();
      expect([turns, kind, await world.said()]).toEqual([turns, kind, new Map([['a', name]])]);
      const { version, previous } = (await world.snapshots.pointer('main')) ?? {};
      const kept = [version, previous].map((each) => `catalogue/main/${each}.ndjson.gz`);
      expect(new Set(world.snapshots.keys())).toEqual(new Set(kept));
      expect(await world.changes.tenants()).toEqual([]);
    }
  }
});

const write = fc.record({
  id: fc.constantFrom('a', 'b', 'c'),
  name: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
  isRemoved: fc.boolean(),
});

test('calls and writers that overlap in any order end in what the rows say', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(write, { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 4 }),
      fc.scheduler(),
      async (writes, calls, scheduler) => {
        const { store, changes, snapshots, ports, said, run } = newWorld();
        const turn = (what: string): Promise<void> => scheduler.schedule(Promise.resolve(), what);
        const slow = {
          changes: through(ports.changes, turn),
          snapshots: through(ports.snapshots, turn),
        };
        const writing = (async () => {
          for (const { id, name, isRemoved } of writes) {
            await turn('write');
            if (isRemoved) await store.remove('main', id);
            else await store.put('main', [itemOf(id, name ? { name } : {})], epochMs(1));
          }
        })();
        const running = Array.from({ length: calls }, async () => {
          for (let times = 0; times < 2; times += 1) await run(slow);
        });
        await scheduler.waitFor(Promise.all([writing, ...running]));
        await run();
        const rows = await Promise.all(
          ['a', 'b', 'c'].map(async (id) => [id, await store.find('main', id)] as const),
        );
        const expected = rows.flatMap(([id, row]) => (row ? [[id, row.item.name] as const] : []));
        expect(await said()).toEqual(new Map(expected));
        expect(await changes.tenants()).toEqual([]);
        expect((await changes.read('main', 10)).items).toEqual([]);
        expect(snapshots.keys().length).toBeLessThanOrEqual(2);
      },
    ),
    { numRuns: 300 },
  );
});

test('a call takes so many changes of a tenant, and the next one the rest', async () => {
  const { store, changes, made, said, run } = newWorld();
  const items = Array.from({ length: CHANGES_MAX + 1 }, (_, n) => itemOf(`n${n}`));
  await store.put('main', items, epochMs(1));
  await run();
  expect((await said()).size).toBe(CHANGES_MAX);
  expect((await changes.tenants()).length).toBe(1);
  await run();
  expect((await said()).size).toBe(CHANGES_MAX + 1);
  expect(made.map(({ changed }) => changed)).toEqual([CHANGES_MAX, 1]);
  expect(await changes.tenants()).toEqual([]);
});

test('at its deadline a call settles no more and begins with no other tenant', async () => {
  const { store, changes, snapshots, ports } = newWorld();
  for (const tenant of ['a', 'b']) await store.put(tenant, [itemOf('x')], epochMs(1));
  let now = 0;
  const late = {
    ...snapshots,
    pointTo: async (...args: Parameters<typeof snapshots.pointTo>) => {
      now = 100;
      return snapshots.pointTo(...args);
    },
  };
  await snapshotCatalogues({ ...ports, snapshots: late, now: () => now })(50);
  expect((await changes.read('a', 9)).items.length).toBe(1);
  expect((await changes.tenants()).length).toBe(2);
  expect(await snapshots.pointer('b')).toBeUndefined();
  await snapshotCatalogues({ ...ports, snapshots: late, now: () => 0 })(50);
  expect(await changes.tenants()).toEqual([]);
});

test('each minute another tenant is the first', async () => {
  const { store, snapshots, ports } = newWorld();
  const first: string[] = [];
  for (const at of [0, 1, 2, 3]) {
    for (const tenant of ['a', 'b', 'c']) await store.put(tenant, [itemOf('x')], epochMs(1));
    const seen: string[] = [];
    const noted = {
      ...snapshots,
      pointer: async (tenant: string) => {
        seen.push(tenant);
        return snapshots.pointer(tenant);
      },
    };
    await snapshotCatalogues({ ...ports, snapshots: noted, now: () => at * 60_000 })(LATER);
    first.push(seen[0] ?? '');
  }
  expect(first).toEqual(['a', 'b', 'c', 'a']);
});

test('one catalogue that fails keeps no other waiting, and fails the step', async () => {
  const { store, snapshots, faults, said, run } = newWorld();
  for (const tenant of ['main', 'other']) await store.put(tenant, [itemOf('x')], epochMs(1));
  const broken = {
    ...snapshots,
    write: async (...args: Parameters<typeof snapshots.write>) => {
      if (args[0] === 'main') throw new Error('no room');
      return snapshots.write(...args);
    },
  };
  await expect(run({ snapshots: broken })).rejects.toThrow('1 catalogues');
  expect(faults.length).toBe(1);
  expect((await said('other')).size).toBe(1);
  await run();
  expect((await said()).size).toBe(1);
});

test('a snapshot that is pointed to and gone is a fault, and nothing is written over it', async () => {
  const { store, snapshots, run } = newWorld();
  await store.put('main', [itemOf('a')], epochMs(1));
  await run();
  const pointer = await snapshots.pointer('main');
  await snapshots.remove('main', pointer?.version ?? '');
  await store.put('main', [itemOf('b')], epochMs(1));
  await expect(run()).rejects.toThrow();
  expect(await snapshots.pointer('main')).toEqual(pointer);
});

test('each step of a minute runs although another fails, and the call fails at the end', async () => {
  const ran: string[] = [];
  const deadlines: number[] = [];
  const step = (name: string, fault?: Error): Step => ({
    ...{ name, failures: `${name}Failed` },
    run: async (deadlineMs) => {
      deadlines.push(deadlineMs);
      if (fault) throw fault;
      await Promise.resolve();
      ran.push(name);
    },
  });
  const failed: string[] = [];
  const report = { failed: ({ failures }: Step) => void failed.push(failures) };
  const context = { getRemainingTimeInMillis: () => 1_000 };
  const call = (steps: readonly Step[]) => minute({ steps, now: () => 5, report })({}, context);
  await call([step('A'), step('B')]);
  expect([ran, failed, deadlines]).toEqual([['A', 'B'], [], [705, 705]]);
  await expect(call([step('A', new Error('gone')), step('B')])).rejects.toThrow('A');
  expect([ran, failed]).toEqual([['A', 'B', 'B'], ['AFailed']]);
});
