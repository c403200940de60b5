/**
 * The same calls to ours and to kinesis-mock (npm: kinesis-local), another reading of AWS's pages:
 * what both answer must agree, but for the divergences that are listed by name.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listen, type OpenPort } from '../../localstack/launch/listen.ts';
import { createKinesis, type LocalKinesis } from '../../localstack/services/kinesis/kinesis.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly body: Fields;
}

type Call = (operation: string, parameters: Fields) => Promise<Answer>;

const DURATIONS = [
  'CREATE_STREAM',
  'DELETE_STREAM',
  'MERGE_SHARDS',
  'SPLIT_SHARD',
  'UPDATE_SHARD_COUNT',
];
const dataDir = mkdtempSync(join(tmpdir(), 'tributary-differential-'));
let ours: Call;
let theirs: Call;
let stop: () => Promise<void> = async () => undefined;

const caller =
  (url: string): Call =>
  async (operation, parameters) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'x-amz-target': `Kinesis_20131202.${operation}`,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-date': '20261124T120000Z',
        authorization:
          'AWS4-HMAC-SHA256 Credential=local/20261124/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0',
      },
      body: JSON.stringify(parameters),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Fields) };
  };

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
};

const startOracle = async (): Promise<{ call: Call; kill: () => void }> => {
  const main = fileURLToPath(import.meta.resolve('kinesis-local/main.js'));
  const [plain, tls] = [await freePort(), await freePort()];
  const child = spawn(process.execPath, [main], {
    cwd: dirname(main),
    stdio: 'ignore',
    env: {
      ...process.env,
      KINESIS_MOCK_PLAIN_PORT: String(plain),
      KINESIS_MOCK_TLS_PORT: String(tls),
      ...Object.fromEntries(DURATIONS.map((name) => [`${name}_DURATION`, '1ms'])),
    },
  });
  const call = caller(`http://127.0.0.1:${plain}`);
  for (let tries = 0; tries < 200; tries += 1) {
    const ready = await call('ListStreams', {}).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (ready) return { call, kill: () => child.kill('SIGKILL') };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  child.kill('SIGKILL');
  throw new Error('kinesis-local did not start');
};

beforeAll(async () => {
  const kinesis: LocalKinesis = createKinesis({
    dataDir,
    clock: Date.now,
    random: Math.random,
    metrics: { put: () => undefined },
  });
  const port: OpenPort = await listen(kinesis.handle, 0, '--port');
  const oracle = await startOracle();
  ours = caller(`http://127.0.0.1:${port.port}`);
  theirs = oracle.call;
  stop = async () => {
    oracle.kill();
    await port.close();
    await kinesis.close();
  };
});

afterAll(async () => {
  await stop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Theirs takes a moment to be ACTIVE after each change. */
const both = async (operation: string, parameters: Fields, settle = false) => {
  const answers = await Promise.all([ours(operation, parameters), theirs(operation, parameters)]);
  if (settle) await new Promise((resolve) => setTimeout(resolve, 150));
  return answers;
};

const agree = async (
  operation: string,
  parameters: Fields,
  seen: (answer: Answer) => unknown,
  settle = false,
): Promise<readonly Answer[]> => {
  const [mine, other] = await both(operation, parameters, settle);
  expect(seen(mine as Answer), operation).toEqual(seen(other as Answer));
  return [mine as Answer, other as Answer];
};

const refusal = ({ status, body }: Answer): unknown => [
  status,
  String(body.__type).split('#').at(-1),
];
const succeeded = ({ status }: Answer): unknown => status;

const shardMap = ({ body }: Answer): unknown =>
  (body.Shards as readonly Fields[]).map((shard) => ({
    id: shard.ShardId,
    parents: [shard.ParentShardId ?? null, shard.AdjacentParentShardId ?? null],
    range: shard.HashKeyRange,
  }));

const data = (text: string): string => Buffer.from(text).toString('base64');

