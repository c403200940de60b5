import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  CreateStreamCommand,
  DeleteStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  PutRecordsCommand,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';
import { expect, onTestFinished, test } from 'vitest';
import { clientFor, scratchFolder, startKinesis } from './kinesis-world.ts';

const STREAM = 'stream';
const SHARD = 'shardId-000000000000';

const startChild = async (dataDir: string): Promise<{ child: ChildProcess; url: string }> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kinesis-child.ts'), dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const [chunk] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  return { child, url: chunk.toString().trim() };
};

const putSome = async (client: KinesisClient, names: readonly string[]): Promise<string[]> => {
  const { Records = [] } = await client.send(
    new PutRecordsCommand({
      StreamName: STREAM,
      Records: names.map((name) => ({ PartitionKey: 'k', Data: Buffer.from(name) })),
    }),
  );
  return names.filter((_, index) => Records[index]?.SequenceNumber !== undefined);
};

const readAll = async (client: KinesisClient) => {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamName: STREAM,
      ShardId: SHARD,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records = [] } = await client.send(new GetRecordsCommand({ ShardIterator }));
  return Records.map(({ Data, SequenceNumber = '' }) => ({
    name: Buffer.from(Data ?? []).toString(),
    sequence: SequenceNumber,
  }));
};

test('kill -9 during puts loses nothing that was acknowledged, and numbers go on growing', async () => {
  const dataDir = scratchFolder();
  const acknowledged: string[] = [];
  let numbered = 0;
  for (let life = 0; life < 3; life += 1) {
    const { child, url } = await startChild(dataDir);
    const client = clientFor(url);
    if (life === 0)
      await client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
    const writers = Array.from({ length: 4 }, async () => {
      for (;;) {
        const names = Array.from({ length: 5 }, () => {
          numbered += 1;
          return `record ${numbered}`;
        });
        try {
          acknowledged.push(...(await putSome(client, names)));
        } catch {
          return;
        }
        if (acknowledged.length > 60 * (life + 1)) child.kill('SIGKILL');
      }
    });
    await Promise.all(writers);
    client.destroy();
  }
  const { url } = await startChild(dataDir);
  const kept = await readAll(clientFor(url));
  const names = new Set(kept.map(({ name }) => name));
  expect(acknowledged.filter((name) => !names.has(name))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(180);
  const sequences = kept.map(({ sequence }) => sequence);
  expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => (a < b ? -1 : 1)));
});

const segmentOf = (dataDir: string): string => {
  const folder = join(dataDir, 'kinesis', 'streams', STREAM, SHARD);
  return join(folder, readdirSync(folder)[0] ?? '');
};

const segmentPath = (dataDir: string): string =>
  join(dataDir, 'kinesis', 'streams', STREAM, SHARD, `${'1'.padStart(20, '0')}.log`);

test('a torn last entry is cut off, and writing goes on behind what is whole', async () => {
  const first = await startKinesis();
  await first.client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
  await putSome(first.client, ['a', 'b']);
  await first.close();
  const segment = segmentOf(first.dataDir);
  const whole = readFileSync(segment);
  for (const torn of [1, 7, 8, 20, whole.length / 2 - 1]) {
    writeFileSync(segment, whole);
    appendFileSync(segment, whole.subarray(0, torn));
    const next = await startKinesis({ dataDir: first.dataDir }, first.clock);
    await putSome(next.client, ['c']);
    await next.close();
    const again = await startKinesis({ dataDir: first.dataDir }, first.clock);
    expect((await readAll(again.client)).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    await again.close();
  }
});

test('damage that no killed process leaves stops the start by name', async () => {
  const first = await startKinesis();
  await first.client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
  await putSome(first.client, ['a', 'b']);
  await first.close();
  const segment = segmentOf(first.dataDir);
  const bytes = readFileSync(segment);
  bytes[30] = (bytes[30] ?? 0) ^ 1;
  writeFileSync(segment, bytes);
  await expect(startKinesis({ dataDir: first.dataDir }, first.clock)).rejects.toThrow(
    'another checksum',
  );
});

test('streams, splits and half a line of the control log are found again', async () => {
  const first = await startKinesis();
  await first.client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
  await putSome(first.client, ['a']);
  await first.client.send(
    new SplitShardCommand({
      StreamName: STREAM,
      ShardToSplit: SHARD,
      NewStartingHashKey: (2n ** 127n).toString(),
    }),
  );
  await first.close();
  appendFileSync(join(first.dataDir, 'kinesis', 'control.log'), '{"kind":"del');
  const next = await startKinesis({ dataDir: first.dataDir }, first.clock);
  const source = next.kinesis.recordSource(
    `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`,
  );
  expect(source?.shards().map(({ closed, parentShardIds }) => [closed, parentShardIds])).toEqual([
    [true, []],
    [false, [SHARD]],
    [false, [SHARD]],
  ]);
  expect(await readAll(next.client)).toHaveLength(1);
});

test('a full segment is followed by another, and retention deletes the old one', async () => {
  const first = await startKinesis();
  await first.client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
  const folder = join(first.dataDir, 'kinesis', 'streams', STREAM, SHARD);
  await putSome(first.client, ['old']);
  first.clock.nowMs += 3_600_000;
  await putSome(first.client, ['young']);
  expect(readdirSync(folder)).toHaveLength(2);
  await first.close();
  first.clock.nowMs += 23.5 * 3_600_000;
  const next = await startKinesis({ dataDir: first.dataDir }, first.clock);
  expect(readdirSync(folder)).toHaveLength(1);
  await next.close();
  first.clock.nowMs += 48 * 3_600_000;
  const last = await startKinesis({ dataDir: first.dataDir }, first.clock);
  expect(await readAll(last.client)).toEqual([]);
  // The newest segment stays: it holds the number behind which the shard goes on.
  expect(readdirSync(folder)).toHaveLength(1);
});

test('a deleted stream takes nothing of one whose name begins alike, and comes back empty', async () => {
  const first = await startKinesis();
  for (const StreamName of ['str', STREAM])
    await first.client.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  await putSome(first.client, ['a']);
  await first.client.send(new DeleteStreamCommand({ StreamName: 'str' }));
  await putSome(first.client, ['b']);
  expect((await readAll(first.client)).map(({ name }) => name)).toEqual(['a', 'b']);
  const segment = readFileSync(segmentOf(first.dataDir));
  await first.client.send(new DeleteStreamCommand({ StreamName: STREAM }));
  await first.close();
  // Killed before its files went.
  mkdirSync(dirname(segmentPath(first.dataDir)), { recursive: true });
  writeFileSync(segmentPath(first.dataDir), segment);
  const next = await startKinesis({ dataDir: first.dataDir }, first.clock);
  await next.client.send(new CreateStreamCommand({ StreamName: STREAM, ShardCount: 1 }));
  expect(await readAll(next.client)).toEqual([]);
});
