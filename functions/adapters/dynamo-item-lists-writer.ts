import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { encodeLists } from '../core/recommend/lists-codec.ts';
import type { ItemListsWriter } from '../ports/item-lists.ts';
import { listsKey, pointerKey } from './item-lists-keys.ts';

export const dynamoItemListsWriter = (client: DynamoDBClient, table: string): ItemListsWriter => ({
  put: async ({ tenant, item, version, lists, ttl }) => {
    await client.send(
      new PutItemCommand({
        TableName: table,
        Item: {
          ...listsKey(tenant, version, item),
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
