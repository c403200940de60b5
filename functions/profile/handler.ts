import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { dynamoKeyStore } from '../adapters/dynamo-key-store.ts';
import { dynamoTimelineReader } from '../adapters/dynamo-timeline-reader.ts';
import { readProfiles } from '../adapters/read-profiles.ts';
import { compileProfile } from '../core/profile/facets.ts';
import { authorize } from '../runtime/authorize.ts';
import { unlessNone } from '../runtime/env.ts';
import { overHttp } from '../runtime/http-event.ts';
import { newLogger } from '../runtime/logger.ts';
import { profileEnv } from './env.ts';
import { profile } from './profile.ts';

const [env, logger] = [profileEnv.read(process.env), newLogger('profile')];
const fault = (message: string, cause: unknown) => logger.warn(message, cause as Error);
const [dynamo, definitions] = [new DynamoDBClient(), compileProfile(config)];
const reading = { env, environment: process.env, definitions, fault };
const ports = {
  profiles: readProfiles('profile', dynamo, reading).profiles,
  timeline: unlessNone(env.TIMELINE_TABLE, (name) => dynamoTimelineReader(dynamo, name, Date.now)),
  definitions,
  authorize: authorize(dynamoKeyStore(dynamo, env.RECORDS_TABLE)),
};

export const handler = middy(
  overHttp(profile(ports), (cause, { requestId }) =>
    logger.error('profile not answered', { error: cause, requestId }),
  ),
).use(injectLambdaContext(logger, { resetKeys: true }));
