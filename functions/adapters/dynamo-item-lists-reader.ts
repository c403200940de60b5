import { BatchGetItemCommand, type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { ItemLists } from '../core/recommend/lists.ts';
import { decodeLists } from '../core/recommend/lists-codec.ts';
import type { ItemListsReader } from '../ports/item-lists.ts';
import { listsKey, pointerKey } from './item-lists-keys.ts';

/** DynamoDB's own: keys of one BatchGetItem. */
const KEYS_MAX = 100;

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
            Keys: items.map((item) => listsKey(tenant, version, item)),
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
