import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { dynamoKeyStore } from '../adapters/dynamo-key-store.ts';
import { dynamoProfileReader } from '../adapters/dynamo-profile-reader.ts';
import { compileProfile } from '../core/profile/facets.ts';
import { authorize } from '../runtime/authorize.ts';
import { overHttp } from '../runtime/http-event.ts';
import { newLogger } from '../runtime/logger.ts';
import { newMetrics } from '../runtime/metrics.ts';
import { profileEnv } from './env.ts';
import { profile } from './profile.ts';

const env = profileEnv.read(process.env);
const logger = newLogger('profile');
const metrics = newMetrics('profile');
const dynamo = new DynamoDBClient();
const definitions = compileProfile(config);

export const handler = middy(
  overHttp(
    profile({
      profiles: dynamoProfileReader(dynamo, env.PROFILES_TABLE, definitions, Date.now),
      definitions,
      authorize: authorize(dynamoKeyStore(dynamo, env.RECORDS_TABLE)),
    }),
    (fault) => logger.error('request failed', { fault }),
  ),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
