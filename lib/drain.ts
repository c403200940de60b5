import { Duration } from 'aws-cdk-lib';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import { type IFunction, MetricType } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { drainEnv } from '../functions/drain/env.ts';
import type { CapabilityProps } from './capability-props.ts';
import { NodeFunction } from './node-function.ts';

export interface DrainProps extends CapabilityProps {
  readonly spill: IQueue;
  readonly events: IStream;
}

const MESSAGES_MAX = 10;

/** Puts what was spilled onto the stream once it takes records again. */
export class Drain extends Construct {
  readonly function: IFunction;

  constructor(scope: Construct, id: string, props: DrainProps) {
    super(scope, id);
    const { config, spill, events, key } = props;
    this.function = new NodeFunction(this, 'Function', {
      capability: 'drain',
      config,
      deployedAt: props.deployedAt,
      environment: drainEnv.provide({
        RAW_STREAM: events.streamName,
        SPILL_QUEUE_URL: spill.queueUrl,
      }),
    });

    events.grant(this.function, 'kinesis:PutRecords');
    spill.grant(
      this.function,
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
    );
    key?.grant(this.function, 'kms:Decrypt', 'kms:GenerateDataKey');
    this.function.addEventSourceMapping('Spill', {
      eventSourceArn: spill.queueArn,
      enabled: true,
      batchSize: MESSAGES_MAX,
      maxBatchingWindow: Duration.seconds(0),
      maxConcurrency: config.drainsAtOnce,
      reportBatchItemFailures: true,
      ...(config.alarms ? { metricsConfig: { metrics: [MetricType.EVENT_COUNT] } } : {}),
    });
  }
}
