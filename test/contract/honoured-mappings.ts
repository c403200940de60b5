/** Mappings: what a function is called with when the template changes. */
import { all, type HonouredRow, objectsIn, type Row, set } from './honoured-rows.ts';
import type { SmallWorld } from './small-world.ts';

const MAPPING = 'AWS::Lambda::EventSourceMapping';
const LOOK_EVERY_MS = 25;
/** Long enough for two retries; a world in which nothing happens takes all of it. */
const PATIENCE_MS = 2_500;

const pause = (forMs: number): Promise<void> => new Promise((done) => setTimeout(done, forMs));

const putAll = (world: SmallWorld, texts: readonly string[], keys = 1): Promise<unknown> =>
  world.call('Kinesis_20131202.PutRecords', {
    StreamName: world.ref('Stream'),
    Records: texts.map((text, at) => ({
      PartitionKey: `key-${at % keys}`,
      Data: Buffer.from(text).toString('base64'),
    })),
  });

/** Until something holds, or patience ends. */
const until = async (holds: () => boolean): Promise<boolean> => {
  const end = performance.now() + PATIENCE_MS;
  while (!holds() && performance.now() < end) await pause(LOOK_EVERY_MS);
  return holds();
};

const drain = (world: SmallWorld): Promise<boolean> =>
  until(() => world.cloud.mapping.drained() && world.cloud.mapping.inFlight() === 0);

const batches = (world: SmallWorld): readonly (readonly string[])[] =>
  world.seen().flatMap(({ data }) => (data === undefined ? [] : [data]));

const sizes = (world: SmallWorld): readonly number[] => batches(world).map(({ length }) => length);

const seenAfter =
  (texts: readonly string[], read: (world: SmallWorld) => unknown, keys = 1) =>
  async (world: SmallWorld): Promise<unknown> => {
    await putAll(world, texts, keys);
    await drain(world);
    return read(world);
  };

const whoSaw = (world: SmallWorld): readonly (string | undefined)[] =>
  world.seen().flatMap(({ who, data }) => (data === undefined ? [] : [who]));

const parkedIn =
  (bucket: string, offsetMs = 0): HonouredRow['observe'] =>
  async (world) => {
    await putAll(world, ['poison']);
    await until(() => batches(world).length > 0);
    world.shiftTo(offsetMs);
    return until(() => objectsIn(world, bucket).length > 0);
  };

const atOnce = (world: SmallWorld): number => {
  let now = 0;
  let most = 0;
  for (const { done } of world.seen()) {
    now += done === true ? -1 : 1;
    most = Math.max(most, now);
  }
  return most;
};

/** One record now, one a little later. */
const largestOfTwo = async (world: SmallWorld): Promise<number> => {
  await putAll(world, ['a']);
  await pause(300);
  await putAll(world, ['b']);
  await drain(world);
  return Math.max(...sizes(world));
};

const inAnHour = (): number => Math.floor(Date.now() / 1_000) + 3_600;
const attempts = (world: SmallWorld): boolean =>
  batches(world).filter((data) => data.includes('partial')).length > 1;

const retries = set('Mapping', 'MaximumRetryAttempts', 1);
const FILTER = JSON.stringify({ data: { keep: [true] } });

