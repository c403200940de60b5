import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { TrendsStore } from '../ports/trends.ts';
import { loadTrends } from './dynamo-trends-reader.ts';
import { isLive } from './tally-items.ts';
import { itemToTick, scopeKey, stateToItem, tickKey, tickToItem } from './trends-items.ts';

export const dynamoTrendsStore = (
  client: DynamoDBClient,
  table: string,
  now: () => number,
): TrendsStore => {
  /** A row past its time, which readers do not see, is in nobody's way. */
  const put = async (
    item: Record<string, AttributeValue>,
    readThrough: number | undefined,
  ): Promise<'saved' | 'conflict'> => {
    const [name, value] =
      readThrough === undefined
        ? (['ttl', Math.floor(now() / 1_000)] as const)
        : (['through', readThrough] as const);
    const same = readThrough === undefined ? 'attribute_not_exists(pk) OR #n <= :n' : '#n = :n';
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: item,
          ConditionExpression: same,
          ExpressionAttributeNames: { '#n': name },
          ExpressionAttributeValues: { ':n': { N: String(value) } },
        }),
      );
      return 'saved';
    } catch (fault) {
      if (fault instanceof ConditionalCheckFailedException) return 'conflict';
      throw fault;
    }
  };

  return {
    load: (tenant, scopes) => loadTrends({ client, table, now }, tenant, scopes, true),
    save: (tenant, state, readThrough) =>
      put({ ...scopeKey(tenant, state.scope), ...stateToItem(state) }, readThrough),
    tick: async (tenant) => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: table, Key: tickKey(tenant), ConsistentRead: true }),
      );
      return Item === undefined || !isLive(Item, now()) ? undefined : itemToTick(Item);
    },
    moveTick: (tenant, tick, readThrough) =>
      put({ ...tickKey(tenant), ...tickToItem(tick) }, readThrough),
  };
};
