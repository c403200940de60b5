/** What may be expected of the catalogue's store: in memory and over DynamoDB alike. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoCatalogueStore } from '../../functions/adapters/dynamo-catalogue-store.ts';
import { memoryCatalogueStore } from '../../functions/adapters/memory-catalogue-store.ts';
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

const itemOf = (more: object): ItemInput => readItem({ id: 'ü#1', ...more }) as ItemInput;

describe.each([
  ['memory', memoryCatalogueStore],
  ['dynamodb', () => dynamoCatalogueStore(world.client, TABLE)],
] as const)('%s', (_, made) => {
  test('an item is what was put last, since it was put first', async () => {
    const store = made();
    expect(await store.find('main', 'ü#1')).toBeUndefined();
    const first = itemOf({ name: 'ä', categories: ['x'], price: 1.5, attributes: { size: 7 } });
    await store.put('main', first, epochMs(5));
    expect(await store.find('main', 'ü#1')).toEqual({ item: first, createdAt: 5, updatedAt: 5 });
    const second = itemOf({ available: false });
    await store.put('main', second, epochMs(9));
    expect(await store.find('main', 'ü#1')).toEqual({ item: second, createdAt: 5, updatedAt: 9 });
  });

  test('what is removed is gone, twice as well as once, and begins anew', async () => {
    const store = made();
    await store.put('main', itemOf({}), epochMs(1));
    await store.put('other', itemOf({ name: 'other' }), epochMs(1));
    for (let times = 0; times < 2; times += 1) await store.remove('main', 'ü#1');
    expect(await store.find('main', 'ü#1')).toBeUndefined();
    expect((await store.find('other', 'ü#1'))?.item.name).toBe('other');
    await store.put('main', itemOf({}), epochMs(3));
    expect((await store.find('main', 'ü#1'))?.createdAt).toBe(3);
  });
});
