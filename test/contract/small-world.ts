/** A small template with one resource of each kind, interpreted by the whole local cloud. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endpoint } from '../../localstack/endpoint.ts';
import { createClock } from '../../localstack/launch/clock.ts';
import { listen, type OpenPort } from '../../localstack/launch/listen.ts';
import { createMetrics, type Metrics } from '../../localstack/launch/metrics.ts';
import { createServices, type LocalCloud } from '../../localstack/launch/services.ts';
import { interpret } from '../../localstack/template/interpret.ts';

export type Resource = { Type: string; Properties: Record<string, unknown> };
export type SmallTemplate = Record<string, Resource>;

export interface Noted {
  readonly who?: string;
  readonly data?: readonly string[];
  readonly window?: boolean;
  readonly done?: boolean;
}

export interface SmallWorld {
  readonly cloud: LocalCloud;
  readonly metrics: Metrics;
  readonly endpointUrl: string;
  /** A call by AWS's JSON protocol; refusals come back as values, too. */
  readonly call: (target: string, input: object) => Promise<Record<string, unknown>>;
  readonly get: (path: string) => Promise<{ readonly status: number; readonly body: string }>;
  /** What the mappings' functions have noted. */
  readonly seen: () => readonly Noted[];
  readonly shiftTo: (offsetMs: number) => void;
  readonly ref: (logicalId: string) => string;
  readonly attribute: (logicalId: string, name: string) => string;
  readonly close: () => Promise<void>;
}

const ASSETS = 'cdk-hnb659fds-assets-000000000000-us-east-1';

/** Sources of functions by the hash that an asset would have. */
const SOURCES: Readonly<Record<string, string>> = {
  one: `
    import v8 from 'node:v8';
    export const handler = async (event, context) => {
      if (event.waitMs) await new Promise((done) => setTimeout(done, event.waitMs));
      if (event.rawPath === '/slow') await new Promise((done) => setTimeout(done, 400));
      return { who: 'one', color: process.env.COLOR, heapMb: Math.round(v8.getHeapStatistics().heap_size_limit / 2 ** 20) };
    };
    export const other = () => ({ who: 'other' });
  `,
  reader: `
    import { appendFileSync } from 'node:fs';
    const note = (line) => appendFileSync(process.env.SEEN, JSON.stringify(line) + '\\n');
    export const handler = async (event) => {
      const records = event.Records.map(({ kinesis }) => ({
        id: kinesis.sequenceNumber,
        data: Buffer.from(kinesis.data, 'base64').toString(),
      }));
      const data = records.map((record) => record.data);
      note({ who: process.env.WHO, data, window: event.window !== undefined });
      if (data.includes('slow')) await new Promise((done) => setTimeout(done, 200));
      note({ done: true });
      if (data.includes('poison')) throw new Error('poison');
      const failed = records.filter((record) => record.data === 'partial');
      return { batchItemFailures: failed.map(({ id }) => ({ itemIdentifier: id })) };
    };
  `,
  two: "export const handler = () => ({ who: 'two' });",
};

/** Notes what it is given in a file that the world reads. */
const reader = (who: string): Resource => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Bucket: ASSETS, S3Key: 'reader.zip' },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    Environment: { Variables: { WHO: who, SEEN: './seen.ndjson' } },
  },
});

