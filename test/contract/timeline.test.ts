import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoTimelineReader } from '../../functions/adapters/dynamo-timeline-reader.ts';
import { dynamoTimelineStore } from '../../functions/adapters/dynamo-timeline-store.ts';
import { MemoryTimeline } from '../../functions/adapters/memory-timeline.ts';
import type { TimelineRow } from '../../functions/core/profile/timeline.ts';
import type { TimelineReader, TimelineStore } from '../../functions/ports/timeline.ts';
import { startDynamo, TABLE } from '../support/dynamo.ts';
import { NOW } from '../support/enriched-lines.ts';
import { stillClock, temporaryFolder } from '../support/served.ts';

type World = Awaited<ReturnType<typeof startDynamo>>;
let world: World;
const folder = temporaryFolder();
const clock = stillClock(NOW);

beforeAll(async () => {
  world = await startDynamo({ dataDir: folder.path, clock });
});
afterAll(async () => {
  await world.stop();
  folder.remove();
});

const NOW_S = NOW / 1_000;
const rowAt = (key: string, more: Partial<TimelineRow> = {}): TimelineRow => ({
  key,
  ttl: NOW_S + 100,
  text: `{"e":"a"}\n{"of":"${key} ü"}`,
  ...more,
});

let users = 0;
const newUser = () => {
  users += 1;
  return { tenant: 'main', user: `user#${users} ü` };
};

interface Timeline {
  readonly store: TimelineStore;
  readonly reader: TimelineReader;
}
const now = { ms: NOW };
const timelines: readonly (readonly [string, () => Timeline])[] = [
  [
    'in memory',
    () => {
      const memory = new MemoryTimeline(() => now.ms);
      return { store: memory, reader: memory };
    },
  ],
  [
    'over DynamoDB',
    () => ({
      store: dynamoTimelineStore(world.client, TABLE, () => now.ms),
      reader: dynamoTimelineReader(world.client, TABLE, () => now.ms),
    }),
  ],
];

