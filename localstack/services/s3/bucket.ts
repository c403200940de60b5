/** AWS::S3::Bucket and its policy. */
import type { ResolvedResource, ResourceType } from '../../cloud.ts';
import type { LifecycleRule } from './lifecycle.ts';
import { bucketName } from './object-paths.ts';

export interface Buckets {
  readonly region: string;
  readonly ensure: (name: string) => void;
  readonly setVersioned: (name: string, on: boolean) => void;
  readonly setRules: (name: string, rules: readonly LifecycleRule[]) => void;
}

interface Properties {
  readonly BucketName?: string;
  readonly VersioningConfiguration?: { readonly Status?: string };
  readonly LifecycleConfiguration?: { readonly Rules?: readonly LifecycleRule[] };
}

const create = async (buckets: Buckets, resource: ResolvedResource) => {
  const properties = resource.properties as Properties;
  const name = properties.BucketName ?? bucketName(resource.physicalName);
  buckets.ensure(name);
  buckets.setVersioned(name, properties.VersioningConfiguration?.Status === 'Enabled');
  buckets.setRules(name, properties.LifecycleConfiguration?.Rules ?? []);
  const domain = `${name}.s3.amazonaws.com`;
  return {
    ref: name,
    attributes: {
      Arn: `arn:aws:s3:::${name}`,
      DomainName: domain,
      RegionalDomainName: `${name}.s3.${buckets.region}.amazonaws.com`,
    },
  };
};

export const bucket = (buckets: Buckets): ResourceType => ({
  type: 'AWS::S3::Bucket',
  honoured: [
    'BucketName',
    'VersioningConfiguration.Status',
    'LifecycleConfiguration.Rules[].Id',
    'LifecycleConfiguration.Rules[].Status',
    'LifecycleConfiguration.Rules[].Prefix',
    'LifecycleConfiguration.Rules[].ExpirationInDays',
    'LifecycleConfiguration.Rules[].Transitions[].StorageClass',
    'LifecycleConfiguration.Rules[].Transitions[].TransitionInDays',
    'LifecycleConfiguration.Rules[].NoncurrentVersionExpiration.NoncurrentDays',
    'LifecycleConfiguration.Rules[].ExpiredObjectDeleteMarker',
    'LifecycleConfiguration.Rules[].AbortIncompleteMultipartUpload.DaysAfterInitiation',
  ],
  inert: {
    BucketEncryption: 'keys',
    // Both say who may do what; nobody is refused here.
    PublicAccessBlockConfiguration: 'iam',
    OwnershipControls: 'iam',
    LoggingConfiguration: 'logs',
    Tags: 'tags',
  },
  create: (resource) => create(buckets, resource),
});

export const bucketPolicy: ResourceType = {
  type: 'AWS::S3::BucketPolicy',
  honoured: [],
  inert: { Bucket: 'iam', PolicyDocument: 'iam' },
  create: async ({ physicalName }) => ({ ref: physicalName, attributes: {} }),
};
