/** What a serving function takes for the catalogue, while it changes, fails or is away. */
import { expect, test } from 'vitest';
import { memoryCatalogueSnapshots } from '../../functions/adapters/memory-catalogue-snapshots.ts';
import { encodeItem } from '../../functions/core/catalogue/snapshot.ts';
import { epochMs } from '../../functions/core/time.ts';
import type { CatalogueSnapshotsReader } from '../../functions/ports/catalogue-snapshots.ts';
import {
  newestCatalogues,
  RELOAD_MS,
  RETRY_MS,
  TENANTS_MAX,
} from '../../functions/runtime/newest-catalogues.ts';

const lineOf = (id: string): string =>
  encodeItem({ id, categories: [], available: true, attributes: {}, createdAt: epochMs(1) });

const newWorld = (
  more: (reader: CatalogueSnapshotsReader) => Partial<CatalogueSnapshotsReader>,
) => {
  const snapshots = memoryCatalogueSnapshots();
  const asked: string[] = [];
  const faults: unknown[] = [];
  const clock = { nowMs: 1_000_000 };
  const reader: CatalogueSnapshotsReader = {
    pointer: (tenant) => {
      asked.push(`pointer ${tenant}`);
      return snapshots.pointer(tenant);
    },
    read: (tenant, version) => {
      asked.push(`read ${version}`);
      return snapshots.read(tenant, version);
    },
  };
  const catalogueFor = newestCatalogues({
    snapshots: { ...reader, ...more(reader) },
    now: () => clock.nowMs,
    fault: (_, fault) => faults.push(fault),
  });
  const move = async (version: string, expected: string | undefined, tenant = 'main') => {
    await snapshots.write(tenant, version, [lineOf(version)]);
    await snapshots.pointTo(tenant, version, expected);
  };
  return { snapshots, asked, faults, clock, catalogueFor, move };
};

const asItIs = () => ({});
/** A reload that nobody waits for comes to its end. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('where nothing was ever put the catalogue is empty', async () => {
  const { catalogueFor, asked, clock } = newWorld(asItIs);
  expect((await catalogueFor('main')).size).toBe(0);
  expect((await catalogueFor('main')).find('a')).toBeUndefined();
  expect(asked).toEqual(['pointer main']);
  clock.nowMs += RELOAD_MS;
  await catalogueFor('main');
  await settled();
  expect(asked.length).toBe(2);
});

test('the pointer is asked for every half minute, the object where it has moved; the old one serves meanwhile', async () => {
  const { catalogueFor, asked, clock, move } = newWorld(asItIs);
  await move('v1', undefined);
  const first = await catalogueFor('main');
  expect([first.version, first.newest]).toEqual(['v1', ['v1']]);
  await move('v2', 'v1');
  clock.nowMs += RELOAD_MS - 1;
  expect(await catalogueFor('main')).toBe(first);
  expect(asked).toEqual(['pointer main', 'read v1']);
  clock.nowMs += 1;
  const [one, other] = await Promise.all([catalogueFor('main'), catalogueFor('main')]);
  expect([one, other]).toEqual([first, first]);
  await settled();
  expect((await catalogueFor('main')).version).toBe('v2');
  clock.nowMs += RELOAD_MS;
  await catalogueFor('main');
  await settled();
  expect(asked).toEqual(['pointer main', 'read v1', 'pointer main', 'read v2', 'pointer main']);
});

test('all that ask while the first load runs share it', async () => {
  const { catalogueFor, asked, move } = newWorld(asItIs);
  await move('v1', undefined);
  const all = await Promise.all(Array.from({ length: 5 }, () => catalogueFor('main')));
  expect(new Set(all.map(({ version }) => version))).toEqual(new Set(['v1']));
  expect(asked).toEqual(['pointer main', 'read v1']);
});

test('a load that fails is told, serves what is held, and is tried again a little later', async () => {
  let broken = false;
  const { catalogueFor, faults, clock, move } = newWorld(({ pointer }) => ({
    pointer: (tenant) => (broken ? Promise.reject(new Error('away')) : pointer(tenant)),
  }));
  broken = true;
  expect((await catalogueFor('main')).size).toBe(0);
  expect((await catalogueFor('main')).size).toBe(0);
  expect(faults.length).toBe(1);
  broken = false;
  await move('v1', undefined);
  clock.nowMs += RETRY_MS - 1;
  expect((await catalogueFor('main')).size).toBe(0);
  clock.nowMs += 1;
  expect((await catalogueFor('main')).version).toBe('v1');
  broken = true;
  clock.nowMs += RELOAD_MS;
  for (let times = 0; times < 2; times += 1) {
    expect((await catalogueFor('main')).version).toBe('v1');
    await settled();
  }
  expect(faults.length).toBe(2);
});

test('a snapshot that is removed while its pointer was read is followed to the next one', async () => {
  let isRemoved = false;
  const { catalogueFor, snapshots, faults, move } = newWorld(({ read }) => ({
    read: async (tenant, version) => {
      if (!isRemoved) {
        isRemoved = true;
        await snapshots.remove(tenant, version);
        await move('v2', 'v1');
      }
      return read(tenant, version);
    },
  }));
  await move('v1', undefined);
  expect((await catalogueFor('main')).version).toBe('v2');
  await snapshots.remove('other', 'v1');
  await snapshots.pointTo('other', 'v1', undefined);
  expect((await catalogueFor('other')).size).toBe(0);
  expect(faults.length).toBe(1);
});

test('a large catalogue is decoded in pieces, between which others have their turn', async () => {
  const { catalogueFor, snapshots } = newWorld(asItIs);
  const lines = Array.from({ length: 2_001 }, (_, n) => lineOf(`n${n}`));
  await snapshots.write('main', 'v1', lines);
  await snapshots.pointTo('main', 'v1', undefined);
  let turns = 0;
  let isLoaded = false;
  const others = (async () => {
    while (!isLoaded) {
      await settled();
      turns += 1;
    }
  })();
  expect((await catalogueFor('main')).size).toBe(2_001);
  isLoaded = true;
  await others;
  expect(turns).toBeGreaterThanOrEqual(4);
});

test('a process holds so many catalogues, and lets go of the one asked for longest ago', async () => {
  const { catalogueFor, asked, move } = newWorld(asItIs);
  const tenants = Array.from({ length: TENANTS_MAX + 1 }, (_, n) => `t${n}`);
  for (const tenant of tenants) await move('v1', undefined, tenant);
  for (const tenant of tenants.slice(0, -1)) await catalogueFor(tenant);
  await catalogueFor('t0');
  await catalogueFor(tenants.at(-1) ?? '');
  const loads = () => asked.filter((each) => each.startsWith('pointer')).length;
  expect(loads()).toBe(TENANTS_MAX + 1);
  await catalogueFor('t0');
  expect(loads()).toBe(TENANTS_MAX + 1);
  await catalogueFor('t1');
  expect(loads()).toBe(TENANTS_MAX + 2);
});
