import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { config } from '../../tributary.config.ts';
import { athenaQueryResults } from '../adapters/athena-query-results.ts';
import { dynamoProfileEntries } from '../adapters/dynamo-profile-entries.ts';
import { dynamoRunStore } from '../adapters/dynamo-run-store.ts';
import type { ReconcileTask } from '../core/nightly/tasks.ts';
import { compileProfile } from '../core/profile/facets.ts';
import { newLogger } from '../runtime/logger.ts';
import { newMetrics } from '../runtime/metrics.ts';
import { profileRepository } from '../runtime/profile-repository.ts';
import { driftMetrics } from './drift-metrics.ts';
import { reconcileEnv } from './env.ts';
import { reconcile } from './reconcile.ts';

const env = reconcileEnv.read(process.env);
const [logger, metrics] = [newLogger('reconcile'), newMetrics('reconcile')];
const [dynamo, definitions] = [new DynamoDBClient(), compileProfile(config)];
const table = dynamoProfileEntries(dynamo, env.PROFILES_TABLE);
const fault = (message: string, cause: unknown) => logger.warn(message, cause as Error);
/** Of a call's time: what is compared by then is told. */
const TIME_SHARE = 0.8;

const serve = reconcile({
  runs: dynamoRunStore(dynamo, env.RECORDS_TABLE),
  results: athenaQueryResults(new AthenaClient()),
  profiles: profileRepository({ table, definitions, now: Date.now, random: Math.random, fault }),
  tags: definitions.folded.filter(({ definition }) => definition.source === 'both'),
  ...{ now: Date.now, measured: driftMetrics(metrics) },
});

export const handler = middy((task: ReconcileTask, context: Context) =>
  serve(task, Date.now() + TIME_SHARE * context.getRemainingTimeInMillis()),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
