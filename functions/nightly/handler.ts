import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SFNClient } from '@aws-sdk/client-sfn';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { dynamoKeyStore } from '../adapters/dynamo-key-store.ts';
import { dynamoRunStore } from '../adapters/dynamo-run-store.ts';
import { statesMachine } from '../adapters/states-machine.ts';
import type { ScheduledStart } from '../core/nightly/tasks.ts';
import { authorize } from '../runtime/authorize.ts';
import { overHttp } from '../runtime/http-event.ts';
import { newLogger } from '../runtime/logger.ts';
import { nightlyEnv } from './env.ts';
import { nightly } from './nightly.ts';
import { startRun } from './start-run.ts';

const env = nightlyEnv.read(process.env);
const logger = newLogger('nightly');
const dynamo = new DynamoDBClient();
const ports = {
  runs: dynamoRunStore(dynamo, env.RECORDS_TABLE),
  machine: statesMachine(new SFNClient(), env.NIGHTLY_MACHINE),
  authorize: authorize(dynamoKeyStore(dynamo, env.RECORDS_TABLE)),
  now: Date.now,
  random: Math.random,
};
const serve = overHttp(nightly(ports), (fault, { requestId }) =>
  logger.error('nightly not answered', { error: fault, requestId }),
);

/** The Scheduler's event names its source; all else is HTTP. */
export const handler = middy(async (event: APIGatewayProxyEventV2 | ScheduledStart) => {
  if (!('source' in event)) return serve(event);
  const started = await startRun(ports);
  logger.info('a night', { ...started });
  return started;
}).use(injectLambdaContext(logger, { resetKeys: true }));
