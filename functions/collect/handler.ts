import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { dynamoKeyStore } from '../adapters/dynamo-key-store.ts';
import { guardedKinesisStream } from '../adapters/guarded-kinesis-stream.ts';
import { s3FailedStore } from '../adapters/s3-failed-store.ts';
import { sqsSpillQueue } from '../adapters/sqs-spill-queue.ts';
import { faultDoors } from '../runtime/fault-doors.ts';
import { overHttp } from '../runtime/http-event.ts';
import { newLogger } from '../runtime/logger.ts';
import { countIn, newMetrics } from '../runtime/metrics.ts';
import { randomBatchId, uuidV7 } from '../runtime/uuid-v7.ts';
import { collect } from './collect.ts';
import { collectEnv } from './env.ts';

const env = collectEnv.read(process.env);
const doors = faultDoors('collect', process.env);
const logger = newLogger('collect');
const metrics = newMetrics('collect');
const { limits, currency, rates, corsOrigins } = config;
const ports = {
  keys: doors.port('records', dynamoKeyStore(new DynamoDBClient(), env.RECORDS_TABLE)),
  stream: guardedKinesisStream(env.RAW_STREAM, doors.stream),
  spill: doors.spill(sqsSpillQueue(env.SPILL_QUEUE_URL)),
  failed: doors.port('failed', s3FailedStore(new S3Client(), env.FAILED_BUCKET)),
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
