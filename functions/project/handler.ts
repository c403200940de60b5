import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { guardedValkey } from '../adapters/guarded-valkey.ts';
import { kinesisEventStream, newKinesisClient } from '../adapters/kinesis-event-stream.ts';
import { newRecommendingClients, recommendingSources } from '../adapters/recommending-sources.ts';
import { compileProfile } from '../core/profile/facets.ts';
import { learningPresetOf } from '../core/recommend/learning.ts';
import { configured } from '../core/recommend/settings.ts';
import { unlessNone } from '../runtime/env.ts';
import { faultDoors } from '../runtime/fault-doors.ts';
import { WRITE_CACHE } from '../runtime/guarded-cache.ts';
import { newLogger } from '../runtime/logger.ts';
import { newMetrics } from '../runtime/metrics.ts';
import { projectEnv } from './env.ts';
import { project } from './project.ts';
import { projectReport } from './project-report.ts';

const [env, doors] = [projectEnv.read(process.env), faultDoors('project', process.env)];
const [logger, metrics, now] = [newLogger('project'), newMetrics('project'), Date.now];
const fault = (message: string, cause: unknown) => logger.warn(message, cause as Error);
const valkey = guardedValkey(env.CACHE_URL, { ...WRITE_CACHE, env: process.env, doors, fault });
const from = { bucket: env.LAKE_BUCKET, ...valkey, fault };
const sources = unlessNone(env.RECORDS_TABLE, (table) =>
  recommendingSources(newRecommendingClients(), { ...from, table }, from),
);
const ports = {
  updates: kinesisEventStream(newKinesisClient(), env.UPDATES_STREAM),
  cache: valkey?.cache,
  learning: valkey && { ...valkey, preset: learningPresetOf(config) },
  recommending: valkey && sources && { ...valkey, ...sources, config: configured(config) },
  ...{ definitions: compileProfile(config), now, sleep, report: projectReport(logger, metrics) },
};

export const handler = middy(project(ports))
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
