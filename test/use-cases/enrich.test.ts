import type { KinesisStreamEvent } from 'aws-lambda';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import { memoryFailedStore } from '../../functions/adapters/memory-failed-store.ts';
import { type LookupTables, lookupTables } from '../../functions/core/enrichment/lookup-tables.ts';
import type {
  CanonicalEvent,
  EnrichedLine,
  RawPosition,
} from '../../functions/core/event/event.ts';
import { hash32Hex } from '../../functions/core/hash.ts';
import { type EpochMs, epochMs } from '../../functions/core/time.ts';
import { DeployIsBroken, type EnrichCounts, enrich } from '../../functions/enrich/enrich.ts';
import { JOINED_BYTES_MAX } from '../../functions/enrich/joined-records.ts';
import type { EventStream, StreamRecord } from '../../functions/ports/event-stream.ts';
import type { FailedStore } from '../../functions/ports/failed-store.ts';

const ARN = 'arn:aws:kinesis:eu-west-1:000000000000:stream/raw-user-events';
const SHARD = 'shardId-000000000001';
const ARRIVED_SECONDS = 1_795_513_200.123;
const ARRIVED = '2026-11-24T09:40:00.123Z';
const MINUTE = { getRemainingTimeInMillis: () => 60_000 };

interface Raw {
  readonly user: string;
  readonly text: string;
}

/** Lambda's event of records at the positions 100, 101, …, `from` on. */
const batchOf = (raws: readonly Raw[], from = 0): KinesisStreamEvent => ({
  Records: raws.slice(from).map(({ user, text }, index) => ({
    eventID: `${SHARD}:${100 + from + index}`,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    eventSourceARN: ARN,
    eventVersion: '1.0',
    awsRegion: 'eu-west-1',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/enrich',
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: user,
      sequenceNumber: String(100 + from + index),
      data: Buffer.from(text).toString('base64'),
      approximateArrivalTimestamp: ARRIVED_SECONDS,
    },
  })),
});

const lineOf = (user: string, eventId: string, more: Partial<CanonicalEvent> = {}): string => {
  const event: CanonicalEvent = {
    schemaVersion: '1',
    tenant: 'main',
    eventId,
    kind: 'track',
    name: 'Product Viewed',
    rawName: 'VIEW',
    userId: user,
    timestamp: '2026-11-24T09:39:59.000Z',
    receivedAt: '2026-11-24T09:40:00.000Z',
    properties: { product_id: 'item-1', category: 'tech' },
    traits: {},
    context: { device: { type: 'mobile' }, location: { country: 'USA' } },
    extras: {},
    ingest: {
      protocol: 'native',
      path: '/v1/events',
      requestId: `req-${eventId}`,
      batchId: '0123456789abcdef',
      part: 0,
      parts: 1,
      envelopes: 1,
      keyId: 'k1',
    },
    ...more,
  };
  return `${JSON.stringify(event)}\n`;
};
const envelope = (user: string, ...eventIds: readonly string[]): Raw => ({
  user: `main#${user}`,
  text: eventIds.map((eventId) => lineOf(user, eventId)).join(''),
});

interface Options {
  readonly stream?: EventStream;
  readonly failed?: FailedStore;
  readonly tables?: LookupTables;
  readonly deployedAt?: EpochMs;
  readonly clock?: { ms: number };
}

const NOW = 1_795_513_201_000;
const start = ({ stream, failed, tables, deployedAt, clock = { ms: NOW } }: Options = {}) => {
  const memory = memoryEventStream();
  const store = memoryFailedStore();
  const counts: EnrichCounts[] = [];
  const faults: unknown[] = [];
  const verdicts: string[] = [];
  const run = enrich({
    enriched: stream ?? memory,
    failed: failed ?? store,
    tables: tables ?? lookupTables,
    deployedAt,
    now: () => clock.ms,
    sleep: (ms) => {
      clock.ms += ms;
      return Promise.resolve();
    },
    report: {
      counted: (each) => counts.push(each),
      fault: (fault) => faults.push(fault),
      bugs: (verdict) => verdicts.push(verdict),
    },
  });
  return { run, records: memory.records, objects: store.objects, counts, faults, verdicts };
};

const linesIn = (records: readonly StreamRecord[]): readonly EnrichedLine[] =>
  records.flatMap(({ data }) => {
    expect(data.endsWith('\n')).toBe(true);
    return data
      .slice(0, -1)
      .split('\n')
      .map((line) => JSON.parse(line) as EnrichedLine);
  });
