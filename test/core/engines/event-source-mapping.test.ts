import { expect, test } from 'vitest';
import type { Invocation } from '../../../localstack/cloud.ts';
import { type Call, ERROR, failing, OK, THROTTLED, World } from './mapping-world.ts';

const putMany = (world: World, count: number, key: (index: number) => string = String) =>
  Array.from({ length: count }, (_, index) => world.put(key(index)));

const sizes = (world: World): readonly number[] => world.calls.map((call) => call.sequences.length);

/** Fails every call that holds one of these. */
const poisonedBy =
  (...poison: readonly string[]) =>
  ({ sequences }: Call): Invocation =>
    sequences.some((sequence) => poison.includes(sequence)) ? ERROR : OK;

// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, "Polling and batching"
test('a batch closes by BatchSize', () => {
  const world = new World({ batchSize: 10 });
  putMany(world, 25);
  world.look();
  world.settle(() => OK);
  expect(sizes(world)).toEqual([10, 10, 5]);
});

test('a batch closes by six megabytes of payload, and a larger record goes alone', () => {
  const world = new World({ batchSize: 100 });
  const megabyte = 1024 * 1024;
  for (const megabytes of [2, 3, 2, 7, 1]) world.put('k', undefined, megabytes * megabyte);
  world.look();
  world.settle(() => OK);
  expect(sizes(world)).toEqual([2, 1, 1, 1]);
});

test('a batch that is not full waits for its window, and no longer', () => {
  const world = new World({ batchSize: 3, batchingWindowMs: 5000 });
  const openedAtMs = world.nowMs;
  world.put('a');
  world.look();
  expect(world.calls).toHaveLength(0);
  expect(world.wakeAtMs).toBe(openedAtMs + 5000);
  world.nowMs = openedAtMs + 5000;
  world.feed({ kind: 'tick' });
  expect(sizes(world)).toEqual([1]);
  world.settle(() => OK);
  putMany(world, 3);
  world.look();
  expect(sizes(world)).toEqual([1, 3]);
});

// "ParallelizationFactor": https://docs.aws.amazon.com/lambda/latest/dg/kinesis-tutorial.html
test('lanes run at once, one key never in two of them, and a blocked lane blocks itself alone', () => {
  const world = new World({ lanes: 4, batchSize: 2 });
  const sequences = putMany(world, 8, (index) => `key${index % 4}`);
  world.look();
  expect(world.out.size).toBeGreaterThan(1);
  const blocked = [...world.out.values()][0]?.sequences[0] ?? '';
  const keys = [...world.out.values()].map(
    ({ event }) =>
      new Set(
        (event.Records as { kinesis: { partitionKey: string } }[]).map(
          (r) => r.kinesis.partitionKey,
        ),
      ),
  );
  for (const key of ['key0', 'key1', 'key2', 'key3'])
    expect(keys.filter((mine) => mine.has(key)).length).toBeLessThanOrEqual(1);
  for (let round = 0; round < 20; round += 1)
    for (const call of [...world.out.values()])
      if (!call.sequences.includes(blocked)) world.answer(call.id, OK);
  const called = new Set(world.calls.flatMap((call) => call.sequences));
  const lane = world.calls.find((call) => call.sequences.includes(blocked));
  expect(world.out.size).toBe(1);
  expect(called.size).toBeGreaterThan(lane?.sequences.length ?? 0);
  const before = sequences.filter((sequence) => sequence < blocked).at(-1) ?? null;
  expect(world.checkpoints.get('shardId-000000000000')?.sequence ?? null).toBe(before);
});

// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-errors.html for the tests below
test('a failed batch runs again unchanged, later and later, before anything behind it', () => {
  const world = new World({ batchSize: 2 });
  putMany(world, 4);
  world.look();
  const startsMs: number[] = [];
  let failures = 5;
  world.settle(({ sequences }) => {
    startsMs.push(world.nowMs);
    expect(sequences).toHaveLength(2);
    failures -= 1;
    return failures > 0 ? ERROR : OK;
  });
  expect(new Set(world.calls.slice(0, 5).map((call) => call.sequences.join())).size).toBe(1);
  const gaps = startsMs.slice(1, 5).map((atMs, index) => atMs - (startsMs[index] ?? 0));
  expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
  expect(gaps[0]).toBeGreaterThan(0);
});

