/** What may be expected of the catalogue's rows: in memory and over DynamoDB alike. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoCatalogueChanges } from '../../functions/adapters/dynamo-catalogue-changes.ts';
import { dynamoCatalogueStore } from '../../functions/adapters/dynamo-catalogue-store.ts';
import { dynamoUnseenItems } from '../../functions/adapters/dynamo-unseen-items.ts';
import { memoryCatalogue } from '../../functions/adapters/memory-catalogue-store.ts';
import { readItem } from '../../functions/core/catalogue/item.ts';
import type { ItemInput } from '../../functions/core/catalogue/item-schemas.ts';
import { epochMs } from '../../functions/core/time.ts';
import { startDynamo, TABLE } from '../support/dynamo.ts';
import { stillClock, temporaryFolder } from '../support/served.ts';

const folder = temporaryFolder();
let world: Awaited<ReturnType<typeof startDynamo>>;
beforeAll(async () => {
  world = await startDynamo({ dataDir: folder.path, clock: stillClock(0) });
});
afterAll(async () => {
  await world.stop();
  folder.remove();
});

/** Tests share a table: each has tenants of its own. */
let tenants = 0;
const newTenant = (): string => {
  tenants += 1;
  return `t${tenants}`;
};

const itemOf = (more: object): ItemInput => readItem({ id: 'ü#1', ...more }) as ItemInput;
const itemsOf = (count: number): readonly ItemInput[] =>
  Array.from({ length: count }, (_, n) => itemOf({ id: `n${n}` }));

const overDynamo = () => ({
  store: {
    ...dynamoCatalogueStore(world.client, TABLE),
    ...dynamoUnseenItems(world.client, TABLE),
  },
  changes: dynamoCatalogueChanges(world.client, TABLE),
});