const fifth = (answer: Answer | undefined): Fields | undefined =>
  (answer?.body.Records as readonly Fields[] | undefined)?.[4];

const recordsOf = async (call: Call, StreamName: string, how: Fields): Promise<unknown> => {
  const { body } = await call('GetShardIterator', { StreamName, ...how });
  const page = await call('GetRecords', { ShardIterator: body.ShardIterator });
  return {
    records: (page.body.Records as readonly Fields[]).map(({ Data, PartitionKey }) => [
      Buffer.from(String(Data), 'base64').toString(),
      PartitionKey,
    ]),
    ended: (page.body.NextShardIterator ?? null) === null,
    children: ((page.body.ChildShards ?? []) as readonly Fields[]).map(({ ShardId }) => ShardId),
  };
};

test('puts go to the same shards and are read back the same by all five iterators', async () => {
  const StreamName = 'reads';
  await agree('CreateStream', { StreamName, ShardCount: 3 }, succeeded, true);
  await agree('ListShards', { StreamName }, shardMap);
  const keys = Array.from({ length: 20 }, (_, index) => `user-${index}`);
  const [mine, other] = await agree(
    'PutRecords',
    { StreamName, Records: keys.map((key) => ({ PartitionKey: key, Data: data(`1 ${key}`) })) },
    ({ body }) => (body.Records as readonly Fields[]).map(({ ShardId }) => ShardId),
  );
  await new Promise((resolve) => setTimeout(resolve, 1100));
  const between = Date.now() / 1000;
  await new Promise((resolve) => setTimeout(resolve, 50));
  await agree(
    'PutRecords',
    { StreamName, Records: keys.map((key) => ({ PartitionKey: key, Data: data(`2 ${key}`) })) },
    ({ body }) => body.FailedRecordCount,
  );
  const sequenceOf = (answer: Answer | undefined): unknown => fifth(answer)?.SequenceNumber;
  const ShardId = fifth(mine)?.ShardId;
  for (const [ShardIteratorType, extra] of [
    ['TRIM_HORIZON', () => ({})],
    ['LATEST', () => ({})],
    ['AT_SEQUENCE_NUMBER', (answer) => ({ StartingSequenceNumber: sequenceOf(answer) })],
    ['AFTER_SEQUENCE_NUMBER', (answer) => ({ StartingSequenceNumber: sequenceOf(answer) })],
    ['AT_TIMESTAMP', () => ({ Timestamp: between })],
  ] as readonly (readonly [string, (answer: Answer | undefined) => Fields])[]) {
    const how = { ShardId, ShardIteratorType };
    expect(
      await recordsOf(ours, StreamName, { ...how, ...extra(mine) }),
      ShardIteratorType,
    ).toEqual(await recordsOf(theirs, StreamName, { ...how, ...extra(other) }));
  }
});

test('splits, merges and parents read the same', async () => {
  const StreamName = 'reshards';
  await agree('CreateStream', { StreamName, ShardCount: 3 }, succeeded, true);
  const [first, second] = ['shardId-000000000000', 'shardId-000000000001'];
  await agree(
    'PutRecord',
    { StreamName, PartitionKey: 'k', Data: data('before'), ExplicitHashKey: '0' },
    ({ body }) => body.ShardId,
  );
  const NewStartingHashKey = (2n ** 125n).toString();
  await agree(
    'SplitShard',
    { StreamName, ShardToSplit: first, NewStartingHashKey },
    succeeded,
    true,
  );
  await agree('ListShards', { StreamName }, shardMap);
  const how = { ShardId: first, ShardIteratorType: 'TRIM_HORIZON' };
  expect(await recordsOf(ours, StreamName, how)).toEqual(await recordsOf(theirs, StreamName, how));
  await agree(
    'MergeShards',
    { StreamName, ShardToMerge: 'shardId-000000000004', AdjacentShardToMerge: second },
    succeeded,
    true,
  );
  await agree('ListShards', { StreamName }, shardMap);
});

