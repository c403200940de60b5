import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { dynamoKeyStore } from '../adapters/dynamo-key-store.ts';
import { dynamoProfileReader } from '../adapters/dynamo-profile-reader.ts';
import { dynamoTimelineReader } from '../adapters/dynamo-timeline-reader.ts';
import { compileProfile } from '../core/profile/facets.ts';
import { authorize } from '../runtime/authorize.ts';
import { unlessNone } from '../runtime/env.ts';
import { overHttp } from '../runtime/http-event.ts';
import { newLogger } from '../runtime/logger.ts';
import { profileEnv } from './env.ts';
import { profile } from './profile.ts';

const env = profileEnv.read(process.env);
const logger = newLogger('profile');
const dynamo = new DynamoDBClient();
const definitions = compileProfile(config);
const timelineIn = (table: string) => dynamoTimelineReader(dynamo, table, Date.now);

export const handler = middy(
  overHttp(
    profile({
      profiles: dynamoProfileReader(dynamo, env.PROFILES_TABLE, definitions, Date.now),
      timeline: unlessNone(env.TIMELINE_TABLE, timelineIn),
      definitions,
      authorize: authorize(dynamoKeyStore(dynamo, env.RECORDS_TABLE)),
    }),
    (fault, { requestId }) => logger.error('profile not answered', { error: fault, requestId }),
  ),
).use(injectLambdaContext(logger, { resetKeys: true }));
