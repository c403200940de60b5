import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { AthenaClient } from '@aws-sdk/client-athena';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { athenaQueryResults } from '../adapters/athena-query-results.ts';
import { cloudwatchLagReader } from '../adapters/cloudwatch-lag-reader.ts';
import { dynamoItemListsWriter } from '../adapters/dynamo-item-lists-writer.ts';
import { dynamoRunStore } from '../adapters/dynamo-run-store.ts';
import { s3RunObjects } from '../adapters/s3-run-objects.ts';
import { printStatement } from '../core/nightly/print-statement.ts';
import { compileTags } from '../core/tags/compile.ts';
import { newLogger } from '../runtime/logger.ts';
import { countIn, newMetrics } from '../runtime/metrics.ts';
import { planEnv } from './env.ts';
import { plan } from './plan.ts';

const [env, dynamo] = [planEnv.read(process.env), new DynamoDBClient()];
const [logger, metrics, tags] = [newLogger('plan'), newMetrics('plan'), compileTags(config)];
const names = new Map(tags.lake.map(({ version, definition }) => [version, definition.name]));
const lake = { database: env.LAKE_DATABASE, bucket: env.LAKE_BUCKET };

export const handler = middy(
  plan({
    runs: dynamoRunStore(dynamo, env.RECORDS_TABLE),
    lists: dynamoItemListsWriter(dynamo, env.RECORDS_TABLE),
    lags: cloudwatchLagReader(new CloudWatchClient(), env),
    objects: s3RunObjects(new S3Client(), env.LAKE_BUCKET),
    results: athenaQueryResults(new AthenaClient()),
    versions: [...names.keys()],
    nameOf: (version) => names.get(version) ?? version,
    print: printStatement(lake, { ...tags, learning: config.recommend?.preset }),
    ...{ now: Date.now, count: countIn(metrics) },
  }),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
