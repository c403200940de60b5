import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { feedPk } from '../core/analytics/live-feed.ts';
import type { RowKey } from '../core/analytics/tally-rows.ts';
import type { TallyStore } from '../ports/tally-store.ts';
import {
  type Attributes,
  feedToItem,
  itemKeyOf,
  itemToFeed,
  itemToRow,
  rowToItem,
} from './tally-items.ts';

/** The item that was in the way, or undefined where the put went through. */
interface Refused {
  readonly old: Record<string, AttributeValue> | undefined;
}

export const dynamoTallyStore = (client: DynamoDBClient, table: string): TallyStore => {
  const get = async (key: RowKey): Promise<Attributes | undefined> => {
    // Eventually consistent, at half the price: a stale read loses the race and folds again.
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: itemKeyOf(key) }),
    );
    return Item;
  };

  const put = async (
    key: RowKey,
    item: Attributes,
    condition: { readonly expression: string; readonly values?: Record<string, AttributeValue> },
  ): Promise<Refused | undefined> => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...itemKeyOf(key), ...item },
          ConditionExpression: condition.expression,
          ...(condition.values && { ExpressionAttributeValues: condition.values }),
          ...(condition.expression.includes('#last') && {
            ExpressionAttributeNames: { '#last': 'last' },
          }),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
      return undefined;
    } catch (fault) {
      if (!(fault instanceof ConditionalCheckFailedException)) throw fault;
      return { old: fault.Item };
    }
  };

  return {
    load: async (key) => {
      const item = await get(key);
      return item === undefined ? undefined : itemToRow(item);
    },
    save: async (key, row, readLast) => {
      const refused = await put(
        key,
        rowToItem(row),
        readLast === undefined
          ? { expression: 'attribute_not_exists(pk)' }
          : { expression: '#last = :read', values: { ':read': { S: readLast } } },
      );
      if (refused === undefined) return { kind: 'saved' };
      const { old } = refused;
      return { kind: 'conflict', winner: old === undefined ? undefined : itemToRow(old) };
    },
    loadFeed: async (tenant, shardId) => {
      const item = await get({ pk: feedPk(tenant), sk: shardId });
      return item === undefined ? [] : itemToFeed(item).events;
    },
    saveFeed: async ({ tenant, shardId, asOf, ttl, events }) => {
      const last = events.at(-1)?.id ?? '';
      await put({ pk: feedPk(tenant), sk: shardId }, feedToItem({ last, asOf, ttl, events }), {
        expression: 'attribute_not_exists(pk) OR #last < :last',
        values: { ':last': { S: last } },
      });
    },
  };
};
