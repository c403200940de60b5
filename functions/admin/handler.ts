import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { dynamoCatalogueStore } from '../adapters/dynamo-catalogue-store.ts';
import { dynamoKeyStore } from '../adapters/dynamo-key-store.ts';
import { kinesisEventStream, newKinesisClient } from '../adapters/kinesis-event-stream.ts';
import { s3FailedArchive } from '../adapters/s3-failed-archive.ts';
import { lookupTables } from '../core/enrichment/lookup-tables.ts';
import { authorize } from '../runtime/authorize.ts';
import { overHttp } from '../runtime/http-event.ts';
import { newLogger } from '../runtime/logger.ts';
import { admin } from './admin.ts';
import { adminEnv } from './env.ts';

const env = adminEnv.read(process.env);
const logger = newLogger('admin');
const { currency, rates } = config;
const dynamo = new DynamoDBClient();

export const handler = middy(
  overHttp(
    admin({
      catalogue: dynamoCatalogueStore(dynamo, env.RECORDS_TABLE),
      archive: s3FailedArchive(new S3Client(), env.FAILED_BUCKET),
      stream: kinesisEventStream(newKinesisClient(), env.RAW_STREAM),
      tables: lookupTables,
      money: { currency, rates },
      authorize: authorize(dynamoKeyStore(dynamo, env.RECORDS_TABLE)),
      now: Date.now,
      sleep,
    }),
    (fault, { requestId }) => logger.error('admin not answered', { error: fault, requestId }),
  ),
).use(injectLambdaContext(logger, { resetKeys: true }));
