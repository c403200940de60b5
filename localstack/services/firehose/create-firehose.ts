/** Firehose of the local cloud: from Kinesis streams to objects. */
import { join } from 'node:path';
import type {
  LocalService,
  MetricSink,
  ObjectSink,
  ResolvedResource,
  Resources,
  ResourceType,
} from '../../cloud.ts';
import { AwsFault, type Input, jsonService } from '../aws-json.ts';
import { DeliveryStream } from './delivery-stream.ts';
import {
  DELIVERY_VERSION,
  type DeliverySpec,
  deliverySpec,
  HONOURED,
  INERT,
} from './firehose-properties.ts';

export interface FirehoseOptions {
  /** The data folder of the local cloud; positions live in `firehose` below it. */
  readonly dataDir: string;
  readonly clock: { readonly now: () => number };
  readonly random: () => number;
  readonly resources: Resources;
  readonly objects: ObjectSink;
  readonly metrics: MetricSink;
  readonly region?: string;
  readonly accountId?: string;
  /** How often buffers are looked at, in real time; 0 leaves it to `pump`. */
  readonly pumpEveryMs?: number;
  readonly report?: (fault: unknown) => void;
}

export interface Firehose extends LocalService {
  /** Reads the sources and stores what the clock and the buffer sizes ask for. */
  readonly pump: () => Promise<void>;
  /** Stores all that the sources hold now, of one delivery stream or of all. */
  readonly flush: (name?: string) => Promise<void>;
}

interface Running {
  readonly spec: DeliverySpec;
  readonly arn: string;
  readonly stream: DeliveryStream;
}

const PUMP_EVERY_DEFAULT_MS = 1_000;
const NAMES_PER_PAGE_MAX = 10_000;
const NAMES_PER_PAGE_DEFAULT = 10;

const describe = ({ spec, arn }: Running): object => ({
  DeliveryStreamDescription: {
    DeliveryStreamName: spec.name,
    DeliveryStreamARN: arn,
    DeliveryStreamStatus: 'ACTIVE',
    DeliveryStreamType: 'KinesisStreamAsSource',
    VersionId: DELIVERY_VERSION,
    HasMoreDestinations: false,
    Source: { KinesisStreamSourceDescription: { KinesisStreamARN: spec.streamArn } },
    Destinations: [
      {
        DestinationId: 'destinationId-000000000001',
        ExtendedS3DestinationDescription: {
          BucketARN: `arn:aws:s3:::${spec.bucket}`,
          Prefix: spec.prefix,
          ErrorOutputPrefix: spec.errorPrefix,
          CompressionFormat: spec.gzip ? 'GZIP' : 'UNCOMPRESSED',
          BufferingHints: {
            SizeInMBs: spec.config.bufferBytes / 1_048_576,
            IntervalInSeconds: spec.config.bufferMs / 1_000,
          },
        },
      },
    ],
  },
});

const byText = (left: string, right: string): number => (left < right ? -1 : 1);

const list = (running: ReadonlyMap<string, Running>, input: Input): object => {
  const limit = Math.min(Number(input.Limit ?? NAMES_PER_PAGE_DEFAULT), NAMES_PER_PAGE_MAX);
  const after = String(input.ExclusiveStartDeliveryStreamName ?? '');
  const names = [...running.keys()].sort(byText).filter((name) => name > after);
  return {
    DeliveryStreamNames: names.slice(0, limit),
    HasMoreDeliveryStreams: names.length > limit,
  };
};

const open = async (options: FirehoseOptions, resource: ResolvedResource): Promise<Running> => {
  const { region = 'us-east-1', accountId = '000000000000', report = () => undefined } = options;
  const spec = deliverySpec(resource);
  const source = options.resources.recordSource(spec.streamArn);
  if (source === undefined) throw new Error(`${spec.name} reads a stream that is not there`);
  const path = join(options.dataDir, 'firehose', `${spec.name}.json`);
  const stream = await DeliveryStream.open({ ...options, ...spec, path, source, report });
  return {
    spec,
    arn: `arn:aws:firehose:${region}:${accountId}:deliverystream/${spec.name}`,
    stream,
  };
};

const resourceType = (create: ResourceType['create']): ResourceType => ({
  type: 'AWS::KinesisFirehose::DeliveryStream',
  honoured: HONOURED,
  inert: INERT,
  create,
});

export const createFirehose = (options: FirehoseOptions): Firehose => {
  const running = new Map<string, Running>();
  const all = (): readonly DeliveryStream[] => [...running.values()].map(({ stream }) => stream);
  const pump = async (): Promise<void> => {
    await Promise.all(all().map((stream) => stream.pump()));
  };
  const everyMs = options.pumpEveryMs ?? PUMP_EVERY_DEFAULT_MS;
  let pumping: Promise<void> | undefined;
  const pumpOnce = (): void => {
    pumping ??= pump()
      .catch((fault) => options.report?.(fault))
      .finally(() => {
        pumping = undefined;
      });
  };
  const timer = everyMs > 0 ? setInterval(pumpOnce, everyMs) : undefined;
  timer?.unref();

  return {
    handle: jsonService({
      version: '1.1',
      report: options.report,
      operations: {
        ListDeliveryStreams: (input) => list(running, input),
        DescribeDeliveryStream: (input) => {
          const found = running.get(String(input.DeliveryStreamName));
          if (found !== undefined) return describe(found);
          const message = `Firehose ${String(input.DeliveryStreamName)} not found.`;
          throw new AwsFault('ResourceNotFoundException', message);
        },
      },
    }),
    resourceTypes: [
      resourceType(async (resource) => {
        const made = await open(options, resource);
        running.set(made.spec.name, made);
        return { ref: made.spec.name, attributes: { Arn: made.arn } };
      }),
    ],
    pump,
    flush: async (name) => {
      const chosen = name === undefined ? all() : [running.get(name)?.stream];
      await Promise.all(chosen.map((stream) => stream?.flush()));
    },
    close: async () => {
      clearInterval(timer);
      await pumping;
    },
  };
};