describe.each([
  ['memory', memoryCatalogue],
  ['dynamodb', overDynamo],
] as const)('%s', (_, made) => {
  test('an item is what was put last, since it was put first', async () => {
    const { store } = made();
    const tenant = newTenant();
    expect(await store.find(tenant, 'ü#1')).toBeUndefined();
    const first = itemOf({ name: 'ä', categories: ['x'], price: 1.5, attributes: { size: 7 } });
    await store.put(tenant, [first], epochMs(5));
    expect(await store.find(tenant, 'ü#1')).toEqual({ item: first, createdAt: 5, updatedAt: 5 });
    const second = itemOf({ available: false });
    await store.put(tenant, [second], epochMs(9));
    expect(await store.find(tenant, 'ü#1')).toEqual({ item: second, createdAt: 5, updatedAt: 9 });
  });

  test('what is removed is gone, twice as well as once, and begins anew', async () => {
    const { store } = made();
    const [tenant, other] = [newTenant(), newTenant()];
    await store.put(tenant, [itemOf({})], epochMs(1));
    await store.put(other, [itemOf({ name: 'other' })], epochMs(1));
    for (let times = 0; times < 2; times += 1) await store.remove(tenant, 'ü#1');
    expect(await store.find(tenant, 'ü#1')).toBeUndefined();
    expect((await store.find(other, 'ü#1'))?.item.name).toBe('other');
    await store.put(tenant, [itemOf({})], epochMs(3));
    expect((await store.find(tenant, 'ü#1'))?.createdAt).toBe(3);
  });

  test('what is put or removed is told, with what is there now', async () => {
    const { store, changes } = made();
    const tenant = newTenant();
    await store.put(tenant, [], epochMs(1));
    expect((await changes.tenants()).map((changed) => changed.tenant)).not.toContain(tenant);
    expect(await changes.read(tenant, 10)).toEqual({ items: [], isAll: true });
    await store.put(tenant, [itemOf({ name: 'a' }), itemOf({ id: 'b' })], epochMs(1));
    await store.remove(tenant, 'b');
    await store.remove(tenant, 'never there');
    expect((await changes.tenants()).map((changed) => changed.tenant)).toContain(tenant);
    const { items, isAll } = await changes.read(tenant, 10);
    expect(isAll).toBe(true);
    const found = items.map(({ id, found }) => [id, found?.item.name ?? 'gone']).sort();
    expect(found).toEqual([
      ['b', 'gone'],
      ['never there', 'gone'],
      ['ü#1', 'a'],
    ]);
  });

  test('a change is settled by its own mark alone, however often it was settled before', async () => {
    const { store, changes } = made();
    const tenant = newTenant();
    const ids = async () => (await changes.read(tenant, 10)).items.map(({ id }) => id);
    await store.put(tenant, [itemOf({})], epochMs(1));
    const [first] = (await changes.read(tenant, 10)).items;
    if (first === undefined) throw new Error('no change');
    await store.put(tenant, [itemOf({ name: 'newer' })], epochMs(2));
    await changes.settle(tenant, first);
    expect(await ids()).toEqual(['ü#1']);
    const [second] = (await changes.read(tenant, 10)).items;
    if (second === undefined) throw new Error('no change');
    for (let times = 0; times < 2; times += 1) await changes.settle(tenant, second);
    expect(await ids()).toEqual([]);
    await store.put(tenant, [itemOf({ name: 'newest' })], epochMs(3));
    for (const old of [first, second]) await changes.settle(tenant, old);
    expect(await ids()).toEqual(['ü#1']);
  });

  test('a tenant is settled like a change of its own', async () => {
    const { store, changes } = made();
    const tenant = newTenant();
    const find = async () => (await changes.tenants()).find((changed) => changed.tenant === tenant);
    await store.put(tenant, [itemOf({})], epochMs(1));
    const first = await find();
    if (first === undefined) throw new Error('not told');
    await store.remove(tenant, 'x');
    await changes.settleTenant(first);
    const second = await find();
    if (second === undefined) throw new Error('settled by an old mark');
    for (let times = 0; times < 2; times += 1) await changes.settleTenant(second);
    expect(await find()).toBeUndefined();
  });

  test('as many changes are read as are asked for, and it is said whether they are all', async () => {
    const { store, changes } = made();
    const tenant = newTenant();
    await store.put(tenant, itemsOf(230), epochMs(1));
    const some = await changes.read(tenant, 229);
    expect([some.items.length, some.isAll]).toEqual([229, false]);
    const all = await changes.read(tenant, 230);
    expect([new Set(all.items.map(({ id }) => id)).size, all.isAll]).toEqual([230, true]);
    expect(all.items.every(({ id, found }) => found?.item.id === id)).toBe(true);
  });

  test('an unseen item is put once, with its own instant, and told once', async () => {
    const { store, changes } = made();
    const tenant = newTenant();
    await store.put(tenant, [itemOf({ id: 'kept', name: 'as put' })], epochMs(1));
    for (const { id, mark } of (await changes.read(tenant, 10)).items)
      await changes.settle(tenant, { id, mark });
    const unseen = ['kept', 'new'].map((id) => ({ item: itemOf({ id }), at: epochMs(7) }));
    expect(await store.putUnseen(tenant, unseen)).toBe(1);
    expect(await store.putUnseen(tenant, unseen)).toBe(0);
    expect((await store.find(tenant, 'kept'))?.item.name).toBe('as put');
    expect(await store.find(tenant, 'new')).toEqual({
      item: itemOf({ id: 'new' }),
      createdAt: 7,
      updatedAt: 7,
    });
    expect((await changes.read(tenant, 10)).items.map(({ id }) => id)).toEqual(['new']);
  });
});

test('an unseen item whose teller was killed is told by the next one', async () => {
  const tenant = newTenant();
  const { store, changes } = overDynamo();
  let left = 0;
  const mortal = {
    send: (...args: Parameters<typeof world.client.send>) => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error('killed')) : world.client.send(...args);
    },
  } as typeof world.client;
  const unseen = [{ item: itemOf({ id: 'new' }), at: epochMs(7) }];
  for (const calls of [1, 2, 3]) {
    left = calls;
    await expect(dynamoUnseenItems(mortal, TABLE).putUnseen(tenant, unseen)).rejects.toThrow();
    for (const change of (await changes.read(tenant, 10)).items)
      await changes.settle(tenant, change);
  }
  expect(await store.putUnseen(tenant, unseen)).toBe(1);
  expect((await changes.read(tenant, 10)).items.map(({ id }) => id)).toEqual(['new']);
  expect(await store.putUnseen(tenant, unseen)).toBe(0);
});