export const mappingRows: readonly Row[] = [
  {
    type: MAPPING,
    path: 'BatchSize',
    change: set('Mapping', 'BatchSize', 1),
    observe: seenAfter(['a', 'b', 'c', 'd'], sizes),
    before: [4],
    after: [1, 1, 1, 1],
  },
  {
    type: MAPPING,
    path: 'BisectBatchOnFunctionError',
    given: retries,
    change: set('Mapping', 'BisectBatchOnFunctionError', true),
    observe: seenAfter(['a', 'b', 'c', 'poison'], (world) => Math.min(...sizes(world))),
    before: 4,
    after: 1,
  },
  {
    type: MAPPING,
    path: 'DestinationConfig.OnFailure.Destination',
    given: retries,
    change: set('Mapping', 'DestinationConfig.OnFailure.Destination', {
      'Fn::GetAtt': ['OtherBucket', 'Arn'],
    }),
    observe: parkedIn('OtherBucket'),
    before: false,
    after: true,
  },
  {
    type: MAPPING,
    path: 'Enabled',
    change: set('Mapping', 'Enabled', false),
    observe: seenAfter(['a'], sizes),
    before: [1],
    after: [],
  },
  {
    type: MAPPING,
    path: 'EventSourceArn',
    change: set('Mapping', 'EventSourceArn', { 'Fn::GetAtt': ['OtherStream', 'Arn'] }),
    observe: seenAfter(['a'], sizes),
    before: [1],
    after: [],
  },
  {
    type: MAPPING,
    path: 'FilterCriteria.Filters[].Pattern',
    change: set('Mapping', 'FilterCriteria', { Filters: [{ Pattern: FILTER }] }),
    observe: seenAfter(['{"keep":true}', '{"keep":false}'], sizes),
    before: [2],
    after: [1],
  },
  {
    type: MAPPING,
    path: 'FunctionName',
    change: set('Mapping', 'FunctionName', { Ref: 'OtherReader' }),
    observe: seenAfter(['a'], whoSaw),
    before: ['first'],
    after: ['second'],
  },
  {
    type: MAPPING,
    path: 'FunctionResponseTypes',
    change: set('Mapping', 'FunctionResponseTypes', []),
    observe: async (world) => {
      await putAll(world, ['partial']);
      return until(() => attempts(world));
    },
    before: true,
    after: false,
  },
  {
    type: MAPPING,
    path: 'MaximumBatchingWindowInSeconds',
    change: set('Mapping', 'MaximumBatchingWindowInSeconds', 1),
    observe: largestOfTwo,
    before: 1,
    after: 2,
  },
  {
    type: MAPPING,
    path: 'MaximumRecordAgeInSeconds',
    change: set('Mapping', 'MaximumRecordAgeInSeconds', 60),
    observe: parkedIn('Bucket', 120_000),
    before: false,
    after: true,
  },
  {
    type: MAPPING,
    path: 'MaximumRetryAttempts',
    change: retries,
    observe: parkedIn('Bucket'),
    before: false,
    after: true,
  },
  {
    type: MAPPING,
    path: 'ParallelizationFactor',
    given: set('Mapping', 'BatchSize', 1),
    change: set('Mapping', 'ParallelizationFactor', 4),
    observe: seenAfter(Array(8).fill('slow'), (world) => atOnce(world) > 1, 8),
    before: false,
    after: true,
  },
  {
    type: MAPPING,
    path: 'ScalingConfig.MaximumConcurrency',
    change: set('Mapping', 'ScalingConfig.MaximumConcurrency', 2),
    refused: 'ScalingConfig is for queues alone',
  },
  {
    type: MAPPING,
    path: 'StartingPosition',
    change: all(
      set('Mapping', 'StartingPosition', 'AT_TIMESTAMP'),
      set('Mapping', 'StartingPositionTimestamp', inAnHour()),
    ),
    observe: seenAfter(['a'], sizes),
    before: [1],
    after: [],
  },
  {
    type: MAPPING,
    path: 'StartingPositionTimestamp',
    given: all(
      set('Mapping', 'StartingPosition', 'AT_TIMESTAMP'),
      set('Mapping', 'StartingPositionTimestamp', 0),
    ),
    change: set('Mapping', 'StartingPositionTimestamp', inAnHour()),
    observe: seenAfter(['a'], sizes),
    before: [1],
    after: [],
  },
  {
    type: MAPPING,
    path: 'TumblingWindowInSeconds',
    change: set('Mapping', 'TumblingWindowInSeconds', 60),
    observe: async (world) => {
      await putAll(world, ['a']);
      await until(() => batches(world).length > 0);
      return world.seen()[0]?.window;
    },
    before: false,
    after: true,
  },
];
