import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type {
  DlqDestinationConfig,
  IEventSourceDlq,
  IEventSourceMapping,
  IFunction,
} from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';

/** Where Lambda itself chooses the keys of what a mapping gives up on. */
export const DISCARDED_PREFIX = 'aws/lambda/';

/**
 * Keeps the records that a mapping discards, with their bytes. CDK's own S3 destination grants
 * reading, deleting and tagging of the whole bucket; Lambda needs to list it and to put objects.
 */
export class DiscardedTo implements IEventSourceDlq {
  readonly #bucket: IBucket;
  readonly #key: IKey | undefined;

  constructor(bucket: IBucket, key: IKey | undefined) {
    this.#bucket = bucket;
    this.#key = key;
  }

  bind(_target: IEventSourceMapping, handler: IFunction): DlqDestinationConfig {
    handler.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:PutObject'],
        resources: [this.#bucket.arnForObjects(`${DISCARDED_PREFIX}*`)],
      }),
    );
    handler.addToRolePolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.#bucket.bucketArn] }),
    );
    this.#key?.grant(handler, 'kms:GenerateDataKey');
    return { destination: this.#bucket.bucketArn };
  }
}
