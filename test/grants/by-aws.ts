/**
 * What AWS itself does with a function's role, and no call of the function's shows: each action
 * with its resource, so that a wider grant is not excused. The template says which of it a function
 * must be able to do; an entry that excuses no grant at all is one to take away.
 */
import type { GrantedFunction, GrantedPlatform, Mapping } from './granted.ts';
import type { Call } from './policy.ts';

export interface ByAws {
  /** Who does it, and why: `mapping reads kinesis`. */
  readonly by: string;
  readonly action: string;
  readonly resource: string;
}

/** The function's part of the platform: what it was seen to do is what a key is needed for. */
export interface Seen {
  readonly lambda: GrantedFunction;
  readonly key: GrantedPlatform['key'];
  readonly calls: readonly Call[];
}

const MAPPING_READS: Readonly<Record<string, readonly string[]>> = {
  kinesis: [
    'kinesis:DescribeStream',
    'kinesis:DescribeStreamSummary',
    'kinesis:GetRecords',
    'kinesis:GetShardIterator',
    'kinesis:ListShards',
    'kinesis:ListStreams',
  ],
  dynamodb: [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
  ],
  sqs: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
};

const INTERFACES = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

const TABLE_READ = ['kms:Decrypt', 'kms:DescribeKey'];
const TABLE_WRITE = [
  ...TABLE_READ,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** What a service asks of a customer key in its caller's name; an empty list: nothing. */
const KEY_FOR: Readonly<Record<string, readonly string[]>> = {
  'athena:GetQueryResults': ['kms:Decrypt'],
  'cloudwatch:GetMetricData': [],
  'dynamodb:BatchGetItem': TABLE_READ,
  'dynamodb:GetItem': TABLE_READ,
  'dynamodb:Query': TABLE_READ,
  'dynamodb:DeleteItem': TABLE_WRITE,
  'dynamodb:PutItem': TABLE_WRITE,
  'dynamodb:UpdateItem': TABLE_WRITE,
  'kinesis:PutRecords': ['kms:GenerateDataKey'],
  's3:DeleteObject': [],
  's3:GetObject': ['kms:Decrypt'],
  's3:ListBucket': [],
  's3:PutObject': ['kms:GenerateDataKey'],
  'states:DescribeExecution': [],
  'states:StartExecution': [],
  'sqs:ChangeMessageVisibility': [],
  'sqs:SendMessage': ['kms:Decrypt', 'kms:GenerateDataKey'],
};

const serviceOf = (arn: string): string => arn.split(':')[2] ?? '';

const readsOf = ({ source }: Mapping): readonly ByAws[] => {
  const service = serviceOf(source);
  const actions = MAPPING_READS[service];
  if (actions === undefined) throw new Error(`what a mapping of ${service} reads is not listed`);
  return actions.map((action) => ({ by: `mapping reads ${service}`, action, resource: source }));
};

const discards = ({ discardedTo: bucket }: Mapping): readonly ByAws[] =>
  bucket === undefined
    ? []
    : [
        { by: 'mapping discards', action: 's3:PutObject', resource: `${bucket}/aws/lambda/*` },
        { by: 'mapping discards', action: 's3:ListBucket', resource: bucket },
      ];

const usesOfKey = ({ lambda, key, calls }: Seen): readonly ByAws[] => {
  if (key === undefined) return [];
  const use = (reason: string, actions: readonly string[]) =>
    actions.map((action) => ({ by: `key for ${reason}`, action, resource: key }));
  const called = [...new Set(calls.map(({ action }) => action))].flatMap((action) => {
    const actions = KEY_FOR[action];
    if (actions === undefined) {
      throw new Error(`${lambda.shortName} calls ${action}: say in KEY_FOR what it asks of a key`);
    }
    return use(action, actions);
  });
  const mapped = lambda.mappings.flatMap(({ source, discardedTo }) => [
    ...use(`mapping reads ${serviceOf(source)}`, ['kms:Decrypt']),
    ...use('mapping discards', discardedTo === undefined ? [] : ['kms:GenerateDataKey']),
  ]);
  return [...called, ...mapped];
};

/** A snapshot of the catalogue may be removed between its pointer and its reader. */
const snapshotBuckets = (calls: readonly Call[]): ReadonlySet<string> =>
  new Set(
    calls.flatMap(({ action, resource }) => {
      const [bucket = '', folder] = resource.split('/');
      return action === 's3:GetObject' && folder === 'catalogue' ? [bucket] : [];
    }),
  );

export const byAws = (seen: Seen): readonly ByAws[] => {
  const { lambda, calls } = seen;
  const on = (by: string, resource: string, actions: readonly string[]) =>
    actions.map((action) => ({ by, action, resource }));
  return [
    ...on('logs', lambda.logGroup, ['logs:CreateLogStream', 'logs:PutLogEvents']),
    // X-Ray has no resources to name.
    ...(lambda.isTraced
      ? on('X-Ray', '*', ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'])
      : []),
    // Nor have interfaces before they are made; Lambda asks for all of these.
    ...(lambda.isInVpc ? on('network interfaces', '*', INTERFACES) : []),
    // The cache is no service behind the endpoint: its clients show nothing to a recorder.
    ...(lambda.isInVpc ? (lambda.cacheArns ?? []) : []).flatMap((arn) =>
      on('cache connect', arn, ['elasticache:Connect']),
    ),
    // Who asks for a query's rows must be able to read the object that holds them.
    ...(calls.some(({ action }) => action === 'athena:GetQueryResults')
      ? on('query results', lambda.queryResults ?? '', ['s3:GetObject'])
      : []),
    // Without it S3 answers for an object that is gone as if it were forbidden.
    ...[...snapshotBuckets(calls)].flatMap((bucket) =>
      on('snapshots gone', bucket, ['s3:ListBucket']),
    ),
    // It has no resources to name.
    ...(calls.some(({ action }) => action === 'cloudwatch:GetMetricData')
      ? on('metrics', '*', ['cloudwatch:GetMetricData'])
      : []),
    ...lambda.mappings.flatMap((mapping) => [...readsOf(mapping), ...discards(mapping)]),
    ...usesOfKey(seen),
  ];
};

/** Every reason there is, so that one which no function has is seen as well. */
export const REASONS: readonly string[] = [
  'logs',
  'X-Ray',
  'network interfaces',
  'cache connect',
  'query results',
  'snapshots gone',
  'metrics',
  ...Object.keys(MAPPING_READS).flatMap((service) => [
    `mapping reads ${service}`,
    `key for mapping reads ${service}`,
  ]),
  'mapping discards',
  'key for mapping discards',
  ...Object.entries(KEY_FOR).flatMap(([action, keyActions]) =>
    keyActions.length > 0 ? [`key for ${action}`] : [],
  ),
];
