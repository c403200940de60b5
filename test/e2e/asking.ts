/** Questions to a running platform from outside: over HTTP, and by AWS's own protocols. */
import type { Ready } from './start-process.ts';

/** What a failed drain hides comes again after a minute, perhaps more than once. */
const PATIENCE_MS = 240_000;
const PAUSE_MS = 50;

/** The first value that is there, asked again and again. */
export const eventually = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
};

/** Every mapping has finished all that its stream holds. */
export const drained = ({ endpointUrl }: Ready): Promise<true> =>
  eventually(async () => {
    const health = Object(await (await fetch(`${endpointUrl}/_tributary/health`)).json());
    return health.drained === true && health.inFlight === 0 ? true : undefined;
  });

/** AWS's JSON protocol, as an SDK would send it. */
export const aws = async (
  { endpointUrl }: Ready,
  target: string,
  body: unknown,
): Promise<Record<string, unknown>> => {
  const response = await fetch(endpointUrl, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      authorization:
        'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=test',
      'x-amz-date': '20260101T000000Z',
    },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${target}: ${JSON.stringify(answer)}`);
  return Object(answer);
};

const tableNamed = async (ready: Ready, part: string): Promise<string> => {
  const { TableNames } = await aws(ready, 'DynamoDB_20120810.ListTables', {});
  const name = (TableNames as readonly string[]).find((table) => table.includes(part));
  if (name === undefined) throw new Error(`no table ${part}`);
  return name;
};

export type Item = Readonly<
  Record<string, { readonly S?: string; readonly N?: string; readonly B?: string }>
>;

/** The item `rt` of a user of the demo tenant, as it lies in the table. */
export const itemOf = async (ready: Ready, user: string): Promise<Item> => {
  const { Item } = await aws(ready, 'DynamoDB_20120810.GetItem', {
    TableName: await tableNamed(ready, 'Profiles'),
    Key: { pk: { S: `u#main#${user}` }, sk: { S: 'rt' } },
    ConsistentRead: true,
  });
  return Object(Item);
};

interface TableStreamRecord {
  readonly dynamodb: {
    readonly Keys: Item;
    readonly NewImage?: Item;
  };
}

const recordsOfShard = async (
  ready: Ready,
  streamArn: string,
  shardId: string,
): Promise<readonly TableStreamRecord[]> => {
  const records: TableStreamRecord[] = [];
  const first = await aws(ready, 'DynamoDBStreams_20120810.GetShardIterator', {
    StreamArn: streamArn,
    ShardId: shardId,
    ShardIteratorType: 'TRIM_HORIZON',
  });
  let iterator = first.ShardIterator;
  while (typeof iterator === 'string') {
    const page = await aws(ready, 'DynamoDBStreams_20120810.GetRecords', {
      ShardIterator: iterator,
    });
    const found = page.Records as readonly TableStreamRecord[];
    if (found.length === 0) break;
    records.push(...found);
    iterator = page.NextShardIterator;
  }
  return records;
};

export interface Totals {
  readonly applied: number;
  readonly duplicate: number;
  readonly parked: number;
}

/** What `fx` says of a user over all versions, read from the table's stream as `tally` will. */
export const effectTotals = async (ready: Ready, user: string): Promise<Totals> => {
  const { Streams } = await aws(ready, 'DynamoDBStreams_20120810.ListStreams', {
    TableName: await tableNamed(ready, 'Profiles'),
  });
  const [stream] = Streams as readonly { readonly StreamArn: string }[];
  const streamArn = stream?.StreamArn ?? '';
  const { StreamDescription } = await aws(ready, 'DynamoDBStreams_20120810.DescribeStream', {
    StreamArn: streamArn,
  });
  const shards: readonly { readonly ShardId: string }[] = Object(StreamDescription).Shards;
  const totals = { applied: 0, duplicate: 0, parked: 0 };
  for (const { ShardId } of shards) {
    for (const { dynamodb } of await recordsOfShard(ready, streamArn, ShardId)) {
      if (dynamodb.Keys.pk?.S !== `u#main#${user}` || dynamodb.Keys.sk?.S !== 'rt') continue;
      const fx: { readonly minutes: readonly Totals[] } = JSON.parse(
        dynamodb.NewImage?.fx?.S ?? '{"minutes":[]}',
      );
      for (const { applied, duplicate, parked } of fx.minutes) {
        totals.applied += applied;
        totals.duplicate += duplicate;
        totals.parked += parked;
      }
    }
  }
  return totals;
};

export interface EnrichedLine {
  readonly originKey: string;
  /** What it says. */
  readonly line: Readonly<Record<string, unknown>>;
}

/** A shard may be read five times a second, by its consumers and by us. */
const unlessThrottled = (fault: Error): undefined => {
  if (!fault.message.includes('ProvisionedThroughputExceeded')) throw fault;
};

/** All lines of `enriched-events`; those of one user in order. */
export const enrichedLines = async (ready: Ready): Promise<readonly EnrichedLine[]> => {
  const { StreamNames } = await aws(ready, 'Kinesis_20131202.ListStreams', {});
  const StreamName = (StreamNames as readonly string[]).find((name) => name.includes('Enriched'));
  const { Shards } = await aws(ready, 'Kinesis_20131202.ListShards', { StreamName });
  const found: EnrichedLine[] = [];
  for (const { ShardId } of Shards as readonly { readonly ShardId: string }[]) {
    const first = await aws(ready, 'Kinesis_20131202.GetShardIterator', {
      StreamName,
      ShardId,
      ShardIteratorType: 'TRIM_HORIZON',
    });
    let iterator = first.ShardIterator;
    while (typeof iterator === 'string') {
      const ShardIterator = iterator;
      const page = await eventually(() =>
        aws(ready, 'Kinesis_20131202.GetRecords', { ShardIterator }).catch(unlessThrottled),
      );
      for (const { PartitionKey, Data } of page.Records as readonly Record<string, string>[]) {
        const lines = Buffer.from(Data ?? '', 'base64')
          .toString()
          .trimEnd()
          .split('\n');
        for (const line of lines)
          found.push({ originKey: PartitionKey ?? '', line: JSON.parse(line) });
      }
      iterator = page.MillisBehindLatest === 0 ? undefined : page.NextShardIterator;
    }
  }
  return found;
};

/** Events of a user by their raw positions: each copy that landed, once. */
export const landedOf = (lines: readonly EnrichedLine[], user: string): number =>
  new Set(
    lines
      .filter(({ originKey }) => originKey === `main#${user}`)
      .map(({ line }) => JSON.stringify(line.at)),
  ).size;

export const landedEvents = async (ready: Ready, user: string): Promise<number> =>
  landedOf(await enrichedLines(ready), user);

/** The lake holds all that the streams hold now. */
export const flushed = async ({ endpointUrl }: Ready): Promise<void> => {
  const response = await fetch(`${endpointUrl}/_tributary/flush`, { method: 'POST' });
  if (!response.ok) throw new Error(`not flushed: ${await response.text()}`);
};
