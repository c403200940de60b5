/** What `tally` and `minute` may expect of rows of demand: in memory and over DynamoDB alike. */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoItemDemand } from '../../functions/adapters/dynamo-item-demand.ts';
import { dynamoItemDemandReader } from '../../functions/adapters/dynamo-item-demand-reader.ts';
import { memoryItemDemand } from '../../functions/adapters/memory-item-demand.ts';
import { demandTtl } from '../../functions/core/recommend/demand-rows.ts';
import {
  addDemand,
  type DemandTable,
  newDemandTable,
} from '../../functions/core/recommend/demand-table.ts';
import type { ItemDemand, ItemDemandReader } from '../../functions/ports/item-demand.ts';
import { startDynamo, TABLE } from '../support/dynamo.ts';
import { stillClock, temporaryFolder } from '../support/served.ts';

const MINUTE = 29_000_000;
const NOW = MINUTE * 60_000;

const folder = temporaryFolder();
let world: Awaited<ReturnType<typeof startDynamo>>;
beforeAll(async () => {
  world = await startDynamo({ dataDir: folder.path, clock: stillClock(NOW) });
});
afterAll(async () => {
  await world.stop();
  folder.remove();
});

interface Both {
  readonly demand: ItemDemand;
  /** At any instant. */
  readonly readerAt: (nowMs: number) => ItemDemandReader;
}

const inMemory = (): Both => {
  let nowMs = NOW;
  const demand = memoryItemDemand(() => nowMs);
  return {
    demand,
    readerAt: (at) => {
      nowMs = at;
      return demand;
    },
  };
};

const overDynamo = (): Both => ({
  demand: dynamoItemDemand(world.client, TABLE),
  readerAt: (at) => dynamoItemDemandReader(world.client, TABLE, () => at),
});

const tableOf = (item: string, weight: number): DemandTable => {
  const table = newDemandTable();
  addDemand(table, { item, region: 'EMEA', weight });
  return table;
};

const weightsIn = ({ items }: DemandTable): Readonly<Record<string, number>> =>
  Object.fromEntries([...items].map(([item, { weights }]) => [item, weights[1] ?? 0]));

describe.each([
  ['memory', inMemory],
  ['dynamodb', overDynamo],
] as const)('%s', (name, made) => {
  const row = { tenant: `t-${name}`, shardId: 'shardId-1', minute: MINUTE };

  test('rows add up, over writers and shards; other minutes and tenants are not touched', async () => {
    const { demand, readerAt } = made();
    expect(await demand.add({ ...row, table: tableOf('ü#1', 3) })).toBe('added');
    await demand.add({ ...row, table: tableOf('ü#1', 5) });
    await demand.add({ ...row, table: tableOf('shade', 1) });
    await demand.add({ ...row, shardId: 'shardId-2', table: tableOf('ü#1', 1) });
    await demand.add({ ...row, minute: MINUTE + 1, table: tableOf('ü#1', 100) });
    await demand.add({ ...row, tenant: `${row.tenant}-2`, table: tableOf('ü#1', 100) });
    const reader = readerAt(NOW);
    const sum = await reader.of(row.tenant, MINUTE);
    expect(weightsIn(sum)).toEqual({ 'ü#1': 9, shade: 1 });
    expect(sum.floor).toBe(0);
    expect(await reader.of(row.tenant, MINUTE - 1)).toEqual(newDemandTable());
  });

  test('of writers at once, whoever is told that it added was counted, once', async () => {
    const { demand, readerAt } = made();
    const at = { ...row, tenant: `${row.tenant}-race` };
    const writers = Array.from({ length: 8 }, (_, n) => ({ ...at, table: tableOf(`w${n}`, 1) }));
    const ends = await Promise.all(writers.map((one) => demand.add(one)));
    const added = writers.flatMap((_, n) => (ends[n] === 'added' ? [[`w${n}`, 1]] : []));
    expect(added.length).toBeGreaterThan(0);
    const told = await readerAt(NOW).of(at.tenant, MINUTE);
    expect(weightsIn(told)).toEqual(Object.fromEntries(added));
  });

  test('tenants that were announced are told with their newest minute', async () => {
    const { demand, readerAt } = made();
    const names = [`${row.tenant}-a`, `${row.tenant}-b`];
    for (const tenant of names) await demand.announce({ tenant, minute: MINUTE });
    await demand.announce({ tenant: names[0] ?? '', minute: MINUTE + 1 });
    await demand.announce({ tenant: names[0] ?? '', minute: MINUTE - 1 });
    const told = await readerAt(NOW).tenants();
    expect(told).toContainEqual({ tenant: names[0], minute: MINUTE + 1 });
    expect(told).toContainEqual({ tenant: names[1], minute: MINUTE });
    expect(new Set(told.map(({ tenant }) => tenant)).size).toBe(told.length);
  });

  test('what is past its time is absent from its very second on', async () => {
    const { demand, readerAt } = made();
    const mine = { ...row, tenant: `${row.tenant}-old` };
    await demand.announce(mine);
    await demand.add({ ...mine, table: tableOf('lamp', 1) });
    const end = demandTtl(MINUTE) * 1_000;
    const seenAt = async (nowMs: number) => {
      const reader = readerAt(nowMs);
      const tenants = (await reader.tenants()).filter(({ tenant }) => tenant === mine.tenant);
      return [(await reader.of(mine.tenant, MINUTE)).items.size, tenants.length];
    };
    expect(await seenAt(end - 1)).toEqual([1, 1]);
    expect(await seenAt(end)).toEqual([0, 0]);
  });
});

test('a damaged row fails, and nobody writes over it', async () => {
  const { demand } = overDynamo();
  const row = { tenant: 'damaged', shardId: 's', minute: MINUTE, table: tableOf('lamp', 1) };
  const Key = { pk: { S: `m#damaged#${MINUTE}` }, sk: { S: 'items#s' } };
  const Item = { ...Key, v: { N: '1' }, ttl: { N: '9999999999' }, p: { S: '{}' } };
  await world.client.send(new PutItemCommand({ TableName: TABLE, Item }));
  await expect(demand.add(row)).rejects.toThrow('demand has a floor');
  const { Item: kept } = await world.client.send(new GetItemCommand({ TableName: TABLE, Key }));
  expect(kept?.p).toEqual({ S: '{}' });
});

test('rows that are away are a fault, and nothing is said to be added', async () => {
  const away = dynamoItemDemand(world.client, 'no-such-table');
  const row = { tenant: 't', shardId: 's', minute: MINUTE };
  await expect(away.announce(row)).rejects.toThrow();
  await expect(away.add({ ...row, table: tableOf('lamp', 1) })).rejects.toThrow();
});
