import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { dynamoKeyStore } from '../adapters/dynamo-key-store.ts';
import { dynamoProfileEntries } from '../adapters/dynamo-profile-entries.ts';
import { dynamoTimelineReader } from '../adapters/dynamo-timeline-reader.ts';
import { guardedValkey } from '../adapters/guarded-valkey.ts';
import { compileProfile } from '../core/profile/facets.ts';
import { authorize } from '../runtime/authorize.ts';
import { unlessNone } from '../runtime/env.ts';
import { faultDoors } from '../runtime/fault-doors.ts';
import { READ_CACHE } from '../runtime/guarded-cache.ts';
import { overHttp } from '../runtime/http-event.ts';
import { newLogger } from '../runtime/logger.ts';
import { profileRepository } from '../runtime/profile-repository.ts';
import { profileEnv } from './env.ts';
import { profile } from './profile.ts';

const env = profileEnv.read(process.env);
const doors = faultDoors('profile', process.env);
const logger = newLogger('profile');
const fault = (message: string, cause: unknown) => logger.warn(message, cause as Error);
const dynamo = new DynamoDBClient();
const [definitions, now, random] = [compileProfile(config), Date.now, Math.random];
const atCache = { ...READ_CACHE, env: process.env, doors, fault };
const cache = guardedValkey(env.CACHE_URL, atCache)?.cache;
const table = doors.port('profiles', dynamoProfileEntries(dynamo, env.PROFILES_TABLE));
const ports = {
  profiles: profileRepository({ cache, table, definitions, now, random, fault }),
  timeline: unlessNone(env.TIMELINE_TABLE, (name) => dynamoTimelineReader(dynamo, name, now)),
  definitions,
  authorize: authorize(dynamoKeyStore(dynamo, env.RECORDS_TABLE)),
};

export const handler = middy(
  overHttp(profile(ports), (cause, { requestId }) =>
    logger.error('profile not answered', { error: cause, requestId }),
  ),
).use(injectLambdaContext(logger, { resetKeys: true }));
