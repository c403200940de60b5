import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { ADD_TRIES_MAX, demandKey, demandTtl, TENANTS_PK } from '../core/recommend/demand-rows.ts';
import { mergeDemand } from '../core/recommend/demand-table.ts';
import type { ItemDemand } from '../ports/item-demand.ts';
import { demandToItem, itemToDemand } from './item-demand-items.ts';
import { type Attributes, itemKeyOf } from './tally-items.ts';

const unchanged = (readVersion: number | undefined) =>
  readVersion === undefined
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: 'v = :read',
        ExpressionAttributeValues: { ':read': { N: String(readVersion) } },
      };

export const dynamoItemDemand = (client: DynamoDBClient, table: string): ItemDemand => {
  /** Or the item that was in the way. */
  const put = async (
    item: Record<string, AttributeValue>,
    condition: Pick<
      PutItemCommandInput,
      'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
    >,
  ): Promise<'put' | { readonly old: Attributes | undefined }> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ...condition,
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
      const item = {
        ...itemKeyOf({ pk: TENANTS_PK, sk: tenant }),
        minute: { N: String(minute) },
        ttl: { N: String(demandTtl(minute)) },
      };
      // Refused where somebody announced this minute or a later one: then all is said.
      await put(item, {
        ConditionExpression: 'attribute_not_exists(pk) OR #minute < :minute',
        ExpressionAttributeNames: { '#minute': 'minute' },
        ExpressionAttributeValues: { ':minute': { N: String(minute) } },
      });
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
        const done = await put({ ...key, ...demandToItem(next) }, unchanged(held?.version));
        if (done === 'put') return 'added';
        held = done.old && itemToDemand(done.old);
      }
      return 'lost';
    },
  };
};
