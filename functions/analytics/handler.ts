import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import { dynamoKeyStore } from '../adapters/dynamo-key-store.ts';
import { dynamoTallyReader } from '../adapters/dynamo-tally-reader.ts';
import { authorize } from '../runtime/authorize.ts';
import { overHttp } from '../runtime/http-event.ts';
import { newLogger } from '../runtime/logger.ts';
import { analytics } from './analytics.ts';
import { analyticsEnv } from './env.ts';

const env = analyticsEnv.read(process.env);
const logger = newLogger('analytics');
const dynamo = new DynamoDBClient();

export const handler = middy(
  overHttp(
    analytics({
      tally: dynamoTallyReader(dynamo, env.RECORDS_TABLE, Date.now),
      authorize: authorize(dynamoKeyStore(dynamo, env.RECORDS_TABLE)),
    }),
    (fault, { requestId }) => logger.error('analytics not answered', { error: fault, requestId }),
  ),
).use(injectLambdaContext(logger, { resetKeys: true }));
