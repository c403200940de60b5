import type { CfnTemplate } from './rule.ts';

const tls = {
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: '*',
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
};

/** A small template that keeps every rule; each rule is shown to fail by one change to it. */
export const kept: CfnTemplate = {
  Resources: {
    Key: { Type: 'AWS::KMS::Key', Properties: { EnableKeyRotation: true } },
    Table: {
      Type: 'AWS::DynamoDB::GlobalTable',
      DeletionPolicy: 'Retain',
      Properties: {
        SSESpecification: { SSEEnabled: true, SSEType: 'KMS' },
        TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
        Replicas: [
          {
            PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            DeletionProtectionEnabled: true,
            SSESpecification: { KMSMasterKeyId: { Ref: 'Key' } },
          },
        ],
      },
    },
    Bucket: {
      Type: 'AWS::S3::Bucket',
      DeletionPolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: { ServerSideEncryptionConfiguration: [{}] },
        LifecycleConfiguration: { Rules: [{}] },
        LoggingConfiguration: { DestinationBucketName: 'logs' },
      },
    },
    BucketPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: { Ref: 'Bucket' }, PolicyDocument: { Statement: [tls] } },
    },
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: { KmsMasterKeyId: { Ref: 'Key' }, MessageRetentionPeriod: 1_209_600 },
    },
    QueuePolicy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }],
        PolicyDocument: { Statement: [{ ...tls, Action: 'sqs:*' }] },
      },
    },
    Stream: {
      Type: 'AWS::Kinesis::Stream',
      DeletionPolicy: 'Retain',
      Properties: {
        RetentionPeriodHours: 72,
        StreamModeDetails: { StreamMode: 'PROVISIONED' },
        StreamEncryption: { EncryptionType: 'KMS', KeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: {
        BatchSize: 500,
        BisectBatchOnFunctionError: true,
        DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failed' } },
        Enabled: true,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        MaximumBatchingWindowInSeconds: 0,
        MaximumRecordAgeInSeconds: 252_000,
        MaximumRetryAttempts: -1,
        ParallelizationFactor: 1,
        StartingPosition: 'TRIM_HORIZON',
      },
    },
    Delivery: {
      Type: 'AWS::KinesisFirehose::DeliveryStream',
      Properties: {
        KinesisStreamSourceConfiguration: {
          KinesisStreamARN: { 'Fn::GetAtt': ['Stream', 'Arn'] },
        },
        ExtendedS3DestinationConfiguration: {
          ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
          CloudWatchLoggingOptions: { Enabled: true },
          EncryptionConfiguration: {
            KMSEncryptionConfig: { AWSKMSKeyARN: { 'Fn::GetAtt': ['Key', 'Arn'] } },
          },
        },
      },
    },
    Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays: 30 } },
    Function: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Timeout: 60,
        ReservedConcurrentExecutions: 10,
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogGroup: { Ref: 'Logs' } },
        Environment: { Variables: { RAW_STREAM: { Ref: 'Stream' } } },
      },
    },
    Permission: { Type: 'AWS::Lambda::Permission', Properties: { SourceArn: 'arn:aws:api' } },
    Role: { Type: 'AWS::IAM::Role', Properties: {} },
    Policy: {
      Type: 'AWS::IAM::Policy',
      Properties: {
        PolicyDocument: {
          Statement: [
            { Effect: 'Allow', Action: 'kinesis:PutRecords', Resource: { Ref: 'Stream' } },
            { Effect: 'Allow', Action: ['xray:PutTraceSegments'], Resource: '*' },
          ],
        },
      },
    },
    Stage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      Properties: {
        DefaultRouteSettings: { ThrottlingRateLimit: 5000, ThrottlingBurstLimit: 10_000 },
        AccessLogSettings: { DestinationArn: 'arn:aws:logs', Format: '$context.routeKey' },
      },
    },
    Network: { Type: 'AWS::EC2::VPC', Properties: {} },
    FlowLog: { Type: 'AWS::EC2::FlowLog', Properties: { ResourceId: { Ref: 'Network' } } },
    SubnetA: { Type: 'AWS::EC2::Subnet', Properties: { MapPublicIpOnLaunch: false } },
    SubnetB: { Type: 'AWS::EC2::Subnet', Properties: { MapPublicIpOnLaunch: false } },
    SubnetGroup: {
      Type: 'AWS::ElastiCache::SubnetGroup',
      Properties: { SubnetIds: [{ Ref: 'SubnetA' }, { Ref: 'SubnetB' }] },
    },
    SecurityGroup: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { SecurityGroupIngress: [{ CidrIp: '10.0.0.0/16' }] },
    },
    User: {
      Type: 'AWS::ElastiCache::User',
      Properties: {
        UserName: 'app',
        AuthenticationMode: { Type: 'iam' },
        AccessString: 'on ~* -@all +@read',
      },
    },
    Cache: {
      Type: 'AWS::ElastiCache::ServerlessCache',
      Properties: {
        SubnetIds: [{ Ref: 'SubnetA' }, { Ref: 'SubnetB' }],
        SecurityGroupIds: [{ 'Fn::GetAtt': ['SecurityGroup', 'GroupId'] }],
        UserGroupId: { Ref: 'Users' },
        KmsKeyId: { Ref: 'Key' },
        CacheUsageLimits: { DataStorage: { Maximum: 5 }, ECPUPerSecond: { Maximum: 10_000 } },
      },
    },
    Nodes: {
      Type: 'AWS::ElastiCache::ReplicationGroup',
      Properties: {
        CacheSubnetGroupName: { Ref: 'SubnetGroup' },
        SecurityGroupIds: [{ 'Fn::GetAtt': ['SecurityGroup', 'GroupId'] }],
        UserGroupIds: [{ Ref: 'Users' }],
        KmsKeyId: { Ref: 'Key' },
        TransitEncryptionEnabled: true,
        TransitEncryptionMode: 'required',
      },
    },
    Catalog: { Type: 'AWS::Glue::Database', DeletionPolicy: 'Retain', Properties: {} },
    Catalogued: { Type: 'AWS::Glue::Table', DeletionPolicy: 'Retain', Properties: {} },
    WorkGroup: {
      Type: 'AWS::Athena::WorkGroup',
      Properties: {
        WorkGroupConfiguration: {
          EnforceWorkGroupConfiguration: true,
          BytesScannedCutoffPerQuery: 10_000_000_000,
          EngineVersion: { SelectedEngineVersion: 'Athena engine version 3' },
          ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' } },
        },
      },
    },
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        LoggingConfiguration: { Level: 'ERROR', Destinations: [{ Ref: 'Logs' }] },
        TracingConfiguration: { Enabled: true },
      },
    },
    Schedule: {
      Type: 'AWS::Scheduler::Schedule',
      Properties: {
        Target: { RetryPolicy: { MaximumRetryAttempts: 10, MaximumEventAgeInSeconds: 3_600 } },
      },
    },
    Topic: { Type: 'AWS::SNS::Topic', Properties: { KmsMasterKeyId: { Ref: 'Key' } } },
    TopicPolicy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument: { Statement: [tls] } },
    },
    Alarm: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        AlarmActions: [{ Ref: 'Topic' }],
        AlarmDescription: 'It is late. Runbook: docs/runbooks/stream-behind.md',
        TreatMissingData: 'notBreaching',
      },
    },
  },
};

