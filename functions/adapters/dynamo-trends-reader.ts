import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type TrendState, trendsOf } from '../core/recommend/trend-state.ts';
import type { TrendScope } from '../core/recommend/trends.ts';
import type { TrendsReader } from '../ports/trends.ts';
import { isLive } from './tally-items.ts';
import { itemToState, scopeKey } from './trends-items.ts';

/** DynamoDB's own: keys of one BatchGetItem. */
const KEYS_MAX = 100;

export interface TrendsTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly now: () => number;
}

/** An unprocessed key is as good as a fault of this read. */
export const loadTrends = async (
  { client, table, now }: TrendsTable,
  tenant: string,
  scopes: readonly TrendScope[],
  isConsistent: boolean,
): Promise<ReadonlyMap<TrendScope, TrendState>> => {
  const found = new Map<TrendScope, TrendState>();
  for (let start = 0; start < scopes.length; start += KEYS_MAX) {
    const some = scopes.slice(start, start + KEYS_MAX);
    const Keys = some.map((scope) => scopeKey(tenant, scope));
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys, ConsistentRead: isConsistent } },
      }),
    );
    if ((UnprocessedKeys?.[table]?.Keys ?? []).length > 0) {
      throw new Error('the table left trends of a read unprocessed');
    }
    for (const item of Responses?.[table] ?? []) {
      if (!isLive(item, now())) continue;
      const state = itemToState(tenant, item);
      found.set(state.scope, state);
    }
  }
  return found;
};

/** Eventually consistent, at half the price. */
export const dynamoTrendsReader = (
  client: DynamoDBClient,
  table: string,
  now: () => number,
): TrendsReader => ({
  read: async (tenant, scopes) => {
    const states = await loadTrends({ client, table, now }, tenant, scopes, false);
    return new Map([...states].map(([scope, state]) => [scope, trendsOf(state)]));
  },
});
