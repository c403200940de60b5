/**
 * Makes every function call every method of its adapters at least once, from outside: by requests,
 * by records that nobody can read, by a stream that is away for a while and an event that throws. A new method needs a
 * step here; the test says which.
 */
import { ListBucketsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { hashKey, keyRowOf } from '../../functions/runtime/keys.ts';
import { aws, drained, eventually } from '../e2e/asking.ts';
import type { Started } from '../e2e/start-process.ts';
import type { Recording } from './recorded-start.ts';

type Headers = Readonly<Record<string, string>>;

const post = async (url: string, body: unknown, headers: Headers = {}): Promise<void> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const said = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${said}`);
};

const read = async (url: string, headers: Headers = {}): Promise<unknown> => {
  const response = await fetch(url, { headers });
  const said = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${said}`);
  return JSON.parse(said);
};

/** The physical name of a stream or table, by a part of it. */
const named = async (
  platform: Started,
  { target, list, part }: { readonly target: string; readonly list: string; readonly part: string },
): Promise<string> => {
  const names = (await aws(platform, target, {}))[list] as readonly string[];
  const name = names.find((one) => one.includes(part));
  if (name === undefined) throw new Error(`no ${part} among ${names.join(', ')}`);
  return name;
};

/** A record that is no line of ours, on a stream: whoever reads it must park it. */
const putUnreadable = async (platform: Started, part: string): Promise<void> => {
  const target = 'Kinesis_20131202.ListStreams';
  const StreamName = await named(platform, { target, list: 'StreamNames', part });
  const Data = Buffer.from('this is no JSON\n').toString('base64');
  await aws(platform, 'Kinesis_20131202.PutRecord', {
    StreamName,
    PartitionKey: 'main#unreadable',
    Data,
  });
};

/** An item that no bundle of ours wrote: what comes for its user is parked, and it stays. */
const damageProfile = async (platform: Started, user: string): Promise<void> => {
  const target = 'DynamoDB_20120810.ListTables';
  const TableName = await named(platform, { target, list: 'TableNames', part: 'Profiles' });
  await aws(platform, 'DynamoDB_20120810.PutItem', {
    TableName,
    Item: { pk: { S: `u#main#${user}` }, sk: { S: 'rt' }, v: { S: 'damaged' } },
  });
};

const hasProfile = (platform: Started, user: string): Promise<true> =>
  eventually(async () => {
    const { status } = await fetch(`${platform.apiUrl}/v1/profiles/${user}`);
    return status === 200 ? true : undefined;
  });

const wasCalled = (platform: Started, action: string): Promise<true> =>
  eventually(async () => {
    const answer: unknown = await (await fetch(`${platform.endpointUrl}/_recorded`)).json();
    const calls: Recording['calls'] = Object(answer).calls;
    return calls.some((call) => call.action === action) ? true : undefined;
  });

/** `collect` spills what its stream refuses; `drain` lets it rest, and puts it there once that is over. */
const spillAndDrain = async (platform: Started): Promise<void> => {
  const refuse = (query: string) => fetch(`${platform.endpointUrl}/_refuse${query}`);
  await refuse('?puts-of=Collection&puts-of=Drain');
  await post(`${platform.apiUrl}/v1/events`, { userId: 'spilled', name: 'Product Viewed' });
  await wasCalled(platform, 'sqs:ChangeMessageVisibility');
  await refuse('');
  await hasProfile(platform, 'spilled');
};

/** A process of a function may hold an older row for half a second. */
const DOOR_KNOWN_MS = 600;

/** `enrich` and `aggregate` each throw for an event of their own name, until then. */
const setDoors = async (platform: Started, until: number): Promise<void> => {
  const target = 'DynamoDB_20120810.ListTables';
  const TableName = await named(platform, { target, list: 'TableNames', part: 'Records' });
  for (const name of ['enrich', 'aggregate']) {
    const door = JSON.stringify({ until, events: [`cursed-${name}`], ports: {} });
    const Item = { pk: { S: `fault#${name}` }, sk: { S: 'door' }, door: { S: door } };
    await aws(platform, 'DynamoDB_20120810.PutItem', { TableName, Item });
  }
  await new Promise((resolve) => setTimeout(resolve, DOOR_KNOWN_MS));
};

