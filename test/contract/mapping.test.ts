/**
 * The mapping's shell with a stream that is written through the AWS SDK: one test per item of the
 * list in `localstack/engines/event-source-mapping`; the fine print of each is tested on the engine.
 */
import { expect, test } from 'vitest';
import {
  ARN,
  type Called,
  mappingResource,
  split,
  startMapping,
  throwing,
} from './mapping-world.ts';

const numbers = (count: number, key = 'k'): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${key}:${index}`);

const soon = { timeout: 10_000, interval: 5 };

const dataOf = (calls: readonly Called[]): readonly string[] => calls.flatMap(({ data }) => data);

// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
test('an event has the documented shape and comes within a tenth of a second', async () => {
  const world = await startMapping(() => null);
  const uuid = await world.map({
    FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:reader',
  });
  expect(uuid).toMatch(/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  await expect.poll(() => world.mappings.drained(), soon).toBe(true);
  await world.put('k:hello');
  // The put's own answer is later than the call: the source told of its change.
  expect(world.calls).toHaveLength(1);
  expect(world.calls[0]?.functionName).toBe('reader');
  expect(world.calls[0]?.event).toEqual({
    Records: [
      {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey: 'k',
          sequenceNumber: expect.stringMatching(/^\d{56}$/),
          data: Buffer.from('k:hello').toString('base64'),
          approximateArrivalTimestamp: expect.any(Number),
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: expect.stringMatching(/^shardId-000000000000:\d{56}$/),
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: expect.stringContaining('arn:aws:iam::'),
        awsRegion: 'us-east-1',
        eventSourceARN: ARN,
      },
    ],
  });
});

test('1: BatchSize and MaximumBatchingWindowInSeconds close a batch', async () => {
  const world = await startMapping(() => null);
  await world.put(...numbers(7));
  await world.map({ BatchSize: 3, MaximumBatchingWindowInSeconds: 1 });
  expect(world.calls.map(({ data }) => data.length)).toEqual([3]);
  await expect.poll(() => world.calls.length, soon).toBe(2);
  expect(world.mappings.drained()).toBe(false);
  await expect.poll(() => world.calls.map(({ data }) => data.length), soon).toEqual([3, 3, 1]);
});

test('2: with a ParallelizationFactor calls overlap, and the calls of one key do not', async () => {
  const busy = new Set<string>();
  let overlap = 0;
  let broken = 0;
  const world = await startMapping(async ({ data }) => {
    const keys = new Set(data.map((text) => text.split(':')[0] ?? ''));
    for (const key of keys) broken += busy.has(key) ? 1 : 0;
    for (const key of keys) busy.add(key);
    overlap = Math.max(overlap, world.mappings.inFlight());
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (const key of keys) busy.delete(key);
    return null;
  });
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  await world.put(...numbers(20, 'x').flatMap((_, index) => keys.map((key) => `${key}:${index}`)));
  await world.map({ BatchSize: 5, ParallelizationFactor: 4 });
  await expect.poll(() => world.mappings.drained(), soon).toBe(true);
  expect(broken).toBe(0);
  expect(overlap).toBeGreaterThan(1);
  for (const key of keys)
    expect(dataOf(world.calls).filter((text) => text.startsWith(`${key}:`))).toEqual(
      Array.from({ length: 20 }, (_, index) => `${key}:${index}`),
    );
});

test('3: retries, bisect and the on-failure object leave the poison alone', async () => {
  const world = await startMapping(({ data }) => (data.includes('k:5') ? throwing() : null));
  await world.put(...numbers(16));
  const uuid = await world.map({
    BatchSize: 16,
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failed' } },
  });
  await expect.poll(() => world.mappings.drained(), soon).toBe(true);
  const [[key = '', body = '{}'] = []] = world.objects;
  expect(world.objects.size).toBe(1);
  expect(key).toMatch(
    new RegExp(`^failed/aws/lambda/${uuid}/shardId-000000000000/\\d{4}/\\d\\d/\\d\\d/\\d{4}-`),
  );
  const record = JSON.parse(body) as { payload: string; requestContext: object };
  const { Records } = JSON.parse(record.payload) as Called['event'];
  expect(Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString())).toEqual([
    'k:5',
  ]);
  expect(record.requestContext).toMatchObject({ condition: 'RetryAttemptsExhausted' });
  expect(new Set(dataOf(world.calls)).size).toBe(16);
});

test('3: a throttle costs no attempt', async () => {
  let throttles = 3;
  const world = await startMapping(() => {
    throttles -= 1;
    return throttles >= 0 ? { payload: '', error: 'throttled' } : null;
  });
  await world.put('k:0');
  await world.map({
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failed' } },
  });
  await expect.poll(() => world.calls.length, soon).toBe(4);
  expect(world.objects.size).toBe(0);
});

test('4: ReportBatchItemFailures goes on at the lowest failed number', async () => {
  let first = true;
  const world = await startMapping(({ event }) => {
    if (!first) return null;
    first = false;
    return {
      batchItemFailures: [4, 2].map((index) => ({
        itemIdentifier: event.Records[index]?.kinesis.sequenceNumber,
      })),
    };
  });
  await world.put(...numbers(5));
  await world.map({ FunctionResponseTypes: ['ReportBatchItemFailures'] });
  await expect.poll(() => world.calls.length, soon).toBe(2);
  expect(world.calls[1]?.data).toEqual(['k:2', 'k:3', 'k:4']);
});

test('6: a split is read parent first, in order of each key, over a restart too', async () => {
  const world = await startMapping(() => null);
  await world.put(...numbers(5, 'a'), ...numbers(5, 'b'));
  await split(world, 'shardId-000000000000');
  await world.put(...numbers(3, 'a'), ...numbers(3, 'b'));
  await world.map({ BatchSize: 2 });
  await expect.poll(() => world.mappings.drained(), soon).toBe(true);
  const shards = world.calls.flatMap(({ shardIds }) => shardIds);
  expect(shards.lastIndexOf('shardId-000000000000')).toBe(9);
  expect(shards).toHaveLength(16);
  await world.mappings.close();
  await world.close();
  const next = await startMapping(() => null, { shards: 2, dataDir: world.dataDir });
  await next.map({ BatchSize: 2 });
  await next.put('a:9');
  await expect.poll(() => next.calls.length, soon).toBe(1);
  expect(next.mappings.drained()).toBe(true);
  expect(dataOf(next.calls)).toEqual(['a:9']);
});

test('7: what was out when the process ended comes again, and is counted', async () => {
  let release: (answer: null) => void = () => undefined;
  const world = await startMapping(
    () =>
      new Promise<null>((resolve) => {
        release = resolve;
      }),
  );
  await world.put(...numbers(4));
  await world.map({ BatchSize: 2 });
  expect(world.calls).toHaveLength(1);
  release(null);
  await expect.poll(() => world.calls.length, soon).toBe(2);
  // The second call is out and never answered: its process is gone, as far as its files know.
  await world.mappings.close();
  await world.close();
  const next = await startMapping(() => null, { dataDir: world.dataDir });
  await next.map({ BatchSize: 2 });
  await expect.poll(() => next.mappings.drained(), soon).toBe(true);
  expect(next.calls.map(({ data }) => data)).toEqual([['k:2', 'k:3']]);
  expect(next.mappings.redelivered()).toBe(1);
});

test('9: IteratorAge is emitted per function and per mapping', async () => {
  const world = await startMapping(() => null);
  await world.put('k:0');
  const EventSourceMappingUUID = await world.map({});
  const ages = world.metrics.filter(({ name }) => name === 'IteratorAge');
  expect(ages.map(({ dimensions }) => dimensions)).toEqual([
    { FunctionName: 'reader' },
    { FunctionName: 'reader', EventSourceMappingUUID },
  ]);
  expect(ages[0]?.value).toBeGreaterThanOrEqual(0);
  expect(ages[0]?.value).toBeLessThan(10_000);
});

test('LATEST begins where the mapping was first made, also after a restart', async () => {
  const world = await startMapping(() => null);
  await world.put('k:before');
  await new Promise((resolve) => setTimeout(resolve, 5));
  await world.map({ StartingPosition: 'LATEST' });
  await expect.poll(() => world.mappings.drained(), soon).toBe(true);
  await world.mappings.close();
  await world.put('k:after');
  await world.close();
  const next = await startMapping(() => null, { dataDir: world.dataDir });
  await next.map({ StartingPosition: 'LATEST' });
  await expect.poll(() => next.calls.length, soon).toBe(1);
  expect(dataOf(next.calls)).toEqual(['k:after']);
});

test('FilterCriteria leave records out, TumblingWindowInSeconds hands a state on', async () => {
  const world = await startMapping(({ data }) => ({ state: { n: data.length } }));
  await world.put('k:{', 'wanted:1', 'wanted:2');
  await world.map({
    FilterCriteria: { Filters: [{ Pattern: '{"partitionKey":["wanted"]}' }] },
    TumblingWindowInSeconds: 1,
  });
  await expect.poll(() => world.calls.length, soon).toBe(2);
  expect(dataOf(world.calls)).toEqual(['wanted:1', 'wanted:2']);
  expect(world.calls[1]?.event).toMatchObject({
    Records: [],
    state: { n: 2 },
    shardId: 'shardId-000000000000',
    isFinalInvokeForWindow: true,
  });
});

test('a disabled mapping calls nothing', async () => {
  const world = await startMapping(() => null);
  await world.put('k:0');
  await world.map({ Enabled: false });
  expect(world.calls).toHaveLength(0);
});

test.each([
  [{ BatchSize: 20_000 }, 'BatchSize'],
  [{ ParallelizationFactor: 11 }, 'ParallelizationFactor'],
  [{ StartingPosition: 'SOMEWHERE' }, 'StartingPosition'],
  [{ MaximumRecordAgeInSeconds: 30 }, 'MaximumRecordAgeInSeconds'],
  [{ FunctionResponseTypes: ['Other'] }, 'ReportBatchItemFailures'],
  [{ DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:x:y:z' } } }, 'bucket'],
  [{ FilterCriteria: { Filters: [{ Pattern: '{"a":[{"wildcard":"*"}]}' }] } }, 'filter rule'],
  [{ TumblingWindowInSeconds: 60, ParallelizationFactor: 2 }, 'tumbling'],
  [{ EventSourceArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/none' }, 'no stream'],
])('%j is refused with a sentence', async (properties, sentence) => {
  const world = await startMapping(() => null);
  const [type] = world.mappings.resourceTypes;
  await expect(type?.create(mappingResource(properties))).rejects.toThrow(sentence);
});

test.each(['thrown', 'rejected'])(
  'a read that fails (%s) loses nothing of a closed shard',
  async (how) => {
    let failures = 3;
    const world = await startMapping(() => null, {
      wrap: (source) => ({
        ...source,
        read: (...asked) => {
          if (how === 'thrown' && failures > 0) {
            failures -= 1;
            throw new Error('no read');
          }
          return Promise.resolve(source.read(...asked)).then((records) => {
            failures -= 1;
            if (failures >= 0) throw new Error('no read');
            return records;
          });
        },
      }),
    });
    await world.put(...numbers(3));
    await split(world, 'shardId-000000000000');
    await world.put('k:after');
    await world.map({ BatchSize: 2 });
    await expect.poll(() => dataOf(world.calls), soon).toEqual([...numbers(3), 'k:after']);
  },
);
