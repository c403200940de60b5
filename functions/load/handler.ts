import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { config } from '../../tributary.config.ts';
import { dynamoItemListsWriter } from '../adapters/dynamo-item-lists-writer.ts';
import { dynamoOffStore } from '../adapters/dynamo-off-store.ts';
import { dynamoRunStore } from '../adapters/dynamo-run-store.ts';
import { s3RunObjects } from '../adapters/s3-run-objects.ts';
import type { LoadTask } from '../core/nightly/tasks.ts';
import { compileTags } from '../core/tags/compile.ts';
import { newLogger } from '../runtime/logger.ts';
import { countIn, newMetrics } from '../runtime/metrics.ts';
import { encodeTags } from './encode-tags.ts';
import { loadEnv } from './env.ts';
import { load } from './load.ts';

const [env, dynamo] = [loadEnv.read(process.env), new DynamoDBClient()];
const [logger, metrics] = [newLogger('load'), newMetrics('load')];
/** Of a call's time; the rest is for the chunk that is under way. */
const TIME_SHARE = 0.8;

const serve = load({
  runs: dynamoRunStore(dynamo, env.RECORDS_TABLE),
  objects: s3RunObjects(new S3Client(), env.LAKE_BUCKET),
  off: dynamoOffStore(dynamo, env.PROFILES_TABLE),
  lists: dynamoItemListsWriter(dynamo, env.RECORDS_TABLE),
  encode: encodeTags(compileTags(config).lake),
  writesPerSecond: Number(env.WRITES_PER_SECOND),
  ...{ now: Date.now, sleep, count: countIn(metrics) },
});

export const handler = middy((task: LoadTask, context: Context) =>
  serve(task, Date.now() + TIME_SHARE * context.getRemainingTimeInMillis()),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
