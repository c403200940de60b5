import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { config } from '../../tributary.config.ts';
import { guardedValkey } from '../adapters/guarded-valkey.ts';
import { kinesisEventStream, newKinesisClient } from '../adapters/kinesis-event-stream.ts';
import { compileProfile } from '../core/profile/facets.ts';
import { learningPresetOf } from '../core/recommend/learning.ts';
import { faultDoors } from '../runtime/fault-doors.ts';
import { WRITE_CACHE } from '../runtime/guarded-cache.ts';
import { newLogger } from '../runtime/logger.ts';
import { newMetrics } from '../runtime/metrics.ts';
import { projectEnv } from './env.ts';
import { project } from './project.ts';
import { projectReport } from './project-report.ts';

const env = projectEnv.read(process.env);
const doors = faultDoors('project', process.env);
const [logger, metrics] = [newLogger('project'), newMetrics('project')];
const fault = (message: string, cause: unknown) => logger.warn(message, cause as Error);
const atCache = { ...WRITE_CACHE, env: process.env, doors, fault };

const valkey = guardedValkey(env.CACHE_URL, atCache);
const preset = learningPresetOf(config);

export const handler = middy(
  project({
    updates: kinesisEventStream(newKinesisClient(), env.UPDATES_STREAM),
    cache: valkey?.cache,
    learning: valkey && { ...valkey, preset },
    definitions: compileProfile(config),
    now: Date.now,
    sleep,
    report: projectReport(logger, metrics),
  }),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
