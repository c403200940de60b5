/** From applied changes to served lists: what was asked for is in them, once, by the stated time. */
import type { DynamoDBRecord } from 'aws-lambda';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryItemDemand } from '../../functions/adapters/memory-item-demand.ts';
import { MemoryTallyStore } from '../../functions/adapters/memory-tally-store.ts';
import { memoryTrends } from '../../functions/adapters/memory-trends.ts';
import { POSITIVE_WEIGHTS } from '../../functions/core/recommend/learning.ts';
import { HOT_HALF_LIFE } from '../../functions/core/recommend/trend-state.ts';
import { mergeAllTrends } from '../../functions/minute/merge-all-trends.ts';
import { heldTrends } from '../../functions/runtime/held-trends.ts';
import { tally } from '../../functions/tally/tally.ts';

const MINUTE = 29_900_000;
const START = MINUTE * 60_000;
const SECONDS = 300;
/** With the ten seconds for which `tally` may hold it, it is still written in the minute after its own. */
const LAG_SECONDS = 49;
/** The rest of its minute, the wait until it is closed, the next run, and what a server holds. */
const DELAY_SECONDS = 60 + 90 + 60 + 10;
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };
const NAMES = [...Object.keys(POSITIVE_WEIGHTS), 'Products Searched'];
const REGIONS = ['EMEA', 'APAC', 'UNKNOWN'];

interface Sent {
  /** Of arrival, after the start. */
  readonly second: number;
  readonly lagSeconds: number;
  readonly name: string;
  readonly region: string;
  readonly items: readonly string[];
  readonly shard: number;
}

const sent: fc.Arbitrary<Sent> = fc.record({
  second: fc.nat(SECONDS - 1),
  lagSeconds: fc.nat(LAG_SECONDS),
  name: fc.constantFrom(...NAMES),
  region: fc.constantFrom(...REGIONS),
  items: fc.uniqueArray(fc.constantFrom('lamp', 'shade', 'phone', 'ü'), { maxLength: 3 }),
  shard: fc.nat(1),
});

const recordOf = ({ second, name, region, items }: Sent, place: number): DynamoDBRecord => ({
  eventName: 'MODIFY',
  dynamodb: {
    Keys: { pk: { S: `u#main#user-${place}` }, sk: { S: 'rt' } },
    NewImage: {
      fx: {
        S: JSON.stringify({
          minutes: [
            ...[{ minute: MINUTE + Math.floor(second / 60), applied: 1, duplicate: 0, parked: 0 }],
          ],
          strings: [name, region, ...items],
          events: [[0, 0, -1, 1, -1, -1, 0, items.map((_, n) => [n + 2, 1, 0])]],
          ...{ before: [], sessions: [], lateForSessions: 0, cut: 0 },
        }),
      },
    },
    SequenceNumber: String(10n ** 22n + BigInt(place)),
    ApproximateCreationDateTime: 1_740_000_000,
  },
});

/** Runs `tally` every second that has changes, `minute` once a minute, and asks at the end. */
const served = async (all: readonly Sent[]) => {
  let nowMs = START;
  const now = (): number => nowMs;
  const demand = memoryItemDemand(now);
  const trends = memoryTrends(now);
  const store = new MemoryTallyStore(now);
  const fault = (...told: readonly unknown[]): void => {
    throw new Error('nothing fails here', { cause: told.at(-1) });
  };
  const report = { counted: () => undefined, demand: () => undefined, fault };
  const sleep = async () => undefined;
  const shards = [0, 1].map(() => tally({ store, demand, now, sleep, report }));
  const merge = mergeAllTrends({ demand, trends, now, fault });
  const server = heldTrends({ trends, now, fault });
  let place = 0;
  for (let second = 0; second < SECONDS + LAG_SECONDS + 10 + DELAY_SECONDS; second += 1) {
    nowMs = START + second * 1_000;
    for (const [shard, handle] of shards.entries()) {
      const mine = all.filter(
        (one) => one.shard === shard && one.second + one.lagSeconds === second,
      );
      const Records = mine.map((one) => recordOf(one, place++));
      const isEnd = second === SECONDS + LAG_SECONDS;
      if (Records.length > 0 || isEnd) await handle({ Records, shardId: `s-${shard}` }, CONTEXT);
    }
    if (second % 60 === 30) await merge(async () => () => 'TECH', nowMs + 1);
    if (second % 7 === 0) await server.of('main', ['all']);
  }
  return server.of('main', ['all', 'region:EMEA', 'category:TECH']);
};

/** The definition. */
const slowly = (all: readonly Sent[], at: number): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>();
  for (const { second, name, items } of all) {
    const weight = POSITIVE_WEIGHTS[name] ?? 0;
    const end = START + (Math.floor(second / 60) + 1) * 60_000;
    const part = weight * 2 ** (-(at - end) / HOT_HALF_LIFE);
    if (weight > 0) for (const item of items) sums.set(item, (sums.get(item) ?? 0) + part);
  }
  return sums;
};

test('served lists are a slow count of all that was asked for, no later than is stated', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(sent, { maxLength: 60 }), async (all) => {
      const found = await served(all);
      for (const [scope, mine] of [
        ['all', all],
        ['category:TECH', all],
        ['region:EMEA', all.filter(({ region }) => region === 'EMEA')],
      ] as const) {
        const { at = START, hot = [] } = found.get(scope) ?? {};
        const truth = slowly(mine, at);
        expect(new Set(hot.map(([item]) => item))).toEqual(new Set(truth.keys()));
        for (const [item, weight] of hot)
          expect(Math.abs(weight / (truth.get(item) ?? 0) - 1)).toBeLessThan(1e-5);
      }
    }),
    { numRuns: 60 },
  );
});
