import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import { kinesisEventStream, newKinesisClient } from '../adapters/kinesis-event-stream.ts';
import { s3FailedStore } from '../adapters/s3-failed-store.ts';
import { readBuildStamp } from '../core/bug-wave.ts';
import { lookupTables } from '../core/enrichment/lookup-tables.ts';
import { faultDoors } from '../runtime/fault-doors.ts';
import { newLogger } from '../runtime/logger.ts';
import { newMetrics } from '../runtime/metrics.ts';
import { enrich } from './enrich.ts';
import { enrichReport } from './enrich-report.ts';
import { enrichEnv } from './env.ts';

const env = enrichEnv.read(process.env);
const doors = faultDoors('enrich', process.env);
const logger = newLogger('enrich');
const metrics = newMetrics('enrich');

export const handler = middy(
  doors.call(
    enrich({
      enriched: doors.stream(kinesisEventStream(newKinesisClient(), env.ENRICHED_STREAM)),
      failed: doors.port('failed', s3FailedStore(new S3Client(), env.FAILED_BUCKET)),
      tables: doors.events(lookupTables),
      deployedAt: readBuildStamp(process.env.DEPLOYED_AT),
      now: Date.now,
      sleep,
      report: enrichReport(logger, metrics),
    }),
  ),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
