/** A DynamoDB of the local cloud with one table of the template's shape, and the SDK's client. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RecordSource, SourceRecord } from '../../localstack/cloud.ts';
import {
  createDynamo,
  type Dynamo,
  type DynamoOptions,
} from '../../localstack/services/dynamodb/create-dynamo.ts';
import { CREDENTIALS, callJson, serve } from './served.ts';

export const TABLE = 'profiles';

export const tableProperties = (more: object = {}, replica: object = {}) => ({
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
  StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
  TimeToLiveSpecification: { Enabled: true, AttributeName: 'ttl' },
  Replicas: [{ Region: 'us-east-1', ...replica }],
  ...more,
});

export const createTable = async (dynamo: Dynamo, properties: object = tableProperties()) => {
  const [type] = dynamo.resourceTypes;
  if (type === undefined) throw new Error('no table type');
  return type.create({
    stack: 'data',
    logicalId: 'Profiles',
    type: type.type,
    physicalName: TABLE,
    properties: properties as Record<string, unknown>,
    metadata: {},
  });
};

export const startDynamo = async (
  options: Pick<DynamoOptions, 'dataDir' | 'clock'> & Partial<DynamoOptions>,
  properties?: object,
) => {
  const dynamo = await createDynamo({ upkeepEveryMs: 0, ...options });
  const created = await createTable(dynamo, properties);
  const served = await serve(dynamo.handle);
  const client = new DynamoDBClient({
    endpoint: served.url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  return {
    dynamo,
    created,
    client,
    url: served.url,
    call: (target: string, input: object) => callJson(served.url, target, input),
    stream: (): RecordSource => {
      const source = dynamo.recordSource(created.attributes.StreamArn ?? '');
      if (source === undefined) throw new Error('the table has no stream');
      return source;
    },
    stop: async () => {
      client.destroy();
      await served.close();
      await dynamo.close();
    },
  };
};

/** Everything in every shard, parents before children. */
export const readAll = async (source: RecordSource): Promise<readonly SourceRecord[]> => {
  const records: SourceRecord[] = [];
  for (const { shardId } of source.shards()) {
    for (let after: string | null = null; ; ) {
      const page = await source.read(shardId, after, { recordsMax: 7, bytesMax: 1_000_000 });
      const last = page.at(-1);
      if (last === undefined) break;
      records.push(...page);
      after = last.sequenceNumber;
    }
  }
  return records;
};
