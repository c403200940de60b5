/** What is asked for is told soon and seldom, and never in the way of what is exact. */
import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryItemDemand } from '../../functions/adapters/memory-item-demand.ts';
import { MemoryTallyStore } from '../../functions/adapters/memory-tally-store.ts';
import { minutePk } from '../../functions/core/analytics/tally-rows.ts';
import { countedWeight } from '../../functions/core/recommend/demand-table.ts';
import { epochMs } from '../../functions/core/time.ts';
import type { DemandRow, ItemDemand } from '../../functions/ports/item-demand.ts';
import type { TallyStore } from '../../functions/ports/tally-store.ts';
import {
  DEMAND_EVERY_MS,
  DEMAND_ROWS_HELD_MAX,
  DEMAND_WRITES_AT_ONCE,
  type DemandCounts,
  demandGatherer,
} from '../../functions/tally/gather-demand.ts';
import { tally } from '../../functions/tally/tally.ts';

const MINUTE = 29_000_000;
const START = MINUTE * 60_000;
const SHARD = 'shardId-1';
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

const recordOf = (
  place: number,
  { minute, tenant = 'main', item = 'lamp' }: { minute: number; tenant?: string; item?: string },
): DynamoDBRecord => ({
  eventName: 'MODIFY',
  dynamodb: {
    Keys: { pk: { S: `u#${tenant}#ann` }, sk: { S: 'rt' } },
    NewImage: {
      fx: {
        S: JSON.stringify({
          minutes: [{ minute, applied: 1, duplicate: 0, parked: 0 }],
          strings: ['Product Viewed', item],
          events: [[0, 0, -1, -1, -1, -1, 0, [[1, 1, 0]]]],
          before: [],
          sessions: [],
          lateForSessions: 0,
          cut: 0,
        }),
      },
    },
    SequenceNumber: String(10n ** 22n + BigInt(place)),
    ApproximateCreationDateTime: 1_740_000_000,
  },
});

/** A clock that the test moves, and what was written when. */
const watched = (more: Partial<ItemDemand> = {}, store: TallyStore = new MemoryTallyStore()) => {
  const world = { nowMs: START, place: 0 };
  const demand = memoryItemDemand(() => world.nowMs);
  const writes: { atMs: number; row: DemandRow }[] = [];
  const announced: string[] = [];
  const counts: DemandCounts[] = [];
  const faults: unknown[] = [];
  const noting: ItemDemand = {
    announce: async (one) => {
      announced.push(`${one.tenant} ${one.minute - MINUTE}`);
      await demand.announce(one);
    },
    add: async (row) => {
      writes.push({ atMs: world.nowMs, row });
      return demand.add(row);
    },
    ...more,
  };
  const handle = tally({
    ...{ store, demand: noting, now: () => world.nowMs },
    sleep: async (ms) => {
      world.nowMs += ms;
    },
    report: {
      counted: () => undefined,
      demand: (one) => counts.push(one),
      fault: (fault) => faults.push(fault),
    },
  });
  const ask = (...asked: Parameters<typeof recordOf>[1][]) => {
    const Records = asked.map((one) => recordOf(world.place++, one));
    return handle({ Records, shardId: SHARD }, CONTEXT);
  };
  const weightAt = async (minute: number, tenant = 'main'): Promise<number> => {
    const { items } = await demand.of(tenant, minute);
    return [...items.values()].reduce((sum, item) => sum + countedWeight(item), 0);
  };
  return { world, demand, writes, announced, counts, faults, handle, ask, weightAt };
};