test('MaximumRetryAttempts ends a batch, which goes to the bucket with its records', () => {
  const world = new World({ batchSize: 2, retriesMax: 2, onFailureBucket: 'failed' });
  const sequences = putMany(world, 4);
  world.look();
  world.settle(poisonedBy(sequences[0] ?? ''));
  expect(sizes(world)).toEqual([2, 2, 2, 2]);
  expect(world.kept.map(({ condition, sequences: kept }) => [condition, kept])).toEqual([
    ['RetryAttemptsExhausted', sequences.slice(0, 2)],
  ]);
  expect(world.checkpoints.get('shardId-000000000000')?.sequence).toBe(sequences[3]);
});

test('without a destination an exhausted batch is passed over', () => {
  const world = new World({ batchSize: 1, retriesMax: 0 });
  const sequences = putMany(world, 3);
  world.look();
  world.settle(poisonedBy(sequences[1] ?? ''));
  expect(sizes(world)).toEqual([1, 1, 1]);
  expect(world.engine.idle()).toBe(true);
});

test('MaximumRecordAge ends a batch at its next call, and a record that never had one', () => {
  const world = new World({ batchSize: 1, recordAgeMaxMs: 60_000, onFailureBucket: 'failed' });
  const sequences = putMany(world, 2);
  world.look();
  world.settle(() => ERROR);
  expect(world.kept.map(({ condition }) => condition)).toEqual([
    'RecordAgeExceeded',
    'RecordAgeExceeded',
  ]);
  expect(world.calls.every((call) => call.sequences[0] === sequences[0])).toBe(true);
});

test('throttles cost no attempt and end only by age', () => {
  const world = new World({
    batchSize: 1,
    retriesMax: 1,
    recordAgeMaxMs: 600_000,
    onFailureBucket: 'failed',
  });
  world.put('a');
  world.look();
  let throttles = 12;
  world.settle(() => {
    throttles -= 1;
    return throttles > 0 ? THROTTLED : OK;
  });
  expect(world.kept).toHaveLength(0);
  expect(world.calls).toHaveLength(12);
  world.put('b');
  world.look();
  world.settle(() => THROTTLED);
  expect(world.kept.map(({ condition }) => condition)).toEqual(['RecordAgeExceeded']);
});

test('bisect isolates the poison, and its splits do not consume the retry quota', () => {
  const world = new World({
    batchSize: 64,
    bisect: true,
    retriesMax: 1,
    onFailureBucket: 'failed',
  });
  const sequences = putMany(world, 64);
  const poison = [sequences[5] ?? '', sequences[40] ?? ''];
  world.look();
  world.settle(poisonedBy(...poison));
  expect(world.kept.map((kept) => kept.sequences)).toEqual(poison.map((sequence) => [sequence]));
  // Once as a batch of one, and one retry: the six splits above it were free.
  for (const sequence of poison) {
    const alone = world.calls.filter((call) => call.sequences.join() === sequence);
    expect(alone).toHaveLength(2);
  }
  const called = world.calls.flatMap((call) => call.sequences);
  expect(new Set(called).size).toBe(64);
});

// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
test('the lowest failed number counts: what lies behind it runs again, what lies before does not', () => {
  const world = new World({ batchSize: 10, reportItemFailures: true });
  const sequences = putMany(world, 5);
  world.look();
  let first = true;
  world.settle(() => {
    const answer = first ? failing(sequences[4], sequences[2]) : OK;
    first = false;
    return answer;
  });
  expect(world.calls.map((call) => call.sequences)).toEqual([sequences, sequences.slice(2)]);
});

test('with bisect a partial failure splits at the returned number, at no cost', () => {
  const world = new World({
    batchSize: 10,
    reportItemFailures: true,
    bisect: true,
    retriesMax: 0,
    onFailureBucket: 'failed',
  });
  const sequences = putMany(world, 6);
  const poison = sequences[3] ?? '';
  world.look();
  world.settle(({ sequences: mine }) => (mine.includes(poison) ? failing(poison) : OK));
  expect(world.kept.map((kept) => kept.sequences)).toEqual([[poison]]);
  expect(world.calls[1]?.sequences).toEqual(sequences.slice(3));
});

test.each([
  ['null', 1],
  ['', 1],
  ['{}', 1],
  ['{"batchItemFailures":null}', 1],
  ['{"batchItemFailures":[]}', 1],
  ['{"batchItemFailures":[{"itemIdentifier":""}]}', 2],
  ['{"batchItemFailures":[{"itemIdentifier":null}]}', 2],
  ['{"batchItemFailures":[{"wrongKey":"1"}]}', 2],
  ['{"batchItemFailures":[{"itemIdentifier":"12345"}]}', 2],
  ['{"batchItemFailures":"no list"}', 2],
  ['not JSON', 2],
])('the answer %j means %i calls of the whole batch', (payload, calls) => {
  const world = new World({ batchSize: 10, reportItemFailures: true, retriesMax: 1 });
  putMany(world, 3);
  world.look();
  world.settle(() => ({ payload }));
  expect(sizes(world)).toEqual(Array.from({ length: calls }, () => 3));
});