/** Where the template is changed, and to what; `undefined` takes the value away. */
export type Change = readonly [path: string, value: unknown];

const S3 = 'Delivery.Properties.ExtendedS3DestinationConfiguration';
const REPLICA = 'Table.Properties.Replicas.0';
const VARIABLES = 'Function.Properties.Environment.Variables';
const GROUP = 'WorkGroup.Properties.WorkGroupConfiguration';
const RETRY = 'Schedule.Properties.Target.RetryPolicy';
const STATEMENT = 'Policy.Properties.PolicyDocument.Statement.0';

/** By rule: changes each of which must be found, with the resource that is to blame. */
export const breaks: Readonly<Record<string, readonly (readonly [...Change, blamed: string])[]>> = {
  'table-recovers-to-any-second': [
    [`${REPLICA}.PointInTimeRecoverySpecification`, undefined, 'Table'],
    [`${REPLICA}.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled`, false, 'Table'],
    ['Table.Properties.Replicas', [], 'Table'],
  ],
  'table-refuses-deletion': [[`${REPLICA}.DeletionProtectionEnabled`, undefined, 'Table']],
  'table-has-customer-key': [[`${REPLICA}.SSESpecification`, undefined, 'Table']],
  'table-is-encrypted-with-kms': [['Table.Properties.SSESpecification', undefined, 'Table']],
  'table-forgets': [['Table.Properties.TimeToLiveSpecification', undefined, 'Table']],
  'bucket-demands-tls': [
    ['BucketPolicy', undefined, 'Bucket'],
    ['BucketPolicy.Properties.PolicyDocument.Statement.0.Effect', 'Allow', 'Bucket'],
    ['BucketPolicy.Properties.Bucket.Ref', 'Another', 'Bucket'],
  ],
  'bucket-is-private': [
    ['Bucket.Properties.PublicAccessBlockConfiguration.RestrictPublicBuckets', false, 'Bucket'],
  ],
  'bucket-states-its-encryption': [['Bucket.Properties.BucketEncryption', undefined, 'Bucket']],
  'bucket-has-lifecycle': [['Bucket.Properties.LifecycleConfiguration', undefined, 'Bucket']],
  'bucket-is-access-logged': [['Bucket.Properties.LoggingConfiguration', undefined, 'Bucket']],
  'data-outlives-its-stack': [
    ['Stream.DeletionPolicy', undefined, 'Stream'],
    ['Table.DeletionPolicy', 'Delete', 'Table'],
    ['Catalog.DeletionPolicy', 'Delete', 'Catalog'],
    ['Catalogued.DeletionPolicy', undefined, 'Catalogued'],
  ],
  'key-rotates': [['Key.Properties.EnableKeyRotation', undefined, 'Key']],
  'stream-is-encrypted': [['Stream.Properties.StreamEncryption', undefined, 'Stream']],
  'stream-has-customer-key': [
    ['Stream.Properties.StreamEncryption.KeyId', 'alias/aws/kinesis', 'Stream'],
  ],
  'stream-states-its-retention': [['Stream.Properties.RetentionPeriodHours', undefined, 'Stream']],
  'stream-keeps-order': [['Stream.Properties.StreamModeDetails.StreamMode', 'ON_DEMAND', 'Stream']],
  'mapping-writes-options-out': [
    ['Mapping.Properties.ParallelizationFactor', undefined, 'Mapping'],
    ['Mapping.Properties.MaximumBatchingWindowInSeconds', undefined, 'Mapping'],
  ],
  'mapping-reports-failures': [['Mapping.Properties.FunctionResponseTypes', [], 'Mapping']],
  'mapping-bisects': [['Mapping.Properties.BisectBatchOnFunctionError', false, 'Mapping']],
  'mapping-retries-for-ever': [['Mapping.Properties.MaximumRetryAttempts', 3, 'Mapping']],
  'mapping-bounds-age': [
    ['Mapping.Properties.MaximumRecordAgeInSeconds', -1, 'Mapping'],
    ['Mapping.Properties.MaximumRecordAgeInSeconds', 604_801, 'Mapping'],
  ],
  'mapping-keeps-what-it-discards': [
    ['Mapping.Properties.DestinationConfig', undefined, 'Mapping'],
    ['Mapping.Properties.DestinationConfig.OnFailure.Destination', 'arn:aws:sqs:r:a:q', 'Mapping'],
  ],
  'mapping-begins-at-the-oldest': [['Mapping.Properties.StartingPosition', 'LATEST', 'Mapping']],
  'mapping-filters-no-events': [
    ['Mapping.Properties.FilterCriteria', { Filters: [{ Pattern: '{}' }] }, 'Mapping'],
  ],
  'delivery-is-encrypted': [[`${S3}.EncryptionConfiguration`, undefined, 'Delivery']],
  'delivery-reads-an-encrypted-stream': [
    ['Stream.Properties.StreamEncryption', undefined, 'Delivery'],
    ['Delivery.Properties.KinesisStreamSourceConfiguration', undefined, 'Delivery'],
  ],
  'delivery-keeps-failures-apart': [[`${S3}.ErrorOutputPrefix`, 'errors/', 'Delivery']],
  'delivery-logs-failures': [[`${S3}.CloudWatchLoggingOptions.Enabled`, false, 'Delivery']],
  'function-logs-to-a-group-that-ends': [
    ['Function.Properties.LoggingConfig', undefined, 'Function'],
    ['Logs.Properties.RetentionInDays', undefined, 'Function'],
  ],
  'log-group-ends': [['Logs.Properties.RetentionInDays', undefined, 'Logs']],
  'function-has-a-timeout': [
    ['Function.Properties.Timeout', undefined, 'Function'],
    ['Function.Properties.Timeout', 61, 'Function'],
  ],
  'function-decides-its-concurrency': [
    ['Function.Properties.ReservedConcurrentExecutions', undefined, 'Function'],
  ],
  'function-runs-node-24-on-arm': [
    ['Function.Properties.Runtime', 'nodejs22.x', 'Function'],
    ['Function.Properties.Architectures', ['x86_64'], 'Function'],
  ],
  'function-is-traced': [['Function.Properties.TracingConfig.Mode', 'PassThrough', 'Function']],
  'function-has-no-url': [['Url', { Type: 'AWS::Lambda::Url', Properties: {} }, 'Url']],
  'function-has-no-fault-doors': [
    [`${VARIABLES}.FAULT_DOORS`, 'on', 'Function'],
    [`${VARIABLES}.FAULT_DOORS`, 'off', 'Function'],
  ],
  'function-carries-no-secret': [
    [`${VARIABLES}.DB_PASSWORD`, 'x', 'Function'],
    [`${VARIABLES}.WEBHOOK`, `trb_operator_${'a'.repeat(32)}`, 'Function'],
  ],
  'permission-names-its-caller': [['Permission.Properties.SourceArn', undefined, 'Permission']],
  'policy-names-resources': [
    [`${STATEMENT}.Resource`, '*', 'Policy'],
    [
      'Policy.Properties.PolicyDocument.Statement.1.Action',
      ['xray:PutTraceSegments', 's3:GetObject'],
      'Policy',
    ],
  ],
  'policy-names-actions': [[`${STATEMENT}.Action`, 'kinesis:*', 'Policy']],
  'role-has-no-managed-policy': [
    ['Role.Properties.ManagedPolicyArns', ['arn:aws:iam::aws:policy/AdministratorAccess'], 'Role'],
  ],
  'stage-throttles': [
    ['Stage.Properties.DefaultRouteSettings', undefined, 'Stage'],
    ['Stage.Properties.DefaultRouteSettings.ThrottlingRateLimit', 0, 'Stage'],
  ],
  'stage-logs-access': [['Stage.Properties.AccessLogSettings', undefined, 'Stage']],
  'access-log-names-nobody': [
    ['Stage.Properties.AccessLogSettings.Format', '$context.identity.sourceIp', 'Stage'],
  ],
  'cache-is-in-private-subnets': [
    ['SubnetB.Properties.MapPublicIpOnLaunch', true, 'Cache'],
    ['SubnetB.Properties.MapPublicIpOnLaunch', true, 'Nodes'],
    ['Gateway', { Type: 'AWS::EC2::InternetGateway', Properties: {} }, 'Cache'],
    ['Cache.Properties.SubnetIds', undefined, 'Cache'],
  ],
  'cache-has-security-group': [
    ['Cache.Properties.SecurityGroupIds', [], 'Cache'],
    ['SecurityGroup.Properties.SecurityGroupIngress.0.CidrIp', '0.0.0.0/0', 'Nodes'],
  ],
  'cache-has-user-group': [
    ['Cache.Properties.UserGroupId', undefined, 'Cache'],
    ['Nodes.Properties.UserGroupIds', undefined, 'Nodes'],
  ],
  'cache-users-sign-in-by-iam': [
    ['User.Properties.AuthenticationMode.Type', 'no-password-required', 'User'],
    ['User.Properties.UserName', 'default', 'User'],
    ['User.Properties.Passwords', ['x'], 'User'],
  ],
  'cache-users-administer-nothing': [
    ['User.Properties.AccessString', 'on ~* +@all', 'User'],
    ['User.Properties.AccessString', 'on ~* -@all +@dangerous', 'User'],
  ],
  'cache-demands-tls': [['Nodes.Properties.TransitEncryptionMode', 'preferred', 'Nodes']],
  'cache-has-customer-key': [['Cache.Properties.KmsKeyId', undefined, 'Cache']],
  'cache-bounds-its-bill': [
    ['Cache.Properties.CacheUsageLimits.ECPUPerSecond', undefined, 'Cache'],
  ],
  'network-logs-rejections': [['FlowLog', undefined, 'Network']],
  'alarm-acts': [['Alarm.Properties.AlarmActions', [], 'Alarm']],
  'alarm-links-its-runbook': [['Alarm.Properties.AlarmDescription', 'It is late.', 'Alarm']],
  'alarm-decides-about-silence': [['Alarm.Properties.TreatMissingData', undefined, 'Alarm']],
  'queue-is-encrypted': [['Queue.Properties.KmsMasterKeyId', undefined, 'Queue']],
  'queue-keeps-as-long-as-it-can': [['Queue.Properties.MessageRetentionPeriod', 345_600, 'Queue']],
  'queue-demands-tls': [
    ['QueuePolicy', undefined, 'Queue'],
    ['QueuePolicy.Properties.Queues', [{ Ref: 'Another' }], 'Queue'],
  ],
  'workgroup-is-enforced': [[`${GROUP}.EnforceWorkGroupConfiguration`, false, 'WorkGroup']],
  'workgroup-encrypts-results': [
    [`${GROUP}.ResultConfiguration.EncryptionConfiguration`, undefined, 'WorkGroup'],
  ],
  'workgroup-caps-a-scan': [[`${GROUP}.BytesScannedCutoffPerQuery`, undefined, 'WorkGroup']],
  'workgroup-pins-its-engine': [
    [`${GROUP}.EngineVersion.SelectedEngineVersion`, 'AUTO', 'WorkGroup'],
    [`${GROUP}.EngineVersion`, undefined, 'WorkGroup'],
  ],
  'machine-logs-errors': [
    ['Machine.Properties.LoggingConfiguration.Level', 'OFF', 'Machine'],
    ['Machine.Properties.LoggingConfiguration.Destinations', [], 'Machine'],
  ],
  'machine-is-traced': [['Machine.Properties.TracingConfiguration', undefined, 'Machine']],
  'schedule-stops-trying': [
    [`${RETRY}.MaximumRetryAttempts`, undefined, 'Schedule'],
    [`${RETRY}.MaximumEventAgeInSeconds`, undefined, 'Schedule'],
  ],
  'topic-is-encrypted': [['Topic.Properties.KmsMasterKeyId', undefined, 'Topic']],
  'topic-demands-tls': [['TopicPolicy', undefined, 'Topic']],
};

export const changed = (template: CfnTemplate, [path, value]: Change): CfnTemplate => {
  const copy = structuredClone(template);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let inside = copy.Resources as Record<string, unknown>;
  for (const key of keys) {
    const next = inside[key];
    if (typeof next !== 'object' || next === null) throw new Error(`${path} ends at ${key}`);
    inside = next as Record<string, unknown>;
  }
  if (value === undefined) delete inside[last];
  else inside[last] = value;
  return copy;
};