const firstRecord = async (platform: Started, part: string): Promise<Record<string, string>> => {
  const target = 'Kinesis_20131202.ListStreams';
  const StreamName = await named(platform, { target, list: 'StreamNames', part });
  const { ShardIterator } = await aws(platform, 'Kinesis_20131202.GetShardIterator', {
    StreamName,
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON',
  });
  const { Records } = await aws(platform, 'Kinesis_20131202.GetRecords', { ShardIterator });
  return Object(Records)[0];
};

/** As Lambda keeps a batch that a mapping gave up on. */
const putDiscarded = async (platform: Started): Promise<void> => {
  const { PartitionKey: partitionKey, Data: data } = await firstRecord(platform, 'RawUserEvents');
  const kinesis = { partitionKey, data };
  const body = JSON.stringify({
    requestContext: { condition: 'RecordAgeExceeded' },
    timestamp: '2026-11-24T12:00:00.000Z',
    payload: JSON.stringify({ Records: [{ kinesis }] }),
  });
  const s3 = new S3Client({
    endpoint: platform.endpointUrl,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const { Buckets = [] } = await s3.send(new ListBucketsCommand());
  const Bucket = Buckets.find(({ Name }) => Name?.includes('failed'))?.Name;
  const Key = 'aws/lambda/0b1c/shardId-000000000000/2026/11/24/none';
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: body }));
};

/** The catalogue is kept. */
const keepItems = async ({ apiUrl }: Started): Promise<void> => {
  const item = `${apiUrl}/v1/items/driven%20lamp`;
  const body = JSON.stringify({ items: [{ id: 'driven lamp' }] });
  await fetch(`${apiUrl}/v1/items`, { method: 'PUT', body });
  await read(item);
  await fetch(item, { method: 'DELETE' });
};

/** As `admin` writes an item for a tenant, and tells that it has changed. */
const changeItem = async (platform: Started, tenant: string, id: string): Promise<void> => {
  const target = 'DynamoDB_20120810.ListTables';
  const TableName = await named(platform, { target, list: 'TableNames', part: 'Records' });
  const put = (pk: string, sk: string, more: object) =>
    aws(platform, 'DynamoDB_20120810.PutItem', {
      TableName,
      Item: { pk: { S: pk }, sk: { S: sk }, ...more },
    });
  const item = { id, categories: [], available: true, attributes: {} };
  const instants = { c: { N: '1' }, u: { N: '1' } };
  await put(`i#${tenant}#${id}`, 'it', { it: { S: JSON.stringify(item) }, ...instants });
  await put(`chg#${tenant}`, id, { m: { S: id } });
  await put('chg#', tenant, { m: { S: id } });
  await eventually(async () => {
    const { Item } = await aws(platform, 'DynamoDB_20120810.GetItem', {
      TableName,
      Key: { pk: { S: 'chg#' }, sk: { S: tenant } },
    });
    return Item === undefined ? true : undefined;
  });
};

/** A catalogue gets three snapshots, a minute after the other: the third removes the first. */
const snapshotCatalogue = async (platform: Started): Promise<void> => {
  for (const [minute, id] of ['one', 'two', 'three'].entries()) {
    const body = JSON.stringify({ offsetMs: (minute + 1) * 60_000 });
    await fetch(`${platform.endpointUrl}/_tributary/clock`, { method: 'POST', body });
    await changeItem(platform, 'shop2', id);
  }
};

/** A tenant's key, as its row and as it is sent. */
const keyOf = async (platform: Started, tenant: string): Promise<Headers> => {
  const target = 'DynamoDB_20120810.ListTables';
  const TableName = await named(platform, { target, list: 'TableNames', part: 'Records' });
  const key = `trb_operator_${tenant}`;
  const texts = { tenant, kind: 'operator', id: 'driven', createdAt: '2026-11-24T00:00:00.000Z' };
  const said = Object.entries(texts).map(([name, S]) => [name, { S }]);
  await aws(platform, 'DynamoDB_20120810.PutItem', {
    TableName,
    Item: { pk: { S: keyRowOf(hashKey(key)) }, sk: { S: 'key' }, ...Object.fromEntries(said) },
  });
  return { authorization: `Bearer ${key}` };
};

