import { expect, test } from 'vitest';
import { memoryCatalogueSnapshots } from '../../functions/adapters/memory-catalogue-snapshots.ts';
import { encodeItem } from '../../functions/core/catalogue/snapshot.ts';
import type { CatalogueSnapshots } from '../../functions/ports/catalogue-snapshots.ts';
import {
  newestCatalogues,
  RELOAD_MS,
  TENANTS_MAX,
} from '../../functions/runtime/newest-catalogues.ts';
import { shelfItem } from '../support/shelf.ts';

const world = (more: Partial<CatalogueSnapshots> = {}) => {
  const snapshots = memoryCatalogueSnapshots();
  const asked: string[] = [];
  const faults: unknown[] = [];
  let nowMs = 0;
  const catalogueOf = newestCatalogues({
    snapshots: {
      ...snapshots,
      pointer: (tenant) => {
        asked.push(tenant);
        return snapshots.pointer(tenant);
      },
      ...more,
    },
    now: () => nowMs,
    fault: (_, cause) => faults.push(cause),
  });
  const put = async (version: string, ...ids: readonly string[]) => {
    const before = (await snapshots.pointer('main'))?.version;
    await snapshots.write(
      'main',
      version,
      ids.map((id) => encodeItem(shelfItem(id))),
    );
    expect(await snapshots.pointTo('main', version, before)).toBe('moved');
  };
  const pass = (ms: number): void => {
    nowMs += ms;
  };
  return { catalogueOf, put, pass, asked, faults, snapshots };
};

test('who never put an item has an empty catalogue', async () => {
  expect((await world().catalogueOf('main')).size).toBe(0);
});

test('what is held is given at once while a newer one comes, at most every half minute', async () => {
  const { catalogueOf, put, pass, asked } = world();
  await put('v1', 'a');
  const [first, same] = await Promise.all([catalogueOf('main'), catalogueOf('main')]);
  expect([first.newest, same === first, asked.length]).toEqual([['a'], true, 1]);
  await put('v2', 'a', 'b');
  pass(RELOAD_MS - 1);
  expect((await catalogueOf('main')).version).toBe('v1');
  expect(asked).toHaveLength(1);
  pass(1);
  expect((await catalogueOf('main')).version).toBe('v1');
  await expect.poll(async () => (await catalogueOf('main')).version).toBe('v2');
  expect(asked).toHaveLength(2);
});

test('a version that did not change is not read again', async () => {
  let reads = 0;
  const { catalogueOf, put, pass, snapshots } = world({
    read: (tenant, version) => {
      reads += 1;
      return snapshots.read(tenant, version);
    },
  });
  await put('v1', 'a');
  const first = await catalogueOf('main');
  pass(RELOAD_MS);
  await catalogueOf('main');
  await expect.poll(async () => (await catalogueOf('main')) === first).toBe(true);
  expect(reads).toBe(1);
});

test('a fault is told, and leaves what was held', async () => {
  let broken = false;
  const { catalogueOf, put, pass, faults, snapshots } = world({
    pointer: (tenant) => (broken ? Promise.reject(new Error('away')) : snapshots.pointer(tenant)),
  });
  await put('v1', 'a');
  await catalogueOf('main');
  broken = true;
  pass(RELOAD_MS);
  expect((await catalogueOf('main')).version).toBe('v1');
  await expect.poll(() => faults.length).toBe(1);
  expect((await catalogueOf('main')).version).toBe('v1');
  expect(faults).toHaveLength(1);
  expect((await catalogueOf('other')).size).toBe(0);
});

test('a process holds so many tenants', async () => {
  const { catalogueOf, asked } = world();
  for (let tenant = 0; tenant <= TENANTS_MAX; tenant += 1) await catalogueOf(`t${tenant}`);
  await catalogueOf(`t${TENANTS_MAX}`);
  expect(asked).toHaveLength(TENANTS_MAX + 1);
  await catalogueOf('t0');
  expect(asked).toHaveLength(TENANTS_MAX + 2);
});
