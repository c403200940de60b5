import {
  type AttributeValue,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { itemInput } from '../core/catalogue/item-schemas.ts';
import { invariant } from '../core/invariant.ts';
import { epochMs } from '../core/time.ts';
import type { CatalogueStore } from '../ports/catalogue-store.ts';

const instantOf = (row: Readonly<Record<string, AttributeValue>>, name: string) => {
  const at = Number(row[name]?.N);
  invariant(Number.isSafeInteger(at), `an item's row has the instant ${name}`);
  return epochMs(at);
};

export const dynamoCatalogueStore = (client: DynamoDBClient, table: string): CatalogueStore => {
  const rowOf = (tenant: string, id: string) => ({
    TableName: table,
    Key: { pk: { S: `i#${tenant}#${id}` }, sk: { S: 'it' } },
  });
  return {
    put: async (tenant, item, now) => {
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
    },
    find: async (tenant, id) => {
      const { Item: row } = await client.send(new GetItemCommand(rowOf(tenant, id)));
      if (row === undefined) return undefined;
      return {
        item: itemInput.parse(JSON.parse(row.it?.S ?? '')),
        createdAt: instantOf(row, 'c'),
        updatedAt: instantOf(row, 'u'),
      };
    },
    remove: async (tenant, id) => {
      await client.send(new DeleteItemCommand(rowOf(tenant, id)));
    },
  };
};
