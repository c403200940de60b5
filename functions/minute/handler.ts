import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import { dynamoCatalogueChanges } from '../adapters/dynamo-catalogue-changes.ts';
import { dynamoItemDemandReader } from '../adapters/dynamo-item-demand-reader.ts';
import { dynamoTrendsStore } from '../adapters/dynamo-trends-store.ts';
import { s3CatalogueSnapshots } from '../adapters/s3-catalogue-snapshots.ts';
import { newLogger } from '../runtime/logger.ts';
import { newMetrics } from '../runtime/metrics.ts';
import { newestCatalogues } from '../runtime/newest-catalogues.ts';
import { minuteEnv } from './env.ts';
import { trendsStep } from './merge-all-trends.ts';
import { minute } from './minute.ts';
import { minuteReport } from './minute-report.ts';
import { snapshotCatalogues } from './snapshot-catalogues.ts';

const { RECORDS_TABLE: table, LAKE_BUCKET: bucket } = minuteEnv.read(process.env);
const [logger, metrics, now] = [newLogger('minute'), newMetrics('minute'), Date.now];
const report = minuteReport(logger, metrics);
const clients = { s3: new S3Client(), dynamo: new DynamoDBClient() };
const snapshots = s3CatalogueSnapshots(clients, { bucket, table });
const changes = dynamoCatalogueChanges(clients.dynamo, table);
const catalogues = snapshotCatalogues({ changes, snapshots, now, report: report.catalogues });
const trends = trendsStep({
  demand: dynamoItemDemandReader(clients.dynamo, table, now),
  trends: dynamoTrendsStore(clients.dynamo, table, now),
  catalogueOf: newestCatalogues({ snapshots, now, fault: report.trends.fault }),
  ...{ ...report.trends, now },
});
const steps = [
  { name: 'snapshot-catalogues', failures: 'CatalogueFailed', run: catalogues },
  { name: 'merge-trends', failures: 'TrendsFailed', run: trends },
];

export const handler = middy(minute({ steps, now, report: report.steps }))
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
