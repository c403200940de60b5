/** What `load` may expect of the store of items `off`: in memory and over DynamoDB alike. */
import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoOffStore } from '../../functions/adapters/dynamo-off-store.ts';
import { MemoryOffStore } from '../../functions/adapters/memory-off-store.ts';
import type { StoredOff } from '../../functions/core/profile/stored-off.ts';
import type { OffStore } from '../../functions/ports/off-store.ts';
import { startDynamo, TABLE } from '../support/dynamo.ts';
import { stillClock, temporaryFolder } from '../support/served.ts';

const NOW = Date.parse('2026-11-24T02:00:00.000Z');
const folder = temporaryFolder();
let world: Awaited<ReturnType<typeof startDynamo>>;
beforeAll(async () => {
  world = await startDynamo({ dataDir: folder.path, clock: stillClock(NOW) });
});
afterAll(async () => {
  await world.stop();
  folder.remove();
});

interface Bench {
  readonly store: OffStore;
  readonly held: (user: string) => Promise<StoredOff | undefined>;
}

const inMemory = (): Bench => {
  const store = new MemoryOffStore();
  return { store, held: async (user) => store.items.get(`main#${user}`) };
};

const overDynamo = (): Bench => ({
  store: dynamoOffStore(world.client, TABLE),
  held: async (user) => {
    const Key = { pk: { S: `u#main#${user}` }, sk: { S: 'off' } };
    const { Item } = await world.client.send(new GetItemCommand({ TableName: TABLE, Key }));
    if (Item === undefined) return undefined;
    return {
      runId: Item.runId?.S ?? '',
      cut: Number(Item.cut?.N),
      ttl: Number(Item.ttl?.N),
      tags: Item.p?.S ?? '',
    };
  },
});

const off = (runId: string, tags = '{"a":"ü"}'): StoredOff => ({
  ...{ runId, cut: 20_781, ttl: NOW / 1_000 + 100, tags },
});

describe.each([
  ['memory', inMemory],
  ['dynamodb', overDynamo],
] as const)('%s', (_, made) => {
  test('an older run never overwrites a newer one, nor a run itself', async () => {
    const { store, held } = made();
    const origin = { tenant: 'main', user: 'ü#1' };
    expect(await held('ü#1')).toBeUndefined();
    expect(await store.save(origin, off('1795500000000-0001'))).toBe('saved');
    expect(await store.save(origin, off('1795500000000-0001', '{}'))).toBe('newer');
    expect(await store.save(origin, off('1795400000000-ffff', '{}'))).toBe('newer');
    expect(await held('ü#1')).toEqual(off('1795500000000-0001'));
    expect(await store.save(origin, off('1795500000000-0002', '{"b":""}'))).toBe('saved');
    expect(await held('ü#1')).toEqual(off('1795500000000-0002', '{"b":""}'));
    expect(await held('ü#2')).toBeUndefined();
  });
});