test('without ReportBatchItemFailures an answer that names failures is a success', () => {
  const world = new World({ retriesMax: 1 });
  const [first] = putMany(world, 3);
  world.look();
  world.settle(() => failing(first));
  expect(sizes(world)).toEqual([3]);
});

// https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
test('the invocation record has the documented fields and key', () => {
  const world = new World({ retriesMax: 0, onFailureBucket: 'failed' });
  world.nowMs = Date.UTC(2026, 10, 24, 7, 8, 9, 250);
  const [first, second] = putMany(world, 2);
  world.look();
  world.settle(() => ERROR);
  const [kept] = world.kept;
  expect(kept?.key).toMatch(
    /^aws\/lambda\/00000000-0000-4000-8000-000000000000\/shardId-000000000000\/2026\/11\/24\/2026-11-24T07\.08\.09-[0-9a-f-]{36}$/,
  );
  expect(kept?.record).toEqual({
    requestContext: {
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:f',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 1,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2026-11-24T07:08:09.250Z',
    KinesisBatchInfo: {
      shardId: 'shardId-000000000000',
      startSequenceNumber: first,
      endSequenceNumber: second,
      approximateArrivalOfFirstRecord: '2026-11-24T07:08:09.250Z',
      approximateArrivalOfLastRecord: '2026-11-24T07:08:09.250Z',
      batchSize: 2,
      streamArn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
    },
    payload: expect.any(String),
  });
});

test('a destination that fails is tried again, then given up with a metric', () => {
  const world = new World({ batchSize: 1, retriesMax: 0, onFailureBucket: 'failed' });
  putMany(world, 2);
  world.keepFails.left = 4;
  world.look();
  world.settle(() => ERROR);
  expect(world.metrics.filter(({ name }) => name === 'DestinationDeliveryErrors')).toHaveLength(1);
  expect(world.kept).toHaveLength(1);
});

// https://docs.aws.amazon.com/streams/latest/dev/kinesis-using-sdk-java-after-resharding.html
test('a child starts when its parent is drained, a merged one when both are, and each at its start', () => {
  const world = new World({ batchSize: 10 });
  const [a, b, c, d] = [0, 1, 2, 3].map((index) => `shardId-00000000000${index}`) as [
    string,
    string,
    string,
    string,
  ];
  world.put('k', a);
  world.close(a);
  world.addShard(b, [a]);
  world.addShard(c, [a]);
  world.put('k', b);
  world.put('k', c);
  world.close(b);
  world.close(c);
  world.addShard(d, [b, c]);
  world.put('k', d);
  world.look();
  const started = (): readonly string[] => [...world.out.values()].map(({ shardId }) => shardId);
  const finishOne = (shardId: string): void => {
    const call = [...world.out.values()].find((out) => out.shardId === shardId);
    if (call !== undefined) world.answer(call.id, OK);
    world.look();
  };
  expect(started()).toEqual([a]);
  finishOne(a);
  expect(started()).toEqual([b, c]);
  finishOne(b);
  expect(started()).toEqual([c]);
  finishOne(c);
  expect(started()).toEqual([d]);
  world.settle(() => OK);
  expect(world.checkpoints.get(a)?.drained).toBe(true);
});

test('a blocked batch of the parent blocks the children', () => {
  const world = new World();
  world.put('k');
  world.close('shardId-000000000000');
  world.addShard('shardId-000000000001', ['shardId-000000000000']);
  world.put('k', 'shardId-000000000001');
  world.look();
  for (let round = 0; round < 10; round += 1) {
    for (const call of [...world.out.values()]) world.answer(call.id, ERROR);
    world.nowMs += 60_000;
    world.look();
  }
  expect(new Set(world.calls.map(({ shardId }) => shardId))).toEqual(
    new Set(['shardId-000000000000']),
  );
});

test('LATEST and AT_TIMESTAMP pass over what arrived earlier, TRIM_HORIZON does not', () => {
  const world = new World({ startAtMs: 1_000_500 });
  world.put('early');
  world.nowMs = 1_000_500;
  const late = world.put('late');
  world.look();
  world.settle(() => OK);
  expect(world.calls.map((call) => call.sequences)).toEqual([[late]]);
});

test('a crash between a call and its checkpoint brings the batch again', () => {
  const world = new World({ batchSize: 2 });
  const sequences = putMany(world, 4);
  world.look();
  const [first] = world.out.values();
  world.answer(first?.id ?? 0, OK);
  world.crash();
  world.settle(() => OK);
  expect(world.calls.map((call) => call.sequences)).toEqual([
    sequences.slice(0, 2),
    sequences.slice(2),
    sequences.slice(2),
  ]);
});

test('a record that no filter wants is finished without a call', () => {
  const world = new World({ matches: ({ orderKey }) => orderKey === 'wanted' });
  world.put('other');
  const wanted = world.put('wanted');
  const last = world.put('other');
  world.look();
  world.settle(() => OK);
  expect(world.calls.map((call) => call.sequences)).toEqual([[wanted]]);
  expect(world.checkpoints.get('shardId-000000000000')?.sequence).toBe(last);
});

test('IteratorAge is the age of the last record of the batch', () => {
  const world = new World();
  world.put('a');
  world.nowMs += 4000;
  world.put('b');
  world.nowMs += 1500;
  world.look();
  expect(world.metrics).toContainEqual({ kind: 'metric', name: 'IteratorAge', value: 1500 });
});

// https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html for the tests below
const stateful =
  (answers: Call[] = []) =>
  (call: Call): Invocation => {
    answers.push(call);
    const state = call.event.state as { n?: number };
    return { payload: JSON.stringify({ state: { n: (state.n ?? 0) + call.sequences.length } }) };
  };

test('a tumbling window hands its state on and ends with an empty final call', () => {
  const world = new World({ tumblingMs: 10_000, batchSize: 2 });
  world.nowMs = 1_000_000;
  putMany(world, 3);
  world.look();
  const calls: Call[] = [];
  world.settle(stateful(calls));
  expect(calls.map(({ event, sequences }) => [sequences.length, event.state])).toEqual([
    [2, {}],
    [1, { n: 2 }],
    [0, { n: 3 }],
  ]);
  expect(calls[2]?.event).toEqual({
    Records: [],
    window: { start: '1970-01-01T00:16:40Z', end: '1970-01-01T00:16:50Z' },
    state: { n: 3 },
    shardId: 'shardId-000000000000',
    eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
    isFinalInvokeForWindow: true,
    isWindowTerminatedEarly: false,
  });
  expect(world.nowMs).toBeGreaterThanOrEqual(1_010_000);
});

test('records of two windows never share a call, and the next window starts without state', () => {
  const world = new World({ tumblingMs: 10_000, batchSize: 10 });
  world.put('a');
  world.nowMs = 1_010_000;
  world.put('b');
  world.look();
  const calls: Call[] = [];
  world.settle(stateful(calls));
  expect(calls.map(({ event, sequences }) => [sequences.length, event.state])).toEqual([
    [1, {}],
    [0, { n: 1 }],
    [1, {}],
    [0, { n: 1 }],
  ]);
});

test('a final call that fails suspends the shard until it succeeds', () => {
  const world = new World({ tumblingMs: 10_000, retriesMax: 0 });
  world.put('a');
  world.nowMs = 1_010_000;
  world.put('b');
  world.look();
  let failures = 4;
  world.settle((call) => {
    if (call.sequences.length > 0) return OK;
    failures -= 1;
    return failures > 0 ? ERROR : OK;
  });
  expect(sizes(world)).toEqual([1, 0, 0, 0, 0, 1, 0]);
});

test('a shard that ends, and a state over a megabyte, end their window early', () => {
  const ended = new World({ tumblingMs: 900_000 });
  ended.put('a');
  ended.close('shardId-000000000000');
  ended.look();
  ended.settle(() => OK);
  expect(ended.calls.at(-1)?.event).toMatchObject({
    isFinalInvokeForWindow: true,
    isWindowTerminatedEarly: true,
  });
  expect(ended.checkpoints.get('shardId-000000000000')?.drained).toBe(true);

  const full = new World({ tumblingMs: 900_000 });
  full.put('a');
  full.look();
  const [call] = full.out.values();
  full.answer(call?.id ?? 0, { payload: JSON.stringify({ state: 'x'.repeat(1_100_000) }) });
  expect(full.calls.at(-1)?.event).toMatchObject({ isWindowTerminatedEarly: true });
});

test('a crash inside a window goes on with the state of the checkpoint', () => {
  const world = new World({ tumblingMs: 900_000, batchSize: 1 });
  putMany(world, 2);
  world.look();
  const [call] = world.out.values();
  world.answer(call?.id ?? 0, { payload: '{"state":{"n":1}}' });
  world.crash();
  expect([...world.out.values()].map(({ event }) => event.state)).toEqual([{ n: 1 }]);
});
