import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Availability } from '../ports/availability.ts';

/** DynamoDB's own: keys of one BatchGetItem. */
const KEYS_MAX = 100;

/** A row that says nothing of it was put before it could, and may be had. */
const isAvailable = (item: string | undefined): boolean => {
  const { available }: Readonly<Record<string, unknown>> = Object(JSON.parse(item ?? '{}'));
  return available !== false;
};

export const dynamoAvailability = (client: DynamoDBClient, table: string): Availability => {
  const readSome = async (tenant: string, items: readonly string[]) => {
    const keyOf = (item: string) => ({ pk: { S: `i#${tenant}#${item}` }, sk: { S: 'it' } });
    const { Responses, UnprocessedKeys } = await client.send(
      new BatchGetItemCommand({
        RequestItems: { [table]: { Keys: items.map(keyOf), ProjectionExpression: 'pk, it' } },
      }),
    );
    if ((UnprocessedKeys?.[table]?.Keys ?? []).length > 0) {
      throw new Error('the table left items of a read unprocessed');
    }
    return (Responses?.[table] ?? []).map(
      ({ pk, it }) => [(pk?.S ?? '').slice(`i#${tenant}#`.length), isAvailable(it?.S)] as const,
    );
  };
  return {
    read: async (tenant, items) => {
      const unique = [...new Set(items)];
      const parts = Array.from({ length: Math.ceil(unique.length / KEYS_MAX) }, (_, index) =>
        unique.slice(index * KEYS_MAX, (index + 1) * KEYS_MAX),
      );
      const read = await Promise.all(parts.map((part) => readSome(tenant, part)));
      return new Map(read.flat());
    },
  };
};