const keyOf = ({ stream, shard, sequence, index }: RawPosition): string =>
  [stream, shard, sequence, index].join('/');

test('an event leaves with its enrichment, its raw position, its arrival and all that it had', async () => {
  const { run, records } = start();
  expect(await run(batchOf([envelope('ann', 'e1', 'e2')]), MINUTE)).toEqual({
    batchItemFailures: [],
  });

  const [record] = records();
  expect(record?.partitionKey).toBe('main#ann');
  const [first, second] = linesIn(records());
  expect(first).toEqual({
    ...(JSON.parse(lineOf('ann', 'e1')) as object),
    enrichment: { categoryVector: ['TECH'], deviceType: 'MOBILE', geoRegion: 'AMER' },
    at: { stream: hash32Hex(ARN), shard: SHARD, sequence: '100', index: 0 },
    arrivedAt: ARRIVED,
    lookups: lookupTables.version,
  });
  expect(second?.at.index).toBe(1);
});

test('a number keeps every digit that the client wrote', async () => {
  const text = lineOf('ann', 'e1').replace('"item-1"', '12345678901234567890.10');
  const { run, records } = start();
  await run(batchOf([{ user: 'main#ann', text }]), MINUTE);
  expect(records()[0]?.data).toContain('"product_id":12345678901234567890.10,');
});

test('consecutive envelopes of one user share a record of at most one payload unit', async () => {
  const raws = Array.from({ length: 80 }, (_, n) => envelope(n % 2 === 0 ? 'ann' : 'bob', `e${n}`));
  const { run, records } = start();
  await run(batchOf(raws), MINUTE);
  const sizes = records().map(({ data }) => Buffer.byteLength(data));
  expect(Math.max(...sizes)).toBeLessThanOrEqual(JOINED_BYTES_MAX);
  expect(records().length).toBeLessThan(10);
  expect(linesIn(records())).toHaveLength(80);
});

test('a line that cannot be read is parked with its bytes, and a stub takes its position', async () => {
  const broken = '{"eventId": "e2", "ingest":{"requestId":"req-2","part":3}, oops';
  const text = `${lineOf('ann', 'e1')}${broken}\n${lineOf('ann', 'e3')}`;
  const { run, records, objects, counts } = start();
  await run(batchOf([{ user: 'main#ann', text }]), MINUTE);

  const at = { stream: hash32Hex(ARN), shard: SHARD, sequence: '100', index: 1 };
  const lines = linesIn(records());
  expect(lines.map((line) => line.at.index)).toEqual([0, 1, 2]);
  expect(lines[1]).toEqual({
    stub: 1,
    partitionKey: 'main#ann',
    at,
    arrivedAt: ARRIVED,
    requestId: 'req-2',
    part: 3,
    reason: 'not_json',
  });
  const kept = JSON.parse(objects.get(`failed/enrich/${keyOf(at)}`) ?? '{}') as { bytes: string };
  expect(Buffer.from(kept.bytes, 'base64').toString()).toBe(broken);
  expect(counts).toEqual([{ records: 1, lines: 3, parked: 1, foreign: 0, unfinished: 0 }]);
});

