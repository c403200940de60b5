import type { SizeName } from '../../lib/config.ts';

/** A finding of cdk-nag that stays, and what holds in its place. */
export interface Acknowledged {
  readonly rule: string;
  /** Construct paths below the app, without the stage. */
  readonly paths: readonly string[];
  /** The compensating control. */
  readonly reason: string;
  /** Where the finding exists; absent, everywhere. */
  readonly sizes?: readonly SizeName[];
}

const FAILED =
  'arn:<AWS::Partition>:s3:::<SsmParameterValuetributarydevbucketsfailedC96584B6F00A464EAD1953AFF4B05118Parameter>';

const LAKE =
  'arn:<AWS::Partition>:s3:::<SsmParameterValuetributarydevbucketslakeC96584B6F00A464EAD1953AFF4B05118Parameter>';

const anyObjectOf = (bucket: string, prefix: string) =>
  `AwsSolutions-IAM5[Resource::${bucket}/${prefix}/*]`;

const policyOf = (capability: string) =>
  `platform/${capability}/FunctionRole/DefaultPolicy/Resource`;

const nightlyPolicyOf = (part: string) => `platform/Nightly/${part}/DefaultPolicy/Resource`;

const PREFIX_REASON =
  'An object grant cannot name keys that do not exist yet; the star is behind a prefix that belongs to this one writer, and only s3:PutObject is granted (grants are listed per function in test/infra).';

const ARCHIVE_REASON =
  'Firehose chooses the keys; the star is behind its own two prefixes of the lake, and no deletion is granted (test/infra/archive.test.ts).';

const X_RAY_REASON =
  'X-Ray has no resources to name: PutTraceSegments and PutTelemetryRecords exist for * alone. Our own rule "policy-names-resources" allows exactly these two actions.';

const INSIDE_REASON = `${X_RAY_REASON} Lambda makes the interfaces of a function in a network with its role, and wants the six actions on every resource; the rule allows exactly those as well.`;

const DISCARDED_REASON =
  'Lambda chooses the keys of what a mapping discards, always below aws/lambda/; DiscardedTo grants s3:PutObject there and s3:ListBucket, nothing else.';

const MACHINE_REASON = `${X_RAY_REASON} A machine that is traced also asks for sampling rules, and one that logs for the delivery of logs; neither knows a resource, and the rule allows exactly those actions as well.`;

const METRICS_REASON = `${X_RAY_REASON} So does cloudwatch:GetMetricData, by which \`plan\` learns how far the pipeline is behind; the rule allows it as well.`;

const STATEMENTS_REASON =
  'Athena reads and writes with the role of whoever asks, under names that it makes up; the star is behind one folder of the lake each, and objects are deleted in tables/ alone (test/infra/nightly.test.ts).';

/** Starter has nobody to tell about profiles. */
const WITH_UPDATES: readonly SizeName[] = ['standard', 'scale'];

const ROUTES = [
  'DefaultRoute',
  'OPTIONS--{proxy+}',
  'GET--v1--profiles',
  'GET--v1--profiles--{userId}',
  'GET--v1--profiles--{userId}--events',
  'GET--v1--profiles--{userId}--explain--{tag}',
  'GET--profile--{userId}',
  'GET--api--analytics--user--{userId}--page-views',
  'GET--v1--recommendations',
  'GET--v1--items--{id}--similar',
  'POST--v1--personalize',
  'GET--personalize',
  'GET--api--v1--personalize',
  'GET--api--recommendations--{userId}',
  'GET--v1--analytics--realtime',
  'GET--v1--live',
  'GET--api--analytics--real-time',
  'GET--api--analytics--recent-page-views',
  'GET--v1--failed',
  'POST--v1--failed--redrive',
  'PUT--v1--items',
  'GET--v1--items--{id}',
  'DELETE--v1--items--{id}',
  'POST--collect--batch',
  'GET--collect--batch--{jobId}',
];