/** Somebody looks at what others looked at, and asks: so all is read that is known of it. */
const lookAndAsk = async (platform: Started, headers: Headers): Promise<void> => {
  const { apiUrl } = platform;
  const looked = { userId: 'shopper', name: 'Product Viewed', properties: { product_id: 'lamp' } };
  await post(`${apiUrl}/v1/events`, looked, headers);
  await drained(platform);
  await read(`${apiUrl}/v1/recommendations?userId=shopper`, headers);
  await read(`${apiUrl}/v1/recommendations?userId=nobody`, headers);
};

/** Events are parked, listed, shown, sent on again, and told of. */
const parkAndRedrive = async (platform: Started): Promise<void> => {
  const { apiUrl } = platform;
  await setDoors(platform, Date.now() + 60_000);
  const cursed = ['cursed-enrich', 'cursed-aggregate'];
  const events = cursed.map((eventId) => ({ userId: 'driven', eventId, kind: 'page' }));
  await post(`${apiUrl}/v1/events`, events);
  await drained(platform);
  await setDoors(platform, 0);
  await putDiscarded(platform);
  await read(`${apiUrl}/v1/failed`);
  await post(`${apiUrl}/v1/failed/redrive`, { all: true });
  await post(`${apiUrl}/v1/failed/redrive`, { all: true, discarded: true });
  await drained(platform);
};

interface Job {
  readonly jobId: string;
  readonly status: string;
}

const startNight = async ({ apiUrl }: Started): Promise<Job> =>
  Object(await (await fetch(`${apiUrl}/collect/batch`, { method: 'POST' })).json());

const nightEnds = ({ apiUrl }: Started, { jobId }: Job): Promise<true> =>
  eventually(async () => {
    const { status } = (await read(`${apiUrl}/collect/batch/${jobId}`)) as Job;
    if (status === 'failed') throw new Error(`the nightly job failed: ${jobId}`);
    return status === 'running' ? undefined : true;
  });

/** As if whoever was to give the flight back had been killed before. */
const leaveFlight = async (platform: Started, { jobId }: Job): Promise<void> => {
  const target = 'DynamoDB_20120810.ListTables';
  const TableName = await named(platform, { target, list: 'TableNames', part: 'Records' });
  await aws(platform, 'DynamoDB_20120810.PutItem', {
    TableName,
    Item: {
      pk: { S: 'run#current' },
      sk: { S: 'run' },
      runId: { S: jobId },
      attempt: { N: '1' },
      versions: { S: '[]' },
      takenAt: { N: '0' },
    },
  });
};

/** The nightly job, from the request to the users' items, and once more over a dead holder. */
const runNights = async (platform: Started): Promise<void> => {
  const night = await startNight(platform);
  await nightEnds(platform, night);
  await leaveFlight(platform, night);
  await nightEnds(platform, await startNight(platform));
};

export const drive = async (platform: Started): Promise<void> => {
  const { apiUrl } = platform;
  await damageProfile(platform, 'damaged');
  await post(`${apiUrl}/v1/events`, [
    { userId: 'driven', kind: 'page' },
    { userId: 'driven', kind: 'identify', traits: { plan: 'pro' } },
    { userId: 'damaged', name: 'Product Viewed' },
    { name: 'An event of nobody is rejected, and kept' },
    // Two users with two items: so there are lists of items.
    ...['shopper', 'another'].flatMap((userId) =>
      ['lamp', 'shade'].map((product_id) => ({
        userId,
        name: 'Product Viewed',
        properties: { product_id },
      })),
    ),
  ]);
  await post(`${apiUrl}/api/users/activity`, '');
  await putUnreadable(platform, 'RawUserEvents');
  await putUnreadable(platform, 'EnrichedEvents');
  await spillAndDrain(platform);
  await drained(platform);
  await keepItems(platform);
  await parkAndRedrive(platform);

  await hasProfile(platform, 'driven');
  await runNights(platform);
  await read(`${apiUrl}/v1/profiles/driven/events`);
  await read(`${apiUrl}/v1/profiles/driven/explain/views_24h`);
  await read(`${apiUrl}/v1/analytics/realtime`);
  await read(`${apiUrl}/v1/live`);
  await snapshotCatalogue(platform);
  await lookAndAsk(platform, {});
  await lookAndAsk(platform, await keyOf(platform, 'shop2'));
};
