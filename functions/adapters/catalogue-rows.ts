/** Rows of the catalogue: an item, that it has changed, and that a tenant has changed items. */
import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  type DynamoDBClient,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { CatalogueItem } from '../core/catalogue/item.ts';
import { itemInput } from '../core/catalogue/item-schemas.ts';
import { invariant } from '../core/invariant.ts';
import { epochMs } from '../core/time.ts';

type Row = Readonly<Record<string, AttributeValue>>;

export const itemKey = (tenant: string, id: string) => ({
  pk: { S: `i#${tenant}#${id}` },
  sk: { S: 'it' },
});

/** Tenants are named under `chg#` alone, and no tenant's name is empty. */
export const TENANTS_PK = 'chg#';
export const changesPk = (tenant: string): string => `chg#${tenant}`;
export const changeKey = (tenant: string, id: string) => ({
  pk: { S: changesPk(tenant) },
  sk: { S: id },
});
export const changedTenantKey = (tenant: string) => ({ pk: { S: TENANTS_PK }, sk: { S: tenant } });

const instantOf = (row: Row, name: string) => {
  const at = Number(row[name]?.N);
  invariant(Number.isSafeInteger(at), `an item's row has the instant ${name}`);
  return epochMs(at);
};

export const itemOfRow = (row: Row): CatalogueItem => ({
  item: itemInput.parse(JSON.parse(row.it?.S ?? '')),
  createdAt: instantOf(row, 'c'),
  updatedAt: instantOf(row, 'u'),
});

/**
 * A mark is like no other, so that whoever settles one settles no later change. A count would begin
 * anew once it was settled, and a settler that was held up would take the next change for its own.
 */
export const markChanged = async (
  client: DynamoDBClient,
  table: string,
  key: ReturnType<typeof changeKey>,
): Promise<void> => {
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: key,
      UpdateExpression: 'SET m = :mark',
      ExpressionAttributeValues: { ':mark': { S: randomUUID() } },
    }),
  );
};