test('in a quiet minute what is asked for is written at once, in a busy one every ten seconds', async () => {
  const { world, writes, ask, weightAt, counts } = watched();
  for (let second = 0; second < 50; second += 1) {
    world.nowMs = START + second * 1_000;
    await ask({ minute: MINUTE });
    if (second < DEMAND_WRITES_AT_ONCE) expect(await weightAt(MINUTE)).toBe(second + 1);
  }
  expect(writes.map(({ atMs }) => (atMs - START) / 1_000)).toEqual([
    ...[0, 1, 2, 3, 4, 5],
    ...[10, 20, 30, 40],
  ]);
  expect(await weightAt(MINUTE)).toBe(41);
  expect(counts).toEqual(writes.map(() => ({ written: 1, lost: 0 })));
});

test('a clock that was set back makes nobody wait', async () => {
  const { world, writes, ask } = watched();
  for (let call = 0; call < DEMAND_WRITES_AT_ONCE + 1; call += 1) await ask({ minute: MINUTE });
  expect(writes).toHaveLength(DEMAND_WRITES_AT_ONCE);
  world.nowMs -= 1_000_000;
  await ask({ minute: MINUTE });
  expect(writes.length).toBeGreaterThan(DEMAND_WRITES_AT_ONCE);
});

test('however calls come, nothing is lost, and writes are ten seconds apart on average', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.tuple(
          fc.oneof(fc.nat({ max: 3_000 }), fc.nat({ max: 40_000 })),
          fc.array(fc.nat({ max: 400 }), { minLength: 1, maxLength: 5 }),
        ),
        { minLength: 1, maxLength: 15 },
      ),
      async (calls) => {
        const { world, writes, ask, handle, demand } = watched();
        let asked = 0;
        for (const [pauseMs, lags] of calls) {
          world.nowMs += pauseMs;
          const minute = Math.floor(world.nowMs / 60_000);
          await ask(...lags.map((lag) => ({ minute: minute + 2 - lag })));
          asked += lags.length;
        }
        const times = [...new Set(writes.map(({ atMs }) => atMs))];
        for (const [last, endMs] of times.entries()) {
          for (const [first, startMs] of times.slice(0, last).entries()) {
            const paid = DEMAND_WRITES_AT_ONCE + (endMs - startMs) / DEMAND_EVERY_MS;
            expect(last - first + 1).toBeLessThanOrEqual(paid);
          }
        }
        await handle({ Records: [], shardId: SHARD, isFinalInvokeForWindow: true }, CONTEXT);
        let told = 0;
        for (const { atMs, row } of writes) {
          const minute = Math.floor(atMs / 60_000);
          expect([minute - 1, minute]).toContain(row.minute);
        }
        for (const minute of new Set(writes.map(({ row }) => row.minute))) {
          const { items } = await demand.of('main', minute);
          for (const item of items.values()) told += countedWeight(item);
        }
        expect(told).toBe(asked);
      },
    ),
  );
});

test('what waited for longer than a minute is written as of now: its own minute has been read', async () => {
  const { world, ask, handle, weightAt } = watched();
  for (let call = 0; call < DEMAND_WRITES_AT_ONCE; call += 1) await ask({ minute: MINUTE });
  await ask({ minute: MINUTE });
  world.nowMs += 900_000;
  await handle({ Records: [], shardId: SHARD, isFinalInvokeForWindow: true }, CONTEXT);
  expect([await weightAt(MINUTE), await weightAt(MINUTE + 15)]).toEqual([DEMAND_WRITES_AT_ONCE, 1]);
});

test('a tenant is announced once a minute, and before its first row', async () => {
  const { world, announced, ask, demand } = watched({
    add: async ({ tenant, minute }) => {
      expect(await demand.tenants()).toContainEqual({ tenant, minute });
      return 'added';
    },
  });
  for (const second of [0, 20, 40, 60, 80]) {
    world.nowMs = START + second * 1_000;
    await ask({ minute: MINUTE + Math.floor(second / 60) }, { minute: MINUTE, tenant: 'b' });
  }
  expect(new Set(announced)).toEqual(new Set(['b 0', 'b 1', 'main 0', 'main 1']));
  expect(announced).toHaveLength(4);
});

