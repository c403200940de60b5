import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CatalogueStore } from '../ports/catalogue-store.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import { changedTenantKey, changeKey, itemKey, itemOfRow, markChanged } from './catalogue-rows.ts';

const WRITES_AT_ONCE = 16;

export const dynamoCatalogueStore = (client: DynamoDBClient, table: string): CatalogueStore => {
  const rowOf = (tenant: string, id: string) => ({ TableName: table, Key: itemKey(tenant, id) });
  return {
    put: async (tenant, items, now) => {
      await eachBounded(items, WRITES_AT_ONCE, async (item) => {
        await client.send(
          new UpdateItemCommand({
            ...rowOf(tenant, item.id),
            UpdateExpression: 'SET it = :it, u = :now, c = if_not_exists(c, :now)',
            ExpressionAttributeValues: {
              ':it': { S: JSON.stringify(item) },
              ':now': { N: String(now) },
            },
          }),
        );
        await markChanged(client, table, changeKey(tenant, item.id));
      });
      if (items.length > 0) await markChanged(client, table, changedTenantKey(tenant));
    },
    find: async (tenant, id) => {
      const { Item: row } = await client.send(new GetItemCommand(rowOf(tenant, id)));
      return row && itemOfRow(row);
    },
    remove: async (tenant, id) => {
      await client.send(new DeleteItemCommand(rowOf(tenant, id)));
      await markChanged(client, table, changeKey(tenant, id));
      await markChanged(client, table, changedTenantKey(tenant));
    },
  };
};