test.each([
  ['is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d, 0x0a]), 'not_utf8'],
  ['is empty', Buffer.from(''), 'empty'],
  ['holds more lines than an envelope', Buffer.from('\n'.repeat(65)), 'too_many_lines'],
  ['is larger than collect makes any', Buffer.alloc(512 * 1_024 + 1, 0x20), 'too_large'],
])('a record that %s counts as one event', async (_, bytes, reason) => {
  const { run, records, objects } = start();
  const batch = batchOf([{ user: 'main#ann', text: '' }, envelope('ann', 'e2')]);
  const first = batch.Records[0];
  if (first !== undefined) first.kinesis.data = bytes.toString('base64');
  await run(batch, MINUTE);

  const [stub, good] = linesIn(records());
  expect(stub).toMatchObject({ stub: 1, reason, at: { sequence: '100', index: 0 } });
  expect(good).toMatchObject({ eventId: 'e2' });
  const [object] = objects.values();
  expect((JSON.parse(object ?? '{}') as { bytes: string }).bytes).toBe(bytes.toString('base64'));
});

test('a record of a foreign partition key is parked without a stub', async () => {
  const { run, records, objects, counts } = start();
  const answer = await run(batchOf([{ user: 'somebody else', text: '{}\n' }]), MINUTE);
  expect(answer).toEqual({ batchItemFailures: [] });
  expect(records()).toEqual([]);
  expect(objects.size).toBe(1);
  expect(counts).toEqual([{ records: 1, lines: 0, parked: 0, foreign: 1, unfinished: 0 }]);
});

test.each([
  ['belongs to another user', lineOf('bob', 'e1'), 'foreign_line'],
  ['brings a position of its own', lineOf('ann', 'e1').replace('{', '{"at":{},'), 'not_canonical'],
  [
    'is dated on no day',
    lineOf('ann', 'e1', { timestamp: '2026-02-30T00:00:00.000Z' }),
    'not_canonical',
  ],
  ['lacks its kind', lineOf('ann', 'e1').replace('"kind"', '"kin"'), 'not_canonical'],
  ['is blank', '\n', 'not_json'],
])('a line that %s is parked', async (_, text, reason) => {
  const { run, records, objects } = start();
  await run(batchOf([{ user: 'main#ann', text }]), MINUTE);
  expect(linesIn(records())).toMatchObject([{ stub: 1, reason }]);
  expect(objects.size).toBe(1);
});

/** Tables that throw for one country: a bug in our own code, as no input check would find it. */
const broken: LookupTables = {
  ...lookupTables,
  regions: {
    get: (country: string) => {
      if (country === 'usa') throw new TypeError('the table is broken');
      return lookupTables.regions.get(country);
    },
  } as LookupTables['regions'],
};

test('a bug parks the line that met it with its stack, and the batch goes on', async () => {
  const german = lineOf('ann', 'e2', { context: { location: { country: 'de' } } });
  const { run, records, objects, verdicts } = start({ tables: broken });
  await run(batchOf([envelope('ann', 'e1'), { user: 'main#ann', text: german }]), MINUTE);
  expect(linesIn(records())).toMatchObject([
    { stub: 1, reason: 'bug', requestId: 'req-e1', part: 0 },
    { eventId: 'e2', enrichment: { geoRegion: 'EMEA' } },
  ]);
  expect([...objects.values()][0]).toContain('TypeError: the table is broken');
  expect(verdicts).toEqual(['none']);
});

test('a wave of bugs right after a deploy parks nothing and throws', async () => {
  const raws = Array.from({ length: 6 }, (_, n) => envelope(`user-${n}`, `e${n}`));
  const young = start({ tables: broken, deployedAt: epochMs(NOW - 60_000) });
  await expect(young.run(batchOf(raws), MINUTE)).rejects.toThrow(DeployIsBroken);
  expect(young.objects.size).toBe(0);
  expect(young.records()).toEqual([]);

  const old = start({ tables: broken });
  await old.run(batchOf(raws), MINUTE);
  expect(old.objects.size).toBe(6);
  expect(old.verdicts).toEqual(['alarm']);
});

test('where parking fails, its record and all behind it are left, and what is before it is put', async () => {
  const failed: FailedStore = { park: () => Promise.reject(new Error('S3 is away')) };
  const stream = memoryEventStream();
  const { run, faults } = start({ stream, failed });
  const raws = [envelope('ann', 'e1'), { user: 'main#bob', text: 'x\n' }, envelope('cid', 'e3')];
  expect(await run(batchOf(raws), MINUTE)).toEqual({
    batchItemFailures: [{ itemIdentifier: '101' }],
  });
  expect(linesIn(stream.records())).toMatchObject([{ eventId: 'e1' }]);
  expect(faults).toHaveLength(1);
});

test('a stream that is away leaves the whole batch, by its lowest sequence', async () => {
  const stream: EventStream = { put: () => Promise.reject(new Error('Kinesis is away')) };
  const { run, faults } = start({ stream });
  expect(await run(batchOf([envelope('ann', 'e1'), envelope('bob', 'e2')]), MINUTE)).toEqual({
    batchItemFailures: [{ itemIdentifier: '100' }],
  });
  expect(faults).toHaveLength(1);
});

test('no put starts in the last 30 % of the call', async () => {
  const clock = { ms: NOW };
  let puts = 0;
  const stream: EventStream = {
    put: (records) => {
      puts += 1;
      clock.ms += 40_000;
      return Promise.resolve(records.map(() => 'stored' as const));
    },
  };
  const { run } = start({ stream, clock });
  const large = (id: string): Raw => ({
    user: 'main#ann',
    text: lineOf('ann', id, { properties: { note: 'x'.repeat(20_000) } }),
  });
  const answer = await run(batchOf(['e1', 'e2', 'e3'].map(large)), MINUTE);
  expect(puts).toBe(2);
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: '102' }] });
});

