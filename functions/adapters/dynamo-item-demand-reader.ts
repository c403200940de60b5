import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { minutePk } from '../core/analytics/tally-rows.ts';
import { invariant } from '../core/invariant.ts';
import { ITEMS_PREFIX, TENANTS_IN_DEMAND_MAX, TENANTS_PK } from '../core/recommend/demand-rows.ts';
import { mergeDemand, newDemandTable } from '../core/recommend/demand-table.ts';
import type { ItemDemandReader, TenantInDemand } from '../ports/item-demand.ts';
import { itemToDemand } from './item-demand-items.ts';
import { type Attributes, isLive } from './tally-items.ts';

const tenantIn = (item: Attributes): TenantInDemand => {
  const [tenant, minute] = [item.sk?.S, Number(item.minute?.N)];
  invariant(tenant !== undefined, 'demand is announced of a tenant');
  invariant(Number.isSafeInteger(minute), 'demand is announced of a minute');
  return { tenant, minute };
};

export const dynamoItemDemandReader = (
  client: DynamoDBClient,
  table: string,
  now: () => number,
): ItemDemandReader => {
  const pagesOf = (pk: string, prefix?: string) =>
    paginateQuery(
      { client },
      {
        TableName: table,
        KeyConditionExpression:
          prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
        ExpressionAttributeValues: {
          ':pk': { S: pk },
          ...(prefix === undefined ? {} : { ':prefix': { S: prefix } }),
        },
      },
    );
  return {
    tenants: async () => {
      const found: TenantInDemand[] = [];
      for await (const { Items = [] } of pagesOf(TENANTS_PK)) {
        found.push(...Items.filter((item) => isLive(item, now())).map(tenantIn));
        if (found.length > TENANTS_IN_DEMAND_MAX) {
          throw new Error(`more than ${TENANTS_IN_DEMAND_MAX} tenants have demand`);
        }
      }
      return found;
    },
    of: async (tenant, minute) => {
      let sum = newDemandTable();
      for await (const { Items = [] } of pagesOf(minutePk(tenant, minute), ITEMS_PREFIX)) {
        for (const item of Items) {
          if (isLive(item, now())) sum = mergeDemand(sum, itemToDemand(item).table);
        }
      }
      return sum;
    },
  };
};