/** Resources that refer to each other, as the CDK app's do. */
export const smallTemplate = (): SmallTemplate => ({
  Stream: {
    Type: 'AWS::Kinesis::Stream',
    Properties: {
      ShardCount: 1,
      RetentionPeriodHours: 24,
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
    },
  },
  OtherStream: { Type: 'AWS::Kinesis::Stream', Properties: { ShardCount: 1 } },
  Table: {
    Type: 'AWS::DynamoDB::GlobalTable',
    Properties: {
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      TimeToLiveSpecification: { AttributeName: 'ttl', Enabled: true },
      Replicas: [
        {
          Region: 'us-east-1',
          DeletionProtectionEnabled: true,
          PointInTimeRecoverySpecification: {
            PointInTimeRecoveryEnabled: true,
            RecoveryPeriodInDays: 35,
          },
        },
      ],
    },
  },
  Bucket: { Type: 'AWS::S3::Bucket', Properties: {} },
  OtherBucket: { Type: 'AWS::S3::Bucket', Properties: {} },
  Delivery: {
    Type: 'AWS::KinesisFirehose::DeliveryStream',
    Properties: {
      DeliveryStreamType: 'KinesisStreamAsSource',
      KinesisStreamSourceConfiguration: {
        KinesisStreamARN: { 'Fn::GetAtt': ['Stream', 'Arn'] },
        RoleARN: 'role',
      },
      ExtendedS3DestinationConfiguration: {
        BucketARN: { 'Fn::GetAtt': ['Bucket', 'Arn'] },
        Prefix: 'raw/',
        ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
        CompressionFormat: 'GZIP',
        BufferingHints: { IntervalInSeconds: 60, SizeInMBs: 64 },
        RoleARN: 'role',
      },
    },
  },
  Function: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: ASSETS, S3Key: 'one.zip' },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Description: 'the first',
      Timeout: 3,
      MemorySize: 512,
      ReservedConcurrentExecutions: 2,
      Environment: { Variables: { COLOR: 'red' } },
    },
  },
  OtherFunction: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { S3Bucket: ASSETS, S3Key: 'two.zip' },
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
    },
  },
  Reader: reader('first'),
  OtherReader: reader('second'),
  Mapping: {
    Type: 'AWS::Lambda::EventSourceMapping',
    Properties: {
      BatchSize: 100,
      BisectBatchOnFunctionError: false,
      DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Bucket', 'Arn'] } } },
      Enabled: true,
      EventSourceArn: { 'Fn::GetAtt': ['Stream', 'Arn'] },
      FunctionName: { Ref: 'Reader' },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumBatchingWindowInSeconds: 0,
      MaximumRecordAgeInSeconds: -1,
      MaximumRetryAttempts: -1,
      ParallelizationFactor: 1,
      StartingPosition: 'TRIM_HORIZON',
    },
  },
  Api: { Type: 'AWS::ApiGatewayV2::Api', Properties: { Name: 'small', ProtocolType: 'HTTP' } },
  Stage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: {
      ApiId: { Ref: 'Api' },
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingBurstLimit: 100, ThrottlingRateLimit: 0.01 },
      RouteSettings: { 'GET /two': { ThrottlingBurstLimit: 100, ThrottlingRateLimit: 0.01 } },
    },
  },
  Integration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Api' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: { 'Fn::GetAtt': ['Function', 'Arn'] },
      PayloadFormatVersion: '2.0',
      TimeoutInMillis: 20_000,
    },
  },
  OtherIntegration: {
    Type: 'AWS::ApiGatewayV2::Integration',
    Properties: {
      ApiId: { Ref: 'Api' },
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: { 'Fn::GetAtt': ['OtherFunction', 'Arn'] },
      PayloadFormatVersion: '2.0',
    },
  },
  Route: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      AuthorizationType: 'NONE',
      RouteKey: 'GET /{name}',
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'Integration' }]] },
    },
  },
  OtherRoute: {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: { Ref: 'Api' },
      RouteKey: 'GET /two',
      Target: { 'Fn::Join': ['/', ['integrations', { Ref: 'OtherIntegration' }]] },
    },
  },
});

const writeSources = (folder: string, sources: Readonly<Record<string, string>>): void => {
  for (const [hash, source] of Object.entries(sources)) {
    mkdirSync(join(folder, `asset.${hash}`), { recursive: true });
    writeFileSync(join(folder, `asset.${hash}`, 'index.mjs'), source);
  }
};

const notedIn = (path: string): readonly Noted[] =>
  existsSync(path)
    ? readFileSync(path, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line): Noted => JSON.parse(line))
    : [];

const callAt =
  (url: string) =>
  async (target: string, input: object): Promise<Record<string, unknown>> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
      body: JSON.stringify(input),
    });
    const text = await response.text();
    return text === '' ? {} : Object(JSON.parse(text));
  };

export const smallWorld = async (
  template: SmallTemplate,
  sources: Readonly<Record<string, string>> = {},
): Promise<SmallWorld> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tributary-world-'));
  writeSources(dataDir, { ...SOURCES, ...sources });
  const clock = createClock(0);
  const metrics = createMetrics();
  let cloud: LocalCloud | undefined;
  const door: OpenPort = await listen(
    endpoint({ services: () => cloud?.services ?? {}, control: () => false }),
    0,
    '--endpoint-port',
  );
  const url = `http://127.0.0.1:${door.port}`;
  const made = await createServices({
    dataDir,
    assemblyFolder: dataDir,
    clock,
    metrics,
    endpointUrl: url,
    apiUrl: 'http://localhost:8080',
    shortNameOf: () => undefined,
    demoKey: () => undefined,
    onRequest: () => undefined,
    report: () => undefined,
  });
  cloud = made;
  const front = await listen(made.httpApi.front, 0, '--port');
  const close = async (): Promise<void> => {
    await front.close();
    await door.close();
    await made.close();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const stacks = [{ name: 'small', template: { Resources: template } }];
    const [stack] = await interpret({ folder: dataDir, stacks }, made.registry, () => '');
    return {
      cloud: made,
      metrics,
      endpointUrl: url,
      call: callAt(url),
      get: async (path) => {
        const response = await fetch(`http://127.0.0.1:${front.port}${path}`);
        return { status: response.status, body: await response.text() };
      },
      seen: () => notedIn(join(dataDir, 'asset.reader', 'seen.ndjson')),
      shiftTo: clock.shiftTo,
      ref: (logicalId) => stack?.resources.get(logicalId)?.ref ?? '',
      attribute: (logicalId, name) => stack?.resources.get(logicalId)?.attributes[name] ?? '',
      close,
    };
  } catch (fault) {
    await close();
    throw fault;
  }
};
