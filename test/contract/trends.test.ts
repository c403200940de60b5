/** What `minute` and who serves may expect of trends' rows: in memory and over DynamoDB alike. */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoTrendsReader } from '../../functions/adapters/dynamo-trends-reader.ts';
import { dynamoTrendsStore } from '../../functions/adapters/dynamo-trends-store.ts';
import { memoryTrends } from '../../functions/adapters/memory-trends.ts';
import { addDemand, newDemandTable } from '../../functions/core/recommend/demand-table.ts';
import { emptyTrendList } from '../../functions/core/recommend/trend-list.ts';
import { scopeTtl, tickTtl } from '../../functions/core/recommend/trend-rows.ts';
import {
  endOfMinute,
  mergeMinutes,
  newTrendState,
  type TrendState,
  wholeScope,
} from '../../functions/core/recommend/trend-state.ts';
import type { TrendsReader, TrendsStore } from '../../functions/ports/trends.ts';
import { startDynamo, TABLE } from '../support/dynamo.ts';
import { stillClock, temporaryFolder } from '../support/served.ts';

const MINUTE = 29_000_000;
const NOW = (MINUTE + 3) * 60_000;

const folder = temporaryFolder();
let world: Awaited<ReturnType<typeof startDynamo>>;
beforeAll(async () => {
  world = await startDynamo({ dataDir: folder.path, clock: stillClock(NOW) });
});
afterAll(async () => {
  await world.stop();
  folder.remove();
});

type Both = TrendsStore & TrendsReader;
/** At an instant that can be moved. */
interface Made {
  readonly trends: Both;
  readonly at: (nowMs: number) => void;
}

const inMemory = (): Made => {
  let nowMs = NOW;
  return {
    trends: memoryTrends(() => nowMs),
    at: (at) => {
      nowMs = at;
    },
  };
};

const overDynamo = (): Made => {
  let nowMs = NOW;
  const now = (): number => nowMs;
  return {
    trends: {
      ...dynamoTrendsStore(world.client, TABLE, now),
      ...dynamoTrendsReader(world.client, TABLE, now),
    },
    at: (at) => {
      nowMs = at;
    },
  };
};

const stateOf = (scope: string, minute: number, weight = 4): TrendState => {
  const table = newDemandTable();
  addDemand(table, { item: 'ü#1', region: 'EMEA', weight });
  addDemand(table, { item: 'shade', region: 'EMEA', weight: 1 });
  return mergeMinutes(newTrendState(scope, minute - 1), [{ minute, table }], wholeScope);
};

const tickOf = (through: number) => ({ through, categories: stateOf('x', through).popular });

