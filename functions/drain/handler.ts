import { setTimeout as sleep } from 'node:timers/promises';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import { guardedKinesisStream } from '../adapters/guarded-kinesis-stream.ts';
import { sqsSpilledMessages } from '../adapters/sqs-spilled-messages.ts';
import { faultDoors } from '../runtime/fault-doors.ts';
import { newLogger } from '../runtime/logger.ts';
import { countIn, newMetrics } from '../runtime/metrics.ts';
import { drain } from './drain.ts';
import { drainEnv } from './env.ts';

const env = drainEnv.read(process.env);
const doors = faultDoors('drain', process.env);
const logger = newLogger('drain');
const metrics = newMetrics('drain');

export const handler = middy(
  drain({
    stream: guardedKinesisStream(env.RAW_STREAM, doors.stream),
    messages: sqsSpilledMessages(env.SPILL_QUEUE_URL),
    now: Date.now,
    sleep,
    random: Math.random,
    count: countIn(metrics),
    report: (message, fault) => logger.error(message, fault as Error),
  }),
)
  .use(injectLambdaContext(logger, { resetKeys: true }))
  .use(logMetrics(metrics));
