import {
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { ItemLists } from '../core/recommend/lists.ts';
import { decodeLists, encodeLists } from '../core/recommend/lists-codec.ts';
import type { ItemListsReader, ItemListsWriter } from '../ports/item-lists.ts';

/** DynamoDB's own: keys of one BatchGetItem. */
const KEYS_MAX = 100;

const rowKey = (tenant: string, version: string, item: string) => ({
  pk: { S: `i#${tenant}#${item}` },
  sk: { S: `n#${version}` },
});
const pointerKey = (tenant: string) => ({ pk: { S: `rec#${tenant}` }, sk: { S: 'lists' } });

/** An unprocessed key is as good as a fault of this read. */
export const dynamoItemListsReader = (client: DynamoDBClient, table: string): ItemListsReader => {
  const readSome = async (
    tenant: string,
    version: string,
    items: readonly string[],
  ): Promise<readonly (readonly [string, ItemLists])[]> => {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: {
          [table]: {
            Keys: items.map((item) => rowKey(tenant, version, item)),
            ProjectionExpression: 'pk, p',
          },
        },
      }),
    );
    if ((UnprocessedKeys?.[table]?.Keys ?? []).length > 0) {
      throw new Error('the table left lists of a read unprocessed');
    }
    return (Responses?.[table] ?? []).map(({ pk, p }) => [
      (pk?.S ?? '').slice(`i#${tenant}#`.length),
      decodeLists(p?.S ?? ''),
    ]);
  };
  return {
    pointer: async (tenant) => {
      const { Item: row } = await client.send(
        new GetItemCommand({ TableName: table, Key: pointerKey(tenant) }),
      );
      const [version, cut] = [row?.version?.S, row?.cut?.S];
      return version === undefined || cut === undefined ? undefined : { version, cut };
    },
    read: async (tenant, version, items) => {
      const parts = Array.from({ length: Math.ceil(items.length / KEYS_MAX) }, (_, index) =>
        items.slice(index * KEYS_MAX, (index + 1) * KEYS_MAX),
      );
      const read = await Promise.all(parts.map((part) => readSome(tenant, version, part)));
      return new Map(read.flat());
    },
  };
};

export const dynamoItemListsWriter = (client: DynamoDBClient, table: string): ItemListsWriter => ({
  put: async ({ tenant, item, version, lists, ttl }) => {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: {
          ...rowKey(tenant, version, item),
          p: { S: encodeLists(lists) },
          ttl: { N: String(ttl) },
        },
      }),
    );
  },
  pointTo: async (tenant, { version, cut }, at) => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...pointerKey(tenant),
            ...{ version: { S: version }, cut: { S: cut }, at: { N: String(at) } },
          },
          ConditionExpression:
            'attribute_not_exists(pk) OR (#cut <= :cut AND #version <= :version)',
          ExpressionAttributeNames: { '#cut': 'cut', '#version': 'version' },
          ExpressionAttributeValues: { ':cut': { S: cut }, ':version': { S: version } },
        }),
      );
      return 'pointed';
    } catch (fault) {
      if (fault instanceof ConditionalCheckFailedException) return 'newer';
      throw fault;
    }
  },
});
