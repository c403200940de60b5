import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import { dynamoItemDemand } from '../adapters/dynamo-item-demand.ts';
import { dynamoTallyStore } from '../adapters/dynamo-tally-store.ts';
import { dynamoUnseenItems } from '../adapters/dynamo-unseen-items.ts';
import { PATIENCE } from '../adapters/patience.ts';
import { newLogger } from '../runtime/logger.ts';
import { newMetrics } from '../runtime/metrics.ts';
import { tallyEnv } from './env.ts';
import { tally } from './tally.ts';
import { tallyReport, unseenReport } from './tally-report.ts';
import { unseenItems } from './unseen-items.ts';

const env = tallyEnv.read(process.env);
const logger = newLogger('tally');
const metrics = newMetrics('tally');
/** What comes again with the next event, or may be lost, must not hold up what is exact. */
const impatient = new DynamoDBClient({ maxAttempts: 2, requestHandler: PATIENCE });

export const handler = middy(
  tally({
    store: dynamoTallyStore(new DynamoDBClient(), env.RECORDS_TABLE),
    demand: dynamoItemDemand(impatient, env.RECORDS_TABLE),
    beside: unseenItems({
      catalogue: dynamoUnseenItems(impatient, env.RECORDS_TABLE),
      now: Date.now,
      report: unseenReport(logger, metrics),
    }),
    now: Date.now,
    sleep,
    report: tallyReport(logger, metrics),
  }),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
