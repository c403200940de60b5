import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type {
  CreatedResource,
  FunctionInvoker,
  LocalService,
  MetricSink,
  ObjectSink,
  RecordSource,
  ResolvedResource,
  Resources,
  ResourceType,
} from '../../cloud.ts';
import { openCheckpointLog } from './checkpoint-log.ts';
import { startQueueRunner } from './queue-runner.ts';
import { queueSettingsOf } from './queue-settings.ts';
import { Runner } from './runner.ts';
import { type MappingSettings, settingsOf, UnreadableMapping } from './settings.ts';

export interface MappingsOptions {
  /** Checkpoints live in the folder `mappings` below it. */
  readonly dataDir: string;
  readonly clock: () => number;
  readonly random: () => number;
  readonly resources: Resources;
  readonly invoker: FunctionInvoker;
  readonly objects: ObjectSink;
  readonly metrics: MetricSink;
  readonly pollMs?: number;
  readonly report?: (fault: unknown) => void;
}

export interface LocalMappings extends LocalService {
  /** Calls that are out now. */
  readonly inFlight: () => number;
  /** Batches that were out when the process before this one ended, and have come again. */
  readonly redelivered: () => number;
  /** Everything that the sources hold is finished. */
  readonly drained: () => boolean;
}

type RunningMapping = Pick<Runner, 'inFlight' | 'redelivered' | 'drained' | 'close'>;

/**
 * AWS polls a shard about once a second. Here a source says when it has changed and is read at once,
 * so that a laptop shows an event within a tenth of a second; the poll is for what only time brings.
 */
const POLL_MS = 1000;

export const createMappings = (options: MappingsOptions): LocalMappings => {
  const runners = new Map<string, RunningMapping>();
  const all = (): readonly RunningMapping[] => [...runners.values()];
  return {
    // Mappings come from the template alone, so their API answers nothing.
    handle: (_request, response) => {
      response.writeHead(501, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ Type: 'User', Message: 'Mappings come from the template.' }));
    },
    resourceTypes: [mappingType(options, runners)],
    inFlight: () => all().reduce((sum, runner) => sum + runner.inFlight(), 0),
    redelivered: () => all().reduce((sum, runner) => sum + runner.redelivered(), 0),
    drained: () => all().every((runner) => runner.drained()),
    close: async () => {
      await Promise.all(all().map((runner) => runner.close()));
    },
  };
};

const mappingType = (
  options: MappingsOptions,
  runners: Map<string, RunningMapping>,
): ResourceType => ({
  type: 'AWS::Lambda::EventSourceMapping',
  honoured: [
    'BatchSize',
    'BisectBatchOnFunctionError',
    'DestinationConfig.OnFailure.Destination',
    'Enabled',
    'EventSourceArn',
    'FilterCriteria.Filters[].Pattern',
    'FunctionName',
    'FunctionResponseTypes',
    'MaximumBatchingWindowInSeconds',
    'MaximumRecordAgeInSeconds',
    'MaximumRetryAttempts',
    'ParallelizationFactor',
    'ScalingConfig.MaximumConcurrency',
    'StartingPosition',
    'StartingPositionTimestamp',
    'TumblingWindowInSeconds',
  ],
  // EventCount only asks for figures to alarm on.
  inert: { MetricsConfig: 'alarms', Tags: 'tags' },
  create: async (resource) => {
    const arn = String(resource.properties.EventSourceArn);
    if (arn.startsWith('arn:aws:sqs:')) return createOfQueue(options, runners, resource);
    const source = options.resources.recordSource(arn);
    if (source === undefined)
      throw new UnreadableMapping(`${resource.logicalId}: there is no stream ${arn}`);
    if (resource.properties.ScalingConfig !== undefined)
      throw new UnreadableMapping(`${resource.logicalId}: ScalingConfig is for queues alone`);
    const settings = settingsOf(resource, source.kind);
    const uuid = mappingUuid(resource, [
      settings.sourceArn,
      settings.startingPosition,
      settings.startingTimestampMs,
    ]);
    if (settings.enabled && !runners.has(uuid))
      runners.set(uuid, run(options, { source, settings, uuid }));
    return created(uuid);
  },
});

const created = (uuid: string): CreatedResource => {
  const mappingArn = `arn:aws:lambda:us-east-1:000000000000:event-source-mapping:${uuid}`;
  return { ref: uuid, attributes: { Id: uuid, EventSourceMappingArn: mappingArn } };
};

const createOfQueue = (
  options: MappingsOptions,
  runners: Map<string, RunningMapping>,
  resource: ResolvedResource,
): CreatedResource => {
  const settings = queueSettingsOf(resource);
  const queue = options.resources.messageQueue?.(settings.sourceArn);
  if (queue === undefined)
    throw new UnreadableMapping(`${resource.logicalId}: there is no queue ${settings.sourceArn}`);
  const uuid = mappingUuid(resource, [settings.sourceArn]);
  if (settings.enabled && !runners.has(uuid)) {
    const { pollMs = POLL_MS, report = () => undefined } = options;
    runners.set(uuid, startQueueRunner({ ...options, ...settings, queue, pollMs, report }));
  }
  return created(uuid);
};

const run = (
  options: MappingsOptions,
  {
    source,
    settings,
    uuid,
  }: {
    readonly source: RecordSource;
    readonly settings: MappingSettings;
    readonly uuid: string;
  },
): Runner => {
  const log = openCheckpointLog(
    join(options.dataDir, 'mappings', uuid),
    startAtMs(settings, options.clock()),
    (shardId) => source.shards().some((shard) => shard.shardId === shardId),
  );
  return new Runner({
    ...options,
    source,
    log,
    config: { ...settings, uuid, startAtMs: log.startAtMs },
    pollMs: options.pollMs ?? POLL_MS,
    report: options.report ?? (() => undefined),
  });
};

/** LATEST is the instant at which the mapping was first made, which its log remembers. */
const startAtMs = (settings: MappingSettings, nowMs: number): number => {
  if (settings.startingPosition === 'LATEST') return nowMs;
  return settings.startingTimestampMs ?? 0;
};

/** What CloudFormation replaces a mapping for makes another id, so it starts anew as on AWS. */
const mappingUuid = (resource: ResolvedResource, identity: readonly unknown[]): string => {
  const hex = createHash('md5')
    .update(JSON.stringify([resource.physicalName, ...identity]))
    .digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
};
