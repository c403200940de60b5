import {
  type AttributeValue,
  type DynamoDBClient,
  PutItemCommand,
  paginateScan,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { StoredKey } from '../ports/key-store.ts';
import { keyRowOf } from '../runtime/keys.ts';
import { storedKeyOf } from './dynamo-key-store.ts';

export interface KeyRow {
  readonly hash: string;
  readonly key: StoredKey;
}

const PREFIX = keyRowOf('');

/** The rows of keys as the command `keys` makes, lists and revokes them. */
export const dynamoKeyRows = (client: DynamoDBClient, table: string) => ({
  create: async (hash: string, key: StoredKey): Promise<void> => {
    const item: Record<string, AttributeValue> = {
      pk: { S: keyRowOf(hash) },
      sk: { S: 'key' },
      tenant: { S: key.tenant },
      kind: { S: key.kind },
      id: { S: key.id },
      createdAt: { S: key.createdAt },
    };
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: item,
        ConditionExpression: 'attribute_not_exists(pk)',
      }),
    );
  },

  /** Reads the whole table: an operator's command, run seldom, on a table of keys and small rows. */
  list: async (): Promise<readonly KeyRow[]> => {
    const rows: KeyRow[] = [];
    const pages = paginateScan(
      { client },
      {
        TableName: table,
        FilterExpression: 'sk = :key AND begins_with(pk, :prefix)',
        ExpressionAttributeValues: { ':key': { S: 'key' }, ':prefix': { S: PREFIX } },
      },
    );
    for await (const { Items = [] } of pages) {
      for (const item of Items)
        rows.push({ hash: item.pk?.S?.slice(PREFIX.length) ?? '', key: storedKeyOf(item) });
    }
    return rows;
  },

  revoke: async (hash: string, revokedAt: string): Promise<void> => {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: { pk: { S: keyRowOf(hash) }, sk: { S: 'key' } },
        UpdateExpression: 'SET revokedAt = :at',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: { ':at': { S: revokedAt } },
      }),
    );
  },
});
