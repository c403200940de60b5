import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface SpillQueueProps {
  readonly key: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
  /** Of the function that reads it. */
  readonly drainSeconds: number;
}

/** What AWS asks for between a reader's timeout and the time a message is hidden from the others. */
const VISIBILITY_PER_TIMEOUT = 6;
const KEPT = Duration.days(14);
const RECEIVES_MAX = 1000;

/** Where events wait while their stream is away, and where those end that no drain can put. */
export class SpillQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { key, removalPolicy, drainSeconds }: SpillQueueProps) {
    super(scope, id);
    const common = {
      retentionPeriod: KEPT,
      enforceSSL: true,
      removalPolicy,
      ...(key
        ? { encryption: QueueEncryption.KMS, encryptionMasterKey: key }
        : { encryption: QueueEncryption.SQS_MANAGED }),
    };
    this.deadLetters = new Queue(this, 'DeadLetters', common);
    this.queue = new Queue(this, 'Queue', {
      ...common,
      visibilityTimeout: Duration.seconds(drainSeconds * VISIBILITY_PER_TIMEOUT),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: RECEIVES_MAX },
    });
  }
}
