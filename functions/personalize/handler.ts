import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { dynamoKeyStore } from '../adapters/dynamo-key-store.ts';
import { readProfiles } from '../adapters/read-profiles.ts';
import { newRecommendingClients, recommendingSources } from '../adapters/recommending-sources.ts';
import { lookupTables as tables } from '../core/enrichment/lookup-tables.ts';
import { compileProfile } from '../core/profile/facets.ts';
import { configured } from '../core/recommend/settings.ts';
import { authorize } from '../runtime/authorize.ts';
import { overHttp } from '../runtime/http-event.ts';
import { newLogger } from '../runtime/logger.ts';
import { timed } from '../runtime/timed.ts';
import { uuidV7 as newId } from '../runtime/uuid-v7.ts';
import { personalizeEnv } from './env.ts';
import { personalize } from './personalize.ts';

const [env, logger] = [personalizeEnv.read(process.env), newLogger('personalize')];
const fault = (message: string, cause: unknown) => logger.warn(message, cause as Error);
const clients = newRecommendingClients();
const { limits, currency, rates, corsOrigins } = config;
const places = { table: env.RECORDS_TABLE, bucket: env.LAKE_BUCKET };
const definitions = compileProfile(config);
const reading = { env, environment: process.env, definitions, fault };
const { profiles, valkey } = readProfiles('personalize', clients.dynamo, reading);
const ports = {
  profiles,
  ...recommendingSources(clients, places, { deltas: valkey?.deltas, fault }),
  authorize: authorize(dynamoKeyStore(clients.dynamo, places.table)),
  ...{ definitions, config: configured(config), tables, money: { currency, rates } },
  ...{ limits, corsOrigins, newId },
};

export const handler = middy(
  overHttp(
    timed(personalize(ports), () => performance.now()),
    (cause, { requestId }) => logger.error('personalize not answered', { error: cause, requestId }),
  ),
).use(injectLambdaContext(logger, { resetKeys: true }));
