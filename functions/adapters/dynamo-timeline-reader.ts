import { type DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import { isExpired } from '../core/profile/stored-profile.ts';
import { epochMs } from '../core/time.ts';
import type { TimelineReader } from '../ports/timeline.ts';
import { itemToTimeline, timelinePk } from './timeline-items.ts';

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
