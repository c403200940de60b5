/** A stranger's consumer of `user-profile-updates`: as the Java SDK asks, and as all others do. */
import { beforeAll, expect, test } from 'vitest';
import { aws, drained } from './asking.ts';
import { newDataDir, type Started, startProcess } from './start-process.ts';

/** CBOR by hand (RFC 8949): definite maps of short texts and small numbers, as a request needs them. */
const head = (major: number, length: number): readonly number[] =>
  length < 24
    ? [(major << 5) | length]
    : length < 256
      ? [(major << 5) | 24, length]
      : [(major << 5) | 25, length >> 8, length & 255];
const cborText = (text: string): readonly number[] => [
  ...head(3, Buffer.byteLength(text)),
  ...Buffer.from(text),
];
const cborMap = (members: Readonly<Record<string, string | number>>): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...head(5, Object.keys(members).length),
    ...Object.entries(members).flatMap(([key, value]) => [
      ...cborText(key),
      ...(typeof value === 'string' ? cborText(value) : head(0, value)),
    ]),
  ]);

/** And back, just enough of it for an answer. */
const cborValue = (bytes: Buffer): unknown => {
  let at = 0;
  const argument = (info: number): number => {
    if (info < 24) return info;
    const width = 2 ** (info - 24);
    let value = 0;
    for (let place = 0; place < width; place += 1) value = value * 256 + (bytes[at + place] ?? 0);
    at += width;
    return value;
  };
  const next = (): unknown => {
    const first = bytes[at] ?? 0;
    at += 1;
    const [major, info] = [first >> 5, first & 31];
    if (first === 0xfb) {
      at += 8;
      return bytes.readDoubleBE(at - 8);
    }
    if (major === 7) return { 20: false, 21: true, 22: null }[info];
    const length = argument(info);
    if (major === 0) return length;
    if (major === 6) return next();
    if (major === 4) return Array.from({ length }, next);
    if (major === 5) return Object.fromEntries(Array.from({ length }, () => [next(), next()]));
    const slice = bytes.subarray(at, at + length);
    at += length;
    return major === 2 ? slice : slice.toString('utf8');
  };
  return next();
};

const overCbor = async (
  { endpointUrl }: Started,
  operation: string,
  members: Readonly<Record<string, string | number>>,
): Promise<Record<string, unknown>> => {
  const answer = await fetch(endpointUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-cbor-1.1',
      'x-amz-target': `Kinesis_20131202.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=test',
    },
    body: cborMap(members),
  });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'application/x-amz-cbor-1.1',
  ]);
  return Object(cborValue(Buffer.from(await answer.arrayBuffer())));
};

type Call = typeof overCbor;
const overJson: Call = (platform, operation, members) =>
  aws(platform, `Kinesis_20131202.${operation}`, members);

interface Read {
  readonly key: unknown;
  readonly sequence: unknown;
  readonly text: string;
}

const readAll = async (
  platform: Started,
  call: Call,
  blob: (data: unknown) => Buffer,
): Promise<readonly Read[]> => {
  const { StreamNames } = await call(platform, 'ListStreams', {});
  const name = (StreamNames as readonly string[]).find((each) => /UserProfileUpdates/.test(each));
  const { Shards } = await call(platform, 'ListShards', { StreamName: name ?? '' });
  const found: Read[] = [];
  for (const { ShardId } of Shards as readonly { readonly ShardId: string }[]) {
    const opened = await call(platform, 'GetShardIterator', {
      StreamName: name ?? '',
      ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    });
    let iterator = opened.ShardIterator;
    let behind = 1;
    while (typeof iterator === 'string' && behind > 0) {
      const page = await call(platform, 'GetRecords', { ShardIterator: iterator });
      const records = page.Records as readonly Record<string, unknown>[];
      for (const { PartitionKey, SequenceNumber, Data } of records)
        found.push({ key: PartitionKey, sequence: SequenceNumber, text: `${blob(Data)}` });
      behind = Number(page.MillisBehindLatest);
      iterator = page.NextShardIterator;
    }
  }
  return found;
};

const USERS = ['ann', 'bob', 'Zoë', 'eve'];
let platform: Started;

beforeAll(async () => {
  platform = await startProcess({ dataDir: newDataDir() });
  return async () => {
    platform.child.kill('SIGTERM');
    await platform.ended;
  };
});

const send = async (event: Record<string, unknown>): Promise<void> => {
  const answer = await fetch(`${platform.apiUrl}/v1/events`, {
    method: 'POST',
    body: JSON.stringify(event),
  });
  expect(answer.status).toBe(202);
};

test('read as CBOR and as JSON, the updates are the same records, newest profile included', async () => {
  for (const [place, item] of ['i1', 'i2', 'i3'].entries()) {
    for (const userId of USERS) {
      const eventId = `${userId}-${place}`;
      const properties = { product_id: item, category: 'books' };
      await send({ eventId, userId, event: 'Product Viewed', properties });
    }
    await drained(platform);
  }
  const json = await readAll(platform, overJson, (data) => Buffer.from(String(data), 'base64'));
  const cbor = await readAll(platform, overCbor, (data) => data as Buffer);
  expect(cbor).toEqual(json);
  expect(json.length).toBeGreaterThanOrEqual(USERS.length);

  for (const userId of USERS) {
    const mine = json.filter(({ key }) => key === `main#${userId}`);
    // What is told of a user's best items has versions of its own.
    const updates = mine.map(({ text }) => JSON.parse(text)).filter(({ part }) => part === 'rt');
    const last = updates.at(-1);
    const versions = updates.map(({ version }) => version);
    expect(versions).toEqual([...new Set(versions)].sort((left, right) => left - right));
    const answer = await fetch(`${platform.apiUrl}/v1/profiles/${encodeURIComponent(userId)}`);
    const served = Object(await answer.json());
    expect(last).toEqual({
      userId,
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      part: 'rt',
      version: served.version,
      profile: {
        interests: served.interests,
        recentItems: ['i3', 'i2', 'i1'],
        activityScore: 0.3,
      },
    });
  }
});
