import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { TimelineStore } from '../ports/timeline.ts';
import { timelineToItem } from './timeline-items.ts';

export const dynamoTimelineStore = (
  client: DynamoDBClient,
  table: string,
  now: () => number,
): TimelineStore => ({
  putIfAbsent: async (origin, row) => {
    try {
      await client.send(
        new PutItemCommand({
          TableName: table,
          Item: timelineToItem(origin, row),
          // DynamoDB takes days to remove what is past its time.
          ConditionExpression: 'attribute_not_exists(pk) OR #ttl <= :now',
          ExpressionAttributeNames: { '#ttl': 'ttl' },
          ExpressionAttributeValues: { ':now': { N: String(Math.floor(now() / 1_000)) } },
        }),
      );
      return 'put';
    } catch (fault) {
      if (!(fault instanceof ConditionalCheckFailedException)) throw fault;
      return 'was there';
    }
  },
});
