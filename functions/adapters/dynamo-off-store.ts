import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { OffStore } from '../ports/off-store.ts';
import { itemKeyOf, offToItem } from './profile-items.ts';

/** The item `off` of a user: a put, refused where a run that is not older has written. */
export const dynamoOffStore = (client: DynamoDBClient, table: string): OffStore => ({
  save: async (origin, off) => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...itemKeyOf(origin, 'off'), ...offToItem(off) },
          ConditionExpression: 'attribute_not_exists(pk) OR runId < :run',
          ExpressionAttributeValues: { ':run': { S: off.runId } },
        }),
      );
      return 'saved';
    } catch (fault) {
      if (fault instanceof ConditionalCheckFailedException) return 'newer';
      throw fault;
    }
  },
});
