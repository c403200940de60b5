import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import { dynamoCatalogueChanges } from '../adapters/dynamo-catalogue-changes.ts';
import { s3CatalogueSnapshotsReader } from '../adapters/s3-catalogue-snapshots-reader.ts';
import { s3CatalogueSnapshotsWriter } from '../adapters/s3-catalogue-snapshots-writer.ts';
import { newLogger } from '../runtime/logger.ts';
import { newMetrics } from '../runtime/metrics.ts';
import { minuteEnv } from './env.ts';
import { minute } from './minute.ts';
import { minuteReport } from './minute-report.ts';
import { snapshotCatalogues } from './snapshot-catalogues.ts';

const env = minuteEnv.read(process.env);
const [logger, metrics] = [newLogger('minute'), newMetrics('minute')];
const report = minuteReport(logger, metrics);
const clients = { s3: new S3Client(), dynamo: new DynamoDBClient() };
const places = { bucket: env.LAKE_BUCKET, table: env.RECORDS_TABLE };

const catalogues = snapshotCatalogues({
  changes: dynamoCatalogueChanges(clients.dynamo, env.RECORDS_TABLE),
  snapshots: {
    ...s3CatalogueSnapshotsReader(clients, places),
    ...s3CatalogueSnapshotsWriter(clients, places),
  },
  ...{ now: Date.now, report: report.catalogues },
});
const steps = [{ name: 'snapshot-catalogues', failures: 'CatalogueFailed', run: catalogues }];

export const handler = middy(minute({ steps, now: Date.now, report: report.steps }))
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