test('refusals have the same status and name', async () => {
  const StreamName = 'refusals';
  await agree('CreateStream', { StreamName, ShardCount: 2 }, succeeded, true);
  await agree('CreateStream', { StreamName, ShardCount: 2 }, refusal);
  await agree('DescribeStreamSummary', { StreamName: 'none' }, refusal);
  await agree('PutRecord', { StreamName: 'none', PartitionKey: 'k', Data: data('d') }, refusal);
  const shard = 'shardId-000000000000';
  const outside = (2n ** 127n + 5n).toString();
  await agree(
    'GetShardIterator',
    { StreamName, ShardId: 'shardId-000000000009', ShardIteratorType: 'LATEST' },
    refusal,
  );
  await agree(
    'SplitShard',
    { StreamName, ShardToSplit: shard, NewStartingHashKey: outside },
    refusal,
  );
  await agree(
    'IncreaseStreamRetentionPeriod',
    { StreamName, RetentionPeriodHours: 23 },
    ({ status }) => status,
  );
  await agree(
    'UpdateShardCount',
    { StreamName, TargetShardCount: 5, ScalingType: 'UNIFORM_SCALING' },
    ({ status }) => status,
  );
});

// Where ours follows AWS's reference and kinesis-mock does not; each must stay a difference.
test('the divergences are these', async () => {
  const StreamName = 'divergences';
  await both('CreateStream', { StreamName, ShardCount: 1 }, true);
  const Records = Array.from({ length: 501 }, () => ({ PartitionKey: 'k', Data: data('d') }));
  const tooMany = await both('PutRecords', { StreamName, Records });
  expect(
    tooMany.map(({ status }) => status),
    '501 records in one call',
  ).toEqual([400, 200]);

  const flood = await Promise.all(
    [ours, theirs].map(async (call) => {
      let failed = 0;
      for (let index = 0; index < 3; index += 1) {
        const { body } = await call('PutRecords', { StreamName, Records: Records.slice(0, 500) });
        failed += Number(body.FailedRecordCount);
      }
      return failed > 0;
    }),
  );
  expect(flood, 'throttling over 1,000 records/s').toEqual([true, false]);

  const atStart = { StreamName, ShardToSplit: 'shardId-000000000000', NewStartingHashKey: '0' };
  expect((await ours('SplitShard', atStart)).status, 'a split at the start').toBe(400);
  const second = { ...atStart, StreamName: 'split' };
  await both('CreateStream', { StreamName: 'split', ShardCount: 1 }, true);
  expect((await theirs('SplitShard', second)).status, 'a split at the start').toBe(200);

  const NewStartingHashKey = '5';
  await both(
    'SplitShard',
    { StreamName, ShardToSplit: 'shardId-000000000000', NewStartingHashKey },
    true,
  );
  const ends = (await both('ListShards', { StreamName })).map(({ body }) => {
    const [shard] = body.Shards as readonly { SequenceNumberRange: Fields }[];
    return String(shard?.SequenceNumberRange.EndingSequenceNumber).length;
  });
  expect(ends, 'digits of a closed shard’s last number').toEqual([56, 19]);

  await both('CreateStream', { StreamName: 'open', ShardCount: 2 }, true);
  const open = (await both('ListShards', { StreamName: 'open' })).map(({ body }) => {
    const [shard] = body.Shards as readonly { SequenceNumberRange: Fields; HashKeyRange: Fields }[];
    return [
      'EndingSequenceNumber' in (shard?.SequenceNumberRange ?? {}),
      BigInt(String(shard?.HashKeyRange.EndingHashKey)) === 2n ** 127n - 1n,
    ];
  });
  expect(open, 'an open shard has a last number; the half of the ring').toEqual([
    [false, true],
    [true, false],
  ]);
});