const USERS = ['ann', 'bob', 'cid'] as const;
const raws = fc.array(
  fc.record({
    user: fc.constantFrom(...USERS),
    lines: fc.array(fc.constantFrom('good', 'large', 'broken'), { minLength: 1, maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 12 },
);
type Sent = typeof raws extends fc.Arbitrary<infer T> ? T : never;

const textOf = (user: string, kind: string, id: string): string => {
  if (kind === 'broken') return `broken ${id}\n`;
  return lineOf(user, id, kind === 'large' ? { properties: { note: 'x'.repeat(9_000) } } : {});
};
const rawsOf = (sent: Sent): readonly Raw[] =>
  sent.map(({ user, lines }, record) => ({
    user: `main#${user}`,
    text: lines.map((kind, line) => textOf(user, kind, `${record}.${line}`)).join(''),
  }));

/** Lambda's own behaviour: the batch comes again from the number named, until nothing is. */
const deliver = async (
  given: readonly Raw[],
  run: ReturnType<typeof enrich>,
  from = 0,
  attempts = 0,
): Promise<void> => {
  if (attempts > 200) throw new Error('never finishes');
  const { batchItemFailures } = await run(batchOf(given, from), MINUTE);
  const [lowest] = batchItemFailures;
  if (lowest === undefined) return;
  await deliver(given, run, Number(lowest.itemIdentifier) - 100, attempts + 1);
};

test('whatever fails, first copies of a user reach the stream in raw order, and all do', async () => {
  await fc.assert(
    fc.asyncProperty(
      raws,
      fc.infiniteStream(fc.constantFrom('stored', 'failed', 'lost answer', 'call fails')),
      fc.infiniteStream(fc.constantFrom(true, true, false)),
      async (sent, fates, parkings) => {
        const given = rawsOf(sent);
        const landed: StreamRecord[] = [];
        const parked = new Set<string>();
        let calls = 0;
        const stream: EventStream = {
          put: (records) => {
            calls += 1;
            const outcomes = records.map((record) => {
              // Bad luck ends, or nothing could ever finish.
              const fate = calls > 60 ? 'stored' : (fates.next().value as string);
              if (fate === 'call fails') throw new Error('away');
              if (fate !== 'failed') landed.push(record);
              return fate === 'stored' ? ('stored' as const) : ('failed' as const);
            });
            return Promise.resolve(outcomes);
          },
        };
        const failed: FailedStore = {
          park: (events) => {
            for (const { at } of events) {
              if (at !== undefined) parked.add(keyOf(at));
              calls += 1;
              if (!parkings.next().value && calls <= 60) throw new Error('away');
            }
            return Promise.resolve();
          },
        };
        const guarded: EventStream = {
          put: async (records) => {
            for (const line of linesIn(records)) {
              if ('stub' in line) expect(parked).toContain(keyOf(line.at));
            }
            return stream.put(records);
          },
        };
        await deliver(given, start({ stream: guarded, failed }).run);

        const bytesOf = new Map<string, string>();
        const orderOf = new Map<string, string[]>();
        for (const { partitionKey, data } of landed) {
          for (const text of data.slice(0, -1).split('\n')) {
            const key = keyOf((JSON.parse(text) as EnrichedLine).at);
            const known = bytesOf.get(key);
            if (known !== undefined) expect(text).toBe(known);
            else orderOf.set(partitionKey, [...(orderOf.get(partitionKey) ?? []), key]);
            bytesOf.set(key, text);
          }
        }
        for (const user of USERS) {
          const expected = sent.flatMap(({ user: owner, lines }, record) =>
            owner === user
              ? lines.map((_, index) =>
                  keyOf({
                    stream: hash32Hex(ARN),
                    shard: SHARD,
                    sequence: `${100 + record}`,
                    index,
                  }),
                )
              : [],
          );
          expect(orderOf.get(`main#${user}`) ?? []).toEqual(expected);
        }
      },
    ),
    { numRuns: 300 },
  );
});
