import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ADD_TRIES_MAX, demandKey, demandTtl, TENANTS_PK } from '../core/recommend/demand-rows.ts';
import { mergeDemand } from '../core/recommend/demand-table.ts';
import type { ItemDemand } from '../ports/item-demand.ts';
import { demandToItem, itemToDemand } from './item-demand-items.ts';
import { type Attributes, itemKeyOf } from './tally-items.ts';

export const dynamoItemDemand = (client: DynamoDBClient, table: string): ItemDemand => {
  /** The item that was in the way, if any. */
  const put = async (
    item: Record<string, AttributeValue>,
    readVersion: number | undefined,
  ): Promise<'put' | { readonly old: Attributes | undefined }> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ...(readVersion === undefined
            ? { ConditionExpression: 'attribute_not_exists(pk)' }
            : {
                ConditionExpression: 'v = :read',
                ExpressionAttributeValues: { ':read': { N: String(readVersion) } },
              }),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return 'put';
    } catch (fault) {
      if (!(fault instanceof ConditionalCheckFailedException)) throw fault;
      return { old: fault.Item };
    }
  };

  return {
    announce: async ({ tenant, minute }) => {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...itemKeyOf({ pk: TENANTS_PK, sk: tenant }),
            minute: { N: String(minute) },
            ttl: { N: String(demandTtl(minute)) },
          },
        }),
      );
    },
    add: async ({ tenant, shardId, minute, table: demand }) => {
      const key = itemKeyOf(demandKey(tenant, minute, shardId));
      // Eventually consistent, at half the price: a stale read loses the race and adds again.
      const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: key }));
      let held = Item && itemToDemand(Item);
      for (let tries = 1; tries <= ADD_TRIES_MAX; tries += 1) {
        const next = {
          version: (held?.version ?? 0) + 1,
          ttl: demandTtl(minute),
          table: held === undefined ? demand : mergeDemand(held.table, demand),
        };
        const done = await put({ ...key, ...demandToItem(next) }, held?.version);
        if (done === 'put') return 'added';
        held = done.old && itemToDemand(done.old);
      }
      return 'lost';
    },
  };
};
