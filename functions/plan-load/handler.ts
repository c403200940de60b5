import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import { dynamoRunStore } from '../adapters/dynamo-run-store.ts';
import { s3RunObjects } from '../adapters/s3-run-objects.ts';
import { newLogger } from '../runtime/logger.ts';
import { planLoadEnv } from './env.ts';
import { planLoad } from './plan-load.ts';

const env = planLoadEnv.read(process.env);
const logger = newLogger('plan-load');

export const handler = middy(
  planLoad({
    runs: dynamoRunStore(new DynamoDBClient(), env.RECORDS_TABLE),
    objects: s3RunObjects(new S3Client(), env.LAKE_BUCKET),
  }),
).use(injectLambdaContext(logger, { resetKeys: true }));
