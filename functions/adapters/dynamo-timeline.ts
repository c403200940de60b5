import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import { isExpired } from '../core/profile/stored-profile.ts';
import { epochMs } from '../core/time.ts';
import type { TimelineReader, TimelineStore } from '../ports/timeline.ts';
import { itemToTimeline, timelinePk, timelineToItem } from './timeline-items.ts';

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

export const dynamoTimelineReader = (
  client: DynamoDBClient,
  table: string,
  now: () => number,
): TimelineReader => ({
  read: async (origin, from, rowsMax) => {
    const below = from && `sk ${from.inclusive ? '<=' : '<'} :from`;
    const { Items = [], LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: ['pk = :pk', ...(below ? [below] : [])].join(' AND '),
        ExpressionAttributeValues: {
          ':pk': timelinePk(origin),
          ...(from && { ':from': { S: from.key } }),
        },
        ScanIndexForward: false,
        Limit: rowsMax,
      }),
    );
    const last = LastEvaluatedKey?.sk?.S;
    return {
      rows: Items.map(itemToTimeline).filter(({ ttl }) => !isExpired(ttl, epochMs(now()))),
      next: last === undefined ? undefined : { key: last, inclusive: false },
    };
  },
});
