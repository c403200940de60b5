/** What readers and the nightly load may expect of the lists' rows: in memory and over DynamoDB alike. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoItemListsReader } from '../../functions/adapters/dynamo-item-lists-reader.ts';
import { dynamoItemListsWriter } from '../../functions/adapters/dynamo-item-lists-writer.ts';
import { memoryItemLists } from '../../functions/adapters/memory-item-lists.ts';
import type { ItemLists } from '../../functions/core/recommend/lists.ts';
import type { ItemListsStore } from '../../functions/ports/item-lists.ts';
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

const overDynamo = (): ItemListsStore => ({
  ...dynamoItemListsReader(world.client, TABLE),
  ...dynamoItemListsWriter(world.client, TABLE),
});

const [FIRST, SECOND] = ['1764000000001-aaaa', '1764000000002-aaaa'];
const TTL = 4_000_000_000;

const listsOf = (events: number): ItemLists => ({
  events,
  pairs: [
    ['ü#2', 2.5],
    ['x', 0.25],
  ],
  similar: [['x', 0.125]],
  repurchaseDays: 30.5,
});

describe.each([
  ['memory', memoryItemLists],
  ['dynamodb', overDynamo],
] as const)('%s', (name, made) => {
  const tenant = `t-${name}`;

  test('a version is what was put of it, and others are not touched', async () => {
    const store = made();
    const row = { tenant, item: 'ü#1', version: FIRST, lists: listsOf(3), ttl: TTL };
    await store.put(row);
    await store.put(row);
    await store.put({ ...row, version: SECOND, lists: listsOf(4) });
    await store.put({ ...row, tenant: 'other', lists: listsOf(5) });
    const read = await store.read(tenant, FIRST, ['ü#1', 'never']);
    expect(read).toEqual(new Map([['ü#1', listsOf(3)]]));
    expect((await store.read(tenant, SECOND, ['ü#1'])).get('ü#1')?.events).toBe(4);
    expect(await store.read(tenant, FIRST, [])).toEqual(new Map());
  });

  test('more items than one call of the table takes are all read', async () => {
    const store = made();
    const ids = Array.from({ length: 120 }, (_, index) => `n${index}`);
    for (const item of ids)
      await store.put({ tenant, item, version: FIRST, lists: listsOf(1), ttl: TTL });
    expect(new Set((await store.read(tenant, FIRST, ids)).keys())).toEqual(new Set(ids));
  });

  test('the pointer goes on to later cuts and runs, and never back', async () => {
    const store = made();
    const mine = `${tenant}-pointer`;
    expect(await store.pointer(mine)).toBeUndefined();
    const first = { version: FIRST, cut: '2026-11-22' };
    expect(await store.pointTo(mine, first, 1)).toBe('pointed');
    expect(await store.pointTo(mine, first, 1)).toBe('pointed');
    const second = { version: SECOND, cut: '2026-11-22' };
    expect(await store.pointTo(mine, second, 2)).toBe('pointed');
    expect(await store.pointTo(mine, first, 3)).toBe('newer');
    const back = { version: '1764000000003-aaaa', cut: '2026-11-21' };
    expect(await store.pointTo(mine, back, 4)).toBe('newer');
    expect(await store.pointer(mine)).toEqual(second);
    expect(await store.pointer(`${mine}-other`)).toBeUndefined();
  });
});

test('a row of the table is gone after its time, and its pointer stays', async () => {
  const store = overDynamo();
  await store.put({ tenant: 'main', item: 'a', version: FIRST, lists: listsOf(1), ttl: TTL });
  await store.pointTo('main', { version: FIRST, cut: '2026-11-22' }, 1);
  const rowOf = async (pk: string, sk: string) => {
    const Key = { pk: { S: pk }, sk: { S: sk } };
    return (await world.client.send(new GetItemCommand({ TableName: TABLE, Key }))).Item;
  };
  expect((await rowOf('i#main#a', `n#${FIRST}`))?.ttl).toEqual({ N: String(TTL) });
  const pointer = (await rowOf('rec#main', 'lists')) ?? {};
  expect(new Set(Object.keys(pointer))).toEqual(new Set(['at', 'cut', 'pk', 'sk', 'version']));
});
