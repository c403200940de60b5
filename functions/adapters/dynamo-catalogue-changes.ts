import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import type { CatalogueItem } from '../core/catalogue/item.ts';
import type {
  CatalogueChanges,
  ChangedItem,
  ChangedTenant,
  ChangeMark,
} from '../ports/catalogue-changes.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import {
  changedTenantKey,
  changeKey,
  changesPk,
  itemKey,
  itemOfRow,
  TENANTS_PK,
} from './catalogue-rows.ts';

/** DynamoDB's own: keys of one BatchGetItem. */
const KEYS_MAX = 100;
const READS_AT_ONCE = 4;

type Row = Readonly<Record<string, AttributeValue>>;
type Mark = Pick<ChangedItem, 'id' | 'mark'>;

const markOf = (row: Row): Mark => ({ id: row.sk?.S ?? '', mark: row.m?.S ?? '' });

/** All reads are consistent: a mark that is seen must not be settled by an item from before it. */
export const dynamoCatalogueChanges = (client: DynamoDBClient, table: string): CatalogueChanges => {
  const rowsOf = async (pk: string, rowsMax: number): Promise<readonly Row[]> => {
    const rows: Row[] = [];
    let from: Record<string, AttributeValue> | undefined;
    do {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName: table,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: pk } },
          ConsistentRead: true,
          Limit: rowsMax - rows.length,
          ExclusiveStartKey: from,
        }),
      );
      rows.push(...Items);
      from = LastEvaluatedKey;
    } while (from !== undefined && rows.length < rowsMax);
    return rows;
  };

  /** Without those that the table leaves unprocessed: they are as yet unread. */
  const itemsOf = async (
    tenant: string,
    marks: readonly Mark[],
  ): Promise<readonly ChangedItem[]> => {
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: {
          [table]: { Keys: marks.map(({ id }) => itemKey(tenant, id)), ConsistentRead: true },
        },
      }),
    );
    const found = new Map<string, CatalogueItem>();
    for (const row of Responses?.[table] ?? []) found.set(row.pk?.S ?? '', itemOfRow(row));
    const unread = new Set(UnprocessedKeys?.[table]?.Keys?.map(({ pk }) => pk?.S));
    return marks.flatMap((mark) => {
      const { S: pk } = itemKey(tenant, mark.id).pk;
      return unread.has(pk) ? [] : [{ ...mark, found: found.get(pk) }];
    });
  };

  const settleRow = async (key: ReturnType<typeof changeKey>, mark: ChangeMark): Promise<void> => {
    const settle = new DeleteItemCommand({
      TableName: table,
      Key: key,
      ConditionExpression: 'm = :mark',
      ExpressionAttributeValues: { ':mark': { S: mark } },
    });
    // Another mark is another change, and no row is a settled one.
    await client.send(settle).catch((fault) => {
      if (!(fault instanceof ConditionalCheckFailedException)) throw fault;
    });
  };

  return {
    tenants: async () =>
      (await rowsOf(TENANTS_PK, TENANTS_MAX))
        .map(markOf)
        .map(({ id, mark }): ChangedTenant => ({ tenant: id, mark })),
    read: async (tenant, itemsMax) => {
      const marks = (await rowsOf(changesPk(tenant), itemsMax + 1)).map(markOf);
      const wanted = marks.slice(0, itemsMax);
      const parts = Array.from({ length: Math.ceil(wanted.length / KEYS_MAX) }, (_, index) =>
        wanted.slice(index * KEYS_MAX, (index + 1) * KEYS_MAX),
      );
      const items: ChangedItem[] = [];
      await eachBounded(parts, READS_AT_ONCE, async (part) => {
        items.push(...(await itemsOf(tenant, part)));
      });
      return { items, isAll: items.length === marks.length };
    },
    settle: (tenant, { id, mark }) => settleRow(changeKey(tenant, id), mark),
    settleTenant: ({ tenant, mark }) => settleRow(changedTenantKey(tenant), mark),
  };
};

/** Of one reading; more of them come in the order of their names once these are settled. */
const TENANTS_MAX = 1_000;
