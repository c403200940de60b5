import { type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { feedPk } from '../core/analytics/live-feed.ts';
import {
  COUNTERS_PREFIX,
  dayPk,
  minutePk,
  SESSIONS_PREFIX,
  type TallyRow,
} from '../core/analytics/tally-rows.ts';
import type { TallyReader } from '../ports/tally-reader.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import { type Attributes, isLive, itemToFeed, itemToRow } from './tally-items.ts';

const QUERIES_AT_ONCE = 16;
/** Shards that one minute or feed is read of. A table stream has one per about 1,000 writes/s, and rolls them. */
const ROWS_MAX = 1_000;

export const dynamoTallyReader = (
  client: DynamoDBClient,
  table: string,
  now: () => number,
): TallyReader => {
  const under = async (pk: string, prefix?: string): Promise<readonly Attributes[]> => {
    const found: Attributes[] = [];
    const pages = paginateQuery(
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
    for await (const { Items = [] } of pages) {
      found.push(...Items.filter((item) => isLive(item, now())));
      if (found.length > ROWS_MAX) throw new Error(`more than ${ROWS_MAX} rows of one minute`);
    }
    return found;
  };

  return {
    minutes: async (tenant, minutes) => {
      const rows = new Map<number, readonly TallyRow[]>();
      await eachBounded(minutes, QUERIES_AT_ONCE, async (minute) => {
        const items = await under(minutePk(tenant, minute), COUNTERS_PREFIX);
        rows.set(minute, items.map(itemToRow));
      });
      return minutes.map((minute) => rows.get(minute) ?? []);
    },
    sessions: async (tenant, day) =>
      (await under(dayPk(tenant, day), SESSIONS_PREFIX)).map(itemToRow),
    feeds: async (tenant) =>
      (await under(feedPk(tenant))).map((item) => {
        const { asOf, events } = itemToFeed(item);
        return { shardId: item.sk?.S ?? '', asOf, events };
      }),
  };
};
