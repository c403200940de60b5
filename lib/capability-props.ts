import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { PlatformConfig } from './config.ts';

/** What every capability is given beside the streams and tables that it works on. */
export interface CapabilityProps {
  readonly config: PlatformConfig;
  readonly deployedAt?: string | undefined;
  /** Encrypts everything in Data; absent where AWS's own keys do. */
  readonly key: IKey | undefined;
}

export interface ParkingProps {
  /** Where what cannot be used is kept, with its bytes, for a person to look at. */
  readonly failed: IBucket;
}

/**
 * What DynamoDB asks of its caller for a table under a customer key, by name; a grant of CDK's
 * would say `kms:ReEncrypt*`.
 */
export const TABLE_READ_KEY_ACTIONS = ['kms:Decrypt', 'kms:DescribeKey'] as const;

export const TABLE_WRITE_KEY_ACTIONS = [
  ...TABLE_READ_KEY_ACTIONS,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
] as const;