describe.each([
  ['memory', inMemory],
  ['dynamodb', overDynamo],
] as const)('%s', (name, made) => {
  const tenant = `t-${name}`;

  test('scopes that were saved are read as lists, and others are not there', async () => {
    const { trends } = made();
    const mine = `${tenant}-read`;
    const category = 'category:TV & RADIO#1';
    expect(await trends.read(mine, ['all'])).toEqual(new Map());
    for (const scope of ['all', category])
      expect(await trends.save(mine, stateOf(scope, MINUTE), undefined)).toBe('saved');
    await trends.save(`${mine}-2`, stateOf('region:EMEA', MINUTE), undefined);
    const read = await trends.read(mine, ['all', category, 'region:EMEA']);
    const list = [
      ['ü#1', 4],
      ['shade', 1],
    ];
    const told = { at: endOfMinute(MINUTE), hot: list, popular: list };
    expect(read.get('all')).toEqual({ ...told, scope: 'all' });
    expect(read.get(category)).toEqual({ ...told, scope: category });
    expect(read.size).toBe(2);
    expect((await trends.load(mine, [category])).get(category)?.through).toBe(MINUTE);
    expect(await trends.load(mine, [])).toEqual(new Map());
  });

  test('more scopes than one call of the table takes are all read', async () => {
    const { trends } = made();
    const mine = `${tenant}-many`;
    const scopes = Array.from({ length: 120 }, (_, n) => `category:C${n}`);
    for (const scope of scopes) await trends.save(mine, stateOf(scope, MINUTE), undefined);
    expect(new Set((await trends.read(mine, scopes)).keys())).toEqual(new Set(scopes));
  });

  test('a state is saved under the minute that was read, and by one writer of several', async () => {
    const { trends } = made();
    const mine = `${tenant}-race`;
    const save = (minute: number, read: number | undefined) =>
      trends.save(mine, stateOf('all', minute), read);
    expect(await save(MINUTE, undefined)).toBe('saved');
    expect(await save(MINUTE + 1, undefined)).toBe('conflict');
    expect(await save(MINUTE + 1, MINUTE - 1)).toBe('conflict');
    const ends = await Promise.all([1, 2, 3, 4].map((more) => save(MINUTE + more, MINUTE)));
    expect(ends.filter((end) => end === 'saved')).toHaveLength(1);
    expect(await save(MINUTE + 9, MINUTE)).toBe('conflict');
  });

  test('a tick moves on from what was read, and a second mover is refused', async () => {
    const { trends } = made();
    const mine = `${tenant}-tick`;
    expect(await trends.tick(mine)).toBeUndefined();
    expect(await trends.moveTick(mine, tickOf(MINUTE), undefined)).toBe('saved');
    expect(await trends.moveTick(mine, tickOf(MINUTE), undefined)).toBe('conflict');
    const next = { through: MINUTE + 2, categories: emptyTrendList };
    expect(await trends.moveTick(mine, next, MINUTE)).toBe('saved');
    expect(await trends.moveTick(mine, next, MINUTE)).toBe('conflict');
    expect(await trends.tick(mine)).toEqual(next);
    expect(await trends.tick(`${mine}-2`)).toBeUndefined();
  });

  test('the categories of a tick come back', async () => {
    const { trends } = made();
    const mine = `${tenant}-categories`;
    await trends.moveTick(mine, tickOf(MINUTE), undefined);
    const names = (await trends.tick(mine))?.categories.items.keys() ?? [];
    expect(new Set(names)).toEqual(new Set(['shade', 'ü#1']));
  });

  test('what is past its time is absent, and a new row takes its place', async () => {
    const { trends, at } = made();
    const mine = `${tenant}-old`;
    await trends.save(mine, stateOf('all', MINUTE), undefined);
    await trends.moveTick(mine, tickOf(MINUTE), undefined);
    at(scopeTtl(MINUTE) * 1_000 - 1);
    expect((await trends.read(mine, ['all'])).size).toBe(1);
    at(tickTtl(MINUTE) * 1_000 - 1);
    expect(await trends.tick(mine)).toBeDefined();
    expect(await trends.moveTick(mine, tickOf(MINUTE + 5), undefined)).toBe('conflict');
    at(tickTtl(MINUTE) * 1_000);
    expect(await trends.tick(mine)).toBeUndefined();
    expect(await trends.moveTick(mine, tickOf(MINUTE + 5), undefined)).toBe('saved');
    at(scopeTtl(MINUTE) * 1_000);
    expect([
      (await trends.read(mine, ['all'])).size,
      (await trends.load(mine, ['all'])).size,
    ]).toEqual([0, 0]);
    expect(await trends.save(mine, stateOf('all', MINUTE + 9), undefined)).toBe('saved');
  });
});

test('a damaged row fails the read, and rows that are away are a fault', async () => {
  const { trends } = overDynamo();
  const Item = {
    ...{ pk: { S: 'i#damaged#trend#all' }, sk: { S: 'tr' } },
    ...{ ttl: { N: '9999999999' }, z: { B: new Uint8Array([1, 2, 3]) } },
  };
  await world.client.send(new PutItemCommand({ TableName: TABLE, Item }));
  await expect(trends.read('damaged', ['all'])).rejects.toThrow();
  const away = dynamoTrendsStore(world.client, 'no-such-table', () => NOW);
  await expect(away.load('t', ['all'])).rejects.toThrow();
  await expect(away.tick('t')).rejects.toThrow();
  await expect(away.save('t', stateOf('all', MINUTE), undefined)).rejects.toThrow();
});