describe.each(timelines)('the timeline %s', (_, make) => {
  const filled = async (keys: readonly string[], more: Partial<TimelineRow> = {}) => {
    const { store, reader } = make();
    const user = newUser();
    for (const key of keys) await store.putIfAbsent(user, rowAt(key, more));
    return { store, reader, user };
  };
  /** Everything from there on, page by page. */
  const readAll = async (
    reader: TimelineReader,
    user: ReturnType<typeof newUser>,
    rowsMax: number,
  ) => {
    const rows: TimelineRow[] = [];
    const sizes: number[] = [];
    let place: Parameters<TimelineReader['read']>[1];
    do {
      const page = await reader.read(user, place, rowsMax);
      rows.push(...page.rows);
      sizes.push(page.rows.length);
      place = page.next;
    } while (place !== undefined);
    return { keys: rows.map(({ key }) => key), sizes };
  };

  test('gives back exactly what was put, long lines and all', async () => {
    const text = `{"e":"a"}\n${JSON.stringify({ text: 'ü\u{1F600}'.repeat(20_000) })}`;
    const { reader, user } = await filled(['a'], { text });
    expect(await reader.read(user, undefined, 10)).toEqual({
      rows: [rowAt('a', { text })],
      next: undefined,
    });
  });

  test('a row that is there stays as it is', async () => {
    const { store, reader, user } = await filled(['a']);
    expect(await store.putIfAbsent(user, rowAt('a', { text: 'other' }))).toBe('was there');
    expect((await reader.read(user, undefined, 10)).rows).toEqual([rowAt('a')]);
    expect(await store.putIfAbsent(user, rowAt('b'))).toBe('put');
  });

  test('of ten writers of one row at once exactly one puts it', async () => {
    const { store, user } = await filled([]);
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, n) => store.putIfAbsent(user, rowAt('a', { text: `${n}` }))),
    );
    expect(all.filter((put) => put === 'put')).toHaveLength(1);
  });

  test('rows come highest key first, in pages that meet', async () => {
    const keys = ['2024-04', '2031-01', '2026-11', '2026-10', '2026-12'];
    const { reader, user } = await filled(keys);
    const sorted = ['2031-01', '2026-12', '2026-11', '2026-10', '2024-04'];
    for (const rowsMax of [1, 2, 5, 10]) {
      expect((await readAll(reader, user, rowsMax)).keys, `${rowsMax}`).toEqual(sorted);
    }
    expect(Math.max(...(await readAll(reader, user, 2)).sizes)).toBe(2);
  });

  test('a place is the row of its key and what lies below, or only what lies below', async () => {
    const { reader, user } = await filled(['a', 'b', 'c']);
    const from = async (key: string, inclusive: boolean) =>
      (await reader.read(user, { key, inclusive }, 10)).rows.map((row) => row.key);
    expect(await from('b', true)).toEqual(['b', 'a']);
    expect(await from('b', false)).toEqual(['a']);
    expect(await from('bb', true)).toEqual(['b', 'a']);
    expect(await from('a', false)).toEqual([]);
  });

  test('a row past its time is absent from its very second on, and does not end a page too early', async () => {
    const { store, reader, user } = await filled(['a', 'c']);
    await store.putIfAbsent(user, rowAt('b', { ttl: NOW_S + 10 }));
    now.ms = (NOW_S + 10) * 1_000 - 1;
    expect((await readAll(reader, user, 1)).keys).toEqual(['c', 'b', 'a']);
    now.ms += 1;
    expect((await readAll(reader, user, 1)).keys).toEqual(['c', 'a']);
    now.ms = NOW;
  });

  test('a row past its time gives way to a new one', async () => {
    const { store, reader, user } = await filled([]);
    await store.putIfAbsent(user, rowAt('a', { ttl: NOW_S + 10 }));
    now.ms = (NOW_S + 10) * 1_000 - 1;
    expect(await store.putIfAbsent(user, rowAt('a', { text: 'new' }))).toBe('was there');
    now.ms += 1;
    expect(await store.putIfAbsent(user, rowAt('a', { text: 'new' }))).toBe('put');
    expect((await reader.read(user, undefined, 10)).rows).toEqual([rowAt('a', { text: 'new' })]);
    now.ms = NOW;
  });

  test('tenants and users share a table and no rows', async () => {
    const { reader, user } = await filled(['a']);
    expect((await reader.read({ ...user, tenant: 'other' }, undefined, 10)).rows).toEqual([]);
    expect((await reader.read(newUser(), undefined, 10)).rows).toEqual([]);
  });
});

test('a row lies under `t#tenant#user`, deflated, beside nothing else', async () => {
  const store = dynamoTimelineStore(world.client, TABLE, () => NOW);
  const text = `{"e":"aa"}\n${'{"name":"Product Viewed"}'.repeat(200)}`;
  await store.putIfAbsent({ tenant: 'main', user: 'ann' }, rowAt('key', { text }));
  const { Item = {} } = await world.client.send(
    new GetItemCommand({ TableName: TABLE, Key: { pk: { S: 't#main#ann' }, sk: { S: 'key' } } }),
  );
  expect(new Set(Object.keys(Item))).toEqual(new Set(['pk', 'sk', 'ttl', 'z']));
  expect(Item.ttl).toEqual({ N: String(NOW_S + 100) });
  expect(Item.z?.B?.length).toBeLessThan(text.length / 20);
});

test('a row that is not ours fails the read, and is never left out', async () => {
  const reader = dynamoTimelineReader(world.client, TABLE, () => NOW);
  const put = (item: object) =>
    world.client.send(
      new PutItemCommand({
        TableName: TABLE,
        Item: { pk: { S: 't#main#bob' }, sk: { S: 'k' }, ttl: { N: `${NOW_S + 1}` }, ...item },
      }),
    );
  await put({});
  await expect(reader.read({ tenant: 'main', user: 'bob' }, undefined, 1)).rejects.toThrow('lines');
  await put({ z: { B: Uint8Array.of(255, 255) } });
  await expect(reader.read({ tenant: 'main', user: 'bob' }, undefined, 1)).rejects.toThrow();
});

test('a table that is away throws, and is not taken for a row that is there', async () => {
  const store = dynamoTimelineStore(world.client, 'no-such-table', () => NOW);
  await expect(store.putIfAbsent(newUser(), rowAt('a'))).rejects.toThrow();
});
