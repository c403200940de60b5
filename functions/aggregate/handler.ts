import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { dynamoProfileStore } from '../adapters/dynamo-profile-store.ts';
import { dynamoTimelineStore } from '../adapters/dynamo-timeline-store.ts';
import { s3FailedStore } from '../adapters/s3-failed-store.ts';
import { s3RedriveOutcomes } from '../adapters/s3-redrive-outcomes.ts';
import { readBuildStamp } from '../core/bug-wave.ts';
import { compileProfile } from '../core/profile/facets.ts';
import { unlessNone } from '../runtime/env.ts';
import { faultDoors } from '../runtime/fault-doors.ts';
import { newLogger } from '../runtime/logger.ts';
import { newMetrics } from '../runtime/metrics.ts';
import { aggregate } from './aggregate.ts';
import { aggregateReport } from './aggregate-report.ts';
import { aggregateEnv } from './env.ts';

const [env, doors] = [aggregateEnv.read(process.env), faultDoors('aggregate', process.env)];
const [logger, metrics] = [newLogger('aggregate'), newMetrics('aggregate')];
const [dynamo, s3] = [new DynamoDBClient(), new S3Client()];
const timelineIn = (table: string) => dynamoTimelineStore(dynamo, table, Date.now);

export const handler = middy(
  doors.call(
    aggregate({
      profiles: doors.port('profiles', dynamoProfileStore(dynamo, env.PROFILES_TABLE)),
      timeline: unlessNone(env.TIMELINE_TABLE, (name) => doors.port('records', timelineIn(name))),
      failed: doors.port('failed', s3FailedStore(s3, env.FAILED_BUCKET)),
      outcomes: doors.port('failed', s3RedriveOutcomes(s3, env.FAILED_BUCKET)),
      definitions: doors.events(compileProfile(config)),
      ...{ now: Date.now, deployedAt: readBuildStamp(process.env.DEPLOYED_AT) },
      report: aggregateReport(logger, metrics),
    }),
  ),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
