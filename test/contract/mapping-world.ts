/** A stream through the AWS SDK, a mapping from a template resource, and a function that the test is. */
import { PutRecordsCommand, SplitShardCommand } from '@aws-sdk/client-kinesis';
import { onTestFinished } from 'vitest';
import type { Invocation, RecordSource, ResolvedResource } from '../../localstack/cloud.ts';
import { createMappings, type LocalMappings } from '../../localstack/services/mapping/mapping.ts';
import { type KinesisWorld, startKinesis, streamResource } from './kinesis-world.ts';

export const STREAM = 'stream';
export const ARN = `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`;

export interface EventRecord {
  readonly kinesis: {
    readonly data: string;
    readonly partitionKey: string;
    readonly sequenceNumber: string;
  };
  readonly eventID: string;
}

export interface Called {
  readonly functionName: string;
  readonly event: { readonly Records: readonly EventRecord[] } & Readonly<Record<string, unknown>>;
  readonly data: readonly string[];
  readonly shardIds: readonly string[];
}

export type Handler = (called: Called) => Promise<Invocation | object | null> | object | null;

export interface MappingWorld extends KinesisWorld {
  readonly mappings: LocalMappings;
  readonly calls: Called[];
  readonly objects: Map<string, string>;
  readonly metrics: {
    readonly name: string;
    readonly dimensions: object;
    readonly value: number;
  }[];
  readonly put: (...data: readonly string[]) => Promise<void>;
  readonly map: (properties: Readonly<Record<string, unknown>>) => Promise<string>;
}

export const mappingResource = (
  properties: Readonly<Record<string, unknown>>,
): ResolvedResource => ({
  stack: 'tributary-dev-platform',
  logicalId: 'Mapping',
  type: 'AWS::Lambda::EventSourceMapping',
  physicalName: 'tributary-dev-platform-Mapping',
  properties: {
    EventSourceArn: ARN,
    FunctionName: 'reader',
    StartingPosition: 'TRIM_HORIZON',
    ...properties,
  },
  metadata: {},
});

export const throwing = (): Invocation => ({
  payload: '{"errorType":"Error","errorMessage":"no"}',
  error: 'unhandled',
});

const isInvocation = (answer: object | null): answer is Invocation =>
  answer !== null && 'payload' in answer;

export const startMapping = async (
  handler: Handler,
  {
    shards = 1,
    dataDir,
    wrap = (source) => source,
  }: {
    readonly shards?: number;
    readonly dataDir?: string;
    readonly wrap?: (source: RecordSource) => RecordSource;
  } = {},
): Promise<MappingWorld> => {
  const clock = Date.now;
  const world = await startKinesis({ clock, ...(dataDir === undefined ? {} : { dataDir }) });
  await world.kinesis.resourceTypes[0]?.create(streamResource({ ShardCount: shards }, STREAM));
  const calls: Called[] = [];
  const objects = new Map<string, string>();
  const metrics: { name: string; dimensions: object; value: number }[] = [];
  const mappings = createMappings({
    dataDir: world.dataDir,
    clock,
    random: Math.random,
    pollMs: 50,
    resources: {
      recordSource: (arn) => {
        const source = world.kinesis.recordSource(arn);
        return source === undefined ? undefined : wrap(source);
      },
    },
    metrics: {
      put: (_namespace, name, dimensions, value) => metrics.push({ name, dimensions, value }),
    },
    objects: {
      put: async (bucket, key, body) => {
        objects.set(`${bucket}/${key}`, Buffer.from(body).toString());
      },
    },
    invoker: {
      invoke: async (functionName, payload) => {
        const called = calledWith(functionName, payload);
        calls.push(called);
        const answer = await handler(called);
        return isInvocation(answer) ? answer : { payload: JSON.stringify(answer) };
      },
    },
  });
  onTestFinished(mappings.close);
  return {
    ...world,
    mappings,
    calls,
    objects,
    metrics,
    put: async (...data) => {
      const Records = data.map((text) => ({
        PartitionKey: text.split(':')[0] ?? '',
        Data: Buffer.from(text),
      }));
      await world.client.send(new PutRecordsCommand({ StreamName: STREAM, Records }));
    },
    map: async (properties) =>
      (await mappings.resourceTypes[0]?.create(mappingResource(properties)))?.ref ?? '',
  };
};

const calledWith = (functionName: string, payload: string): Called => {
  const event = JSON.parse(payload) as Called['event'];
  return {
    functionName,
    event,
    data: event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString()),
    shardIds: event.Records.map(({ eventID }) => eventID.split(':')[0] ?? ''),
  };
};

export const split = (world: KinesisWorld, shardId: string) =>
  world.client.send(
    new SplitShardCommand({
      StreamName: STREAM,
      ShardToSplit: shardId,
      NewStartingHashKey: (2n ** 127n).toString(),
    }),
  );
