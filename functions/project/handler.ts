import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { kinesisEventStream } from '../adapters/kinesis-event-stream.ts';
import { compileProfile } from '../core/profile/facets.ts';
import { newLogger } from '../runtime/logger.ts';
import { newMetrics } from '../runtime/metrics.ts';
import { projectEnv } from './env.ts';
import { project } from './project.ts';
import { projectReport } from './project-report.ts';

const env = projectEnv.read(process.env);
const logger = newLogger('project');
const metrics = newMetrics('project');

export const handler = middy(
  project({
    updates: kinesisEventStream(new KinesisClient(), env.UPDATES_STREAM),
    definitions: compileProfile(config),
    now: Date.now,
    sleep,
    report: projectReport(logger, metrics),
  }),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
