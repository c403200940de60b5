import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { dynamoKeyStore } from '../adapters/dynamo-key-store.ts';
import { kinesisEventStream } from '../adapters/kinesis-event-stream.ts';
import { s3FailedStore } from '../adapters/s3-failed-store.ts';
import { overHttp } from '../runtime/http-event.ts';
import { newLogger } from '../runtime/logger.ts';
import { countIn, newMetrics } from '../runtime/metrics.ts';
import { randomBatchId, uuidV7 } from '../runtime/uuid-v7.ts';
import { collect } from './collect.ts';
import { collectEnv } from './env.ts';

const env = collectEnv.read(process.env);
const logger = newLogger('collect');
const metrics = newMetrics('collect');
const { limits, currency, rates, corsOrigins } = config;
const ports = {
  keys: dynamoKeyStore(new DynamoDBClient(), env.RECORDS_TABLE),
  // Tried again by us, record by record; a try of the SDK's own would repeat the whole call.
  stream: kinesisEventStream(new KinesisClient({ maxAttempts: 1 }), env.RAW_STREAM),
  failed: s3FailedStore(new S3Client(), env.FAILED_BUCKET),
  ...{ limits, corsOrigins, sleep, random: Math.random, newBatchId: randomBatchId },
  ...{ money: { currency, rates }, newEventId: uuidV7, now: Date.now, count: countIn(metrics) },
  report: (message: string, fault: unknown, requestId: string) =>
    logger.error(message, { fault, requestId }),
};

export const handler = middy(
  overHttp(collect(ports), (fault) => logger.error('request failed', { fault })),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