export const acknowledged: readonly Acknowledged[] = [
  {
    rule: 'AwsSolutions-APIG4',
    paths: ROUTES.map((route) => `platform/Front/Api/${route}/Resource`),
    reason:
      'Five protocols carry their keys in five places (Basic user, header, body), which no authorizer of API Gateway reads; the functions check the key before anything else, and the contract tests send no key and a wrong one to every route.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    paths: [
      ...['Collection', 'Drain', 'Enrichment', 'Aggregation', 'Tally', 'Minute', 'Analytics'],
      'Admin',
    ].map(policyOf),
    reason: X_RAY_REASON,
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    paths: ['Serving', 'Personalization'].map(policyOf),
    reason: INSIDE_REASON,
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    paths: [policyOf('Projection')],
    reason: INSIDE_REASON,
    sizes: WITH_UPDATES,
  },
  {
    rule: anyObjectOf(FAILED, 'failed/collect'),
    paths: [policyOf('Collection')],
    reason: PREFIX_REASON,
  },
  {
    rule: anyObjectOf(FAILED, 'failed/enrich'),
    paths: [policyOf('Enrichment')],
    reason: PREFIX_REASON,
  },
  {
    rule: anyObjectOf(FAILED, 'failed/aggregate'),
    paths: [policyOf('Aggregation')],
    reason: PREFIX_REASON,
  },
  {
    rule: anyObjectOf(FAILED, 'failed/state'),
    paths: [policyOf('Aggregation')],
    reason: PREFIX_REASON,
  },
  {
    rule: anyObjectOf(FAILED, 'failed/outcome'),
    paths: [policyOf('Aggregation')],
    reason: PREFIX_REASON,
  },
  ...['failed/redriven/failed', 'failed/redriven/aws/lambda'].map((prefix) => ({
    rule: anyObjectOf(FAILED, prefix),
    paths: [policyOf('Admin')],
    reason: PREFIX_REASON,
  })),
  ...['failed', 'aws/lambda'].map((prefix) => ({
    rule: anyObjectOf(FAILED, prefix),
    paths: [policyOf('Admin')],
    reason:
      'What failed cannot be named before it failed. Operators read all of it, which is what the bucket is for: s3:GetObject alone (test/infra/admin.test.ts).',
  })),
  {
    rule: anyObjectOf(FAILED, 'aws/lambda'),
    paths: ['Enrichment', 'Aggregation', 'Tally'].map(policyOf),
    reason: DISCARDED_REASON,
  },
  {
    rule: anyObjectOf(FAILED, 'aws/lambda'),
    paths: [policyOf('Projection')],
    reason: DISCARDED_REASON,
    sizes: WITH_UPDATES,
  },
  ...(['raw', 'enriched'] as const).flatMap((prefix) =>
    [prefix, `errors/${prefix}`].map((folder) => ({
      rule: anyObjectOf('<Lake5F1B88EA.Arn>', folder),
      paths: [`data/${prefix === 'raw' ? 'Raw' : 'Enriched'}Archive/Role/DefaultPolicy/Resource`],
      reason: ARCHIVE_REASON,
    })),
  ),
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    paths: ['NightlyRole', 'PlanLoadRole', 'LoadRole', 'ReconcileRole'].map(nightlyPolicyOf),
    reason: X_RAY_REASON,
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    paths: [nightlyPolicyOf('PlanRole')],
    reason: METRICS_REASON,
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::*]',
    paths: [nightlyPolicyOf('Job/Role')],
    reason: MACHINE_REASON,
  },
  ...['enriched', 'tables', 'nightly', 'athena'].map((folder) => ({
    rule: anyObjectOf(LAKE, folder),
    paths: [nightlyPolicyOf('Job/Role')],
    reason: STATEMENTS_REASON,
  })),
  {
    rule: anyObjectOf(LAKE, 'athena'),
    paths: ['PlanRole', 'ReconcileRole'].map(nightlyPolicyOf),
    reason:
      'Athena names the object of a result when a statement has ended; the two read what the machine had asked, s3:GetObject alone, and it is gone after a day.',
  },
  {
    rule: anyObjectOf(LAKE, 'nightly'),
    paths: [nightlyPolicyOf('LoadRole')],
    reason:
      'A run unloads into a folder of its own, under names that Athena makes up; the star is behind nightly/, and s3:GetObject alone is granted.',
  },
  {
    rule: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:states:<AWS::Region>:<AWS::AccountId>:execution:<NightlyJobMachine82DCC4B6.Name>:*]',
    paths: [nightlyPolicyOf('NightlyRole')],
    reason:
      'A run cannot be named before it is started; the star is behind the name of the one machine, and states:DescribeExecution alone is granted.',
  },
  {
    rule: anyObjectOf(LAKE, 'catalogue'),
    paths: ['Minute', 'Personalization'].map(policyOf),
    reason:
      'A snapshot is named by what it says; the star is behind a folder that is `minute`’s alone, and rows are granted by how their keys begin (test/infra/minute.test.ts).',
  },
  {
    rule: anyObjectOf(LAKE, 'catalogue'),
    sizes: ['standard'],
    paths: [policyOf('Projection')],
    reason:
      'Whoever tells of best items reads the same snapshots, and only reads; scale tells nothing of them (test/infra/projection.test.ts).',
  },
  {
    rule: 'AwsSolutions-SF1',
    paths: ['platform/Nightly/Job/Machine/Resource'],
    reason:
      'Step Functions keeps each step of each execution for 90 days at no cost; ALL would write every statement into logs a second time. Errors are logged, and our rule "machine-logs-errors" holds it.',
  },
  {
    rule: 'AwsSolutions-KDF1',
    paths: ['data/RawArchive/Delivery', 'data/EnrichedArchive/Delivery'],
    reason:
      'A delivery stream that reads Kinesis cannot have a key of its own, AWS refuses it: its data stays in the encrypted stream until it is in the encrypted bucket. Our rule "delivery-is-encrypted" holds both ends.',
  },
  {
    rule: 'AwsSolutions-KDS3',
    paths: ['RawUserEvents', 'EnrichedEvents', 'UserProfileUpdates'].map(
      (stream) => `data/${stream}/Resource`,
    ),
    reason:
      'The rule wants the key aws/kinesis; ours is a customer key with rotation, whose use can be granted and revoked. Our rule "stream-has-customer-key" holds it.',
    sizes: ['standard', 'scale'],
  },
  {
    rule: 'AwsSolutions-AEC6',
    paths: ['data/Cache/Nodes'],
    reason:
      'No shared AUTH token: a user group with one IAM user signs in instead, over required TLS. Our rules "cache-has-user-group" and "cache-users-sign-in-by-iam" hold it.',
    sizes: ['scale'],
  },
];
