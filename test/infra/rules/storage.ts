import {
  at,
  type CfnTemplate,
  every,
  list,
  type Rule,
  resources,
  statements,
  target,
} from './rule.ts';

const TABLE = 'AWS::DynamoDB::GlobalTable';
const BUCKET = 'AWS::S3::Bucket';
const KEEPS_DATA =
  /^AWS::(DynamoDB::(GlobalTable|Table)|Glue::(Database|Table)|Kinesis::Stream|S3::Bucket)$/;

const replicas = (table: unknown): readonly unknown[] => list(at(table, 'Replicas'));
const allReplicas = (table: unknown, holds: (replica: unknown) => boolean): boolean =>
  replicas(table).length > 0 && replicas(table).every(holds);

/** Neither cdk-nag nor cfn-guard has a rule that knows a GlobalTable, which TableV2 becomes. */
export const storageRules: readonly Rule[] = [
  {
    id: 'table-recovers-to-any-second',
    why: 'profiles are the truth; a bad deployment must be undone to the second before it',
    broken: every(TABLE, (table) =>
      allReplicas(
        table,
        (replica) =>
          at(replica, 'PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled') === true,
      ),
    ),
  },
  {
    id: 'table-refuses-deletion',
    why: 'a replaced logical id would delete every profile',
    broken: every(TABLE, (table) =>
      allReplicas(table, (replica) => at(replica, 'DeletionProtectionEnabled') === true),
    ),
  },
  {
    id: 'table-has-customer-key',
    why: 'who may read is decided in one key policy, and can be taken back',
    broken: every(
      TABLE,
      (table) =>
        at(table, 'SSESpecification.SSEEnabled') === true &&
        at(table, 'SSESpecification.SSEType') === 'KMS' &&
        allReplicas(
          table,
          (replica) => at(replica, 'SSESpecification.KMSMasterKeyId') !== undefined,
        ),
    ),
  },
  {
    id: 'table-is-encrypted-with-kms',
    why: 'the key that DynamoDB owns leaves no trail of its use',
    broken: every(
      TABLE,
      (table) =>
        at(table, 'SSESpecification.SSEEnabled') === true &&
        at(table, 'SSESpecification.SSEType') === 'KMS',
    ),
  },
  {
    id: 'table-forgets',
    why: 'rows without an end grow for ever',
    broken: every(TABLE, (table) => at(table, 'TimeToLiveSpecification.Enabled') === true),
  },
  {
    id: 'bucket-demands-tls',
    why: 'events are personal data, also on the way',
    broken: every(BUCKET, (_bucket, template, id) =>
      bucketStatements(template, id).some(
        ({ effect, condition }) =>
          effect === 'Deny' && String(at(condition, 'Bool.aws:SecureTransport')) === 'false',
      ),
    ),
  },
  {
    id: 'bucket-is-private',
    why: 'no setting of an object can make it public',
    broken: every(BUCKET, (bucket) =>
      ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'].every(
        (setting) => at(bucket, `PublicAccessBlockConfiguration.${setting}`) === true,
      ),
    ),
  },
  {
    id: 'bucket-states-its-encryption',
    why: 'what is not stated is a default of the account',
    broken: every(
      BUCKET,
      (bucket) => list(at(bucket, 'BucketEncryption.ServerSideEncryptionConfiguration')).length > 0,
    ),
  },
  {
    id: 'bucket-has-lifecycle',
    why: 'parts of broken uploads and old versions are billed and never seen',
    broken: every(BUCKET, (bucket) => list(at(bucket, 'LifecycleConfiguration.Rules')).length > 0),
  },
  {
    id: 'bucket-is-access-logged',
    why: 'who read an object is asked after a leak, when it is too late to begin',
    broken: (template) => {
      const targets = new Set(
        resources(template, BUCKET).map(([, { Properties }]) =>
          target(at(Properties, 'LoggingConfiguration.DestinationBucketName')),
        ),
      );
      return resources(template, BUCKET)
        .filter(
          ([id, { Properties }]) =>
            !targets.has(id) && at(Properties, 'LoggingConfiguration') === undefined,
        )
        .map(([id]) => id);
    },
  },
  {
    id: 'data-outlives-its-stack',
    why: 'a stack that is deleted by mistake must not take the data along',
    broken: (template) =>
      Object.entries(template.Resources)
        .filter(
          ([, { Type, DeletionPolicy }]) => KEEPS_DATA.test(Type) && DeletionPolicy !== 'Retain',
        )
        .map(([id]) => id),
  },
  {
    id: 'key-rotates',
    why: 'a key that was copied once is worth less every year',
    broken: every('AWS::KMS::Key', (key) => at(key, 'EnableKeyRotation') === true),
  },
];

const bucketStatements = (template: CfnTemplate, id: string) =>
  resources(template, 'AWS::S3::BucketPolicy')
    .filter(([, { Properties }]) => target(at(Properties, 'Bucket')) === id)
    .flatMap(([, { Properties }]) => statements(at(Properties, 'PolicyDocument')));