test('a row that was not written is told, is not tried again, and holds up nobody', async () => {
  let ends: readonly ('lost' | Error)[] = [new Error('throttled'), 'lost'];
  const rows = new MemoryTallyStore();
  const { world, ask, counts, faults, writes } = watched(
    {
      add: async () => {
        const [end, ...rest] = ends;
        ends = rest;
        if (end instanceof Error) throw end;
        return end ?? 'added';
      },
    },
    rows,
  );
  for (let call = 0; call < 3; call += 1) {
    world.nowMs = START + call * DEMAND_EVERY_MS;
    const answer = await ask({ minute: MINUTE });
    expect(answer).toEqual({ state: {}, batchItemFailures: [] });
  }
  expect(counts).toEqual([
    { written: 0, lost: 1 },
    { written: 0, lost: 1 },
    { written: 1, lost: 0 },
  ]);
  expect(faults).toHaveLength(1);
  expect(writes).toEqual([]);
  expect([...rows.rows.keys()].some((key) => key.startsWith(minutePk('main', MINUTE)))).toBe(true);
});

test('what was delivered again, or is unfinished and will be, is not asked for again', async () => {
  const rows = new MemoryTallyStore();
  let isAway = true;
  const { world, handle, weightAt } = watched(
    {},
    {
      load: rows.load,
      loadFeed: rows.loadFeed,
      saveFeed: rows.saveFeed,
      save: async (...row) => {
        if (isAway) throw new Error('throttled');
        return rows.save(...row);
      },
    },
  );
  const event = { Records: [recordOf(0, { minute: MINUTE })], shardId: SHARD };
  for (let call = 0; call < 4; call += 1) {
    world.nowMs = START + call * DEMAND_EVERY_MS;
    await handle(event, CONTEXT);
    isAway = call < 1;
  }
  expect(await weightAt(MINUTE)).toBe(1);
});

test('near the end of a call nothing is written, and the next one does', async () => {
  const rows = new MemoryTallyStore();
  const slow = watched(
    {},
    {
      load: rows.load,
      save: rows.save,
      loadFeed: rows.loadFeed,
      saveFeed: async (row) => {
        slow.world.nowMs += 43_000;
        await rows.saveFeed(row);
      },
    },
  );
  await slow.ask({ minute: MINUTE });
  expect(slow.writes).toHaveLength(0);
  slow.world.nowMs = START + 59_000;
  await slow.handle({ Records: [], shardId: SHARD, isFinalInvokeForWindow: true }, CONTEXT);
  expect(await slow.weightAt(MINUTE)).toBe(1);
});

test('a process holds a bounded number of rows: the one above it is written with all others', async () => {
  const { demand, writes, world } = watched();
  const noting: ItemDemand = {
    announce: demand.announce,
    add: async (row) => {
      writes.push({ atMs: world.nowMs, row });
      return 'added';
    },
  };
  const report = { demand: () => undefined, fault: () => undefined };
  const { gather } = demandGatherer({ demand: noting, now: () => START, report });
  const changeOf = (n: number) => ({
    ...{ tenant: `t-${n}`, user: 'ann', sequence: '1', at: epochMs(START) },
    effects: {
      ...{ sessions: [], lateForSessions: 0 },
      minutes: [
        {
          ...{ minute: MINUTE, applied: 1, duplicate: 0, parked: 0 },
          events: [
            {
              ...{ at: epochMs(START), name: 'Product Viewed', category: undefined },
              ...{ region: undefined, page: undefined, campaign: undefined, valueMicros: 0 },
              lines: [{ item: 'lamp', priceMicros: 0 }],
            },
          ],
        },
      ],
    },
  });
  const changes = Array.from({ length: DEMAND_ROWS_HELD_MAX }, (_, n) => changeOf(n));
  await gather(changes.slice(1), SHARD);
  expect(writes).toHaveLength(0);
  await gather(changes.slice(0, 1), SHARD);
  expect(writes).toHaveLength(DEMAND_ROWS_HELD_MAX);
});
