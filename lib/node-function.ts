import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IStream } from 'aws-cdk-lib/aws-kinesis';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Architecture,
  Code,
  type EventSourceMapping,
  type EventSourceMappingOptions,
  FilterCriteria,
  FilterRule,
  Function as LambdaFunction,
  LoggingFormat,
  MetricType,
  Runtime,
  StartingPosition,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Capability, MappingConfig, PlatformConfig } from './config.ts';
import { DiscardedTo } from './discarded-to.ts';

export interface NodeFunctionProps {
  readonly capability: Capability;
  readonly config: PlatformConfig;
  /** What the function's own `env.ts` asks for. */
  readonly environment: Readonly<Record<string, string>>;
  /** When this deployment was made; absent, a bundle counts as an old one. */
  readonly deployedAt?: string | undefined;
}

/** What every mapping says, whatever it reads. */
interface Reading extends MappingConfig {
  /** Two hours less than is kept: what would expire unseen lands in `discarded`. */
  readonly recordAge: Duration;
  readonly discarded: IBucket;
  readonly key: IKey | undefined;
  /** Lambda's counts of what it read, invoked and discarded, at a price per metric. */
  readonly counts: boolean;
}

export interface StreamReading extends Reading {
  readonly events: IStream;
}

export interface TableReading extends Reading {
  /** ARN of the table's stream. */
  readonly changes: string;
  /** Sort keys and kinds of change to be called for; nothing else is. */
  readonly items: readonly string[];
  readonly events: readonly ('INSERT' | 'MODIFY' | 'REMOVE')[];
  /** Absent, Lambda does not tell which shard a batch is of. */
  readonly tumblingWindow?: Duration;
}

type Source = Pick<EventSourceMappingOptions, 'eventSourceArn' | 'tumblingWindow' | 'filters'>;

/** Who reads a stream, and by which mapping. */
export interface StreamReader {
  readonly function: NodeFunction;
  readonly mapping: EventSourceMapping;
}

const dist = join(import.meta.dirname, '..', 'dist', 'functions');

/** The one place that says how a function of ours runs. */
export class NodeFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    const { memoryMb, timeoutSeconds, reserved } = props.config.functions[props.capability];
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: props.config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = new Role(scope, `${id}Role`, {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${props.capability} may do`,
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
      }),
    );
    super(scope, id, {
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundleOf(props.capability)),
      handler: 'index.handler',
      role,
      memorySize: memoryMb,
      timeout: Duration.seconds(timeoutSeconds),
      reservedConcurrentExecutions: reserved,
      tracing: Tracing.ACTIVE,
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      environment: {
        ...props.environment,
        ...(props.deployedAt === undefined ? {} : { DEPLOYED_AT: props.deployedAt }),
      },
    });
  }

  readStream(id: string, reading: StreamReading): EventSourceMapping {
    reading.events.grant(
      this,
      'kinesis:DescribeStream',
      'kinesis:DescribeStreamSummary',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListShards',
      'kinesis:ListStreams',
    );
    return this.readFrom(id, reading, { eventSourceArn: reading.events.streamArn });
  }

  /** The stream of a table; the filter keeps the calls to what is asked for. */
  readTable(id: string, reading: TableReading): EventSourceMapping {
    this.addToRolePolicy(
      new PolicyStatement({
        actions: [
          'dynamodb:DescribeStream',
          'dynamodb:GetRecords',
          'dynamodb:GetShardIterator',
          'dynamodb:ListStreams',
        ],
        resources: [reading.changes],
      }),
    );
    return this.readFrom(id, reading, {
      eventSourceArn: reading.changes,
      ...(reading.tumblingWindow && { tumblingWindow: reading.tumblingWindow }),
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.or(...reading.events),
          dynamodb: { Keys: { sk: { S: FilterRule.or(...reading.items) } } },
        }),
      ],
    });
  }

  /** Every option that matters is written here; a default would be Lambda's to change. */
  private readFrom(id: string, reading: Reading, source: Source): EventSourceMapping {
    reading.key?.grant(this, 'kms:Decrypt');
    return this.addEventSourceMapping(id, {
      ...source,
      enabled: true,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: reading.recordsMax,
      maxBatchingWindow: Duration.seconds(reading.windowSeconds),
      parallelizationFactor: reading.lanes,
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      // A bad record is parked by the handler; what is left to retry is the world, and it heals.
      retryAttempts: -1,
      maxRecordAge: reading.recordAge,
      onFailure: new DiscardedTo(reading.discarded, reading.key),
      supportS3OnFailureDestination: true,
      ...(reading.counts ? { metricsConfig: { metrics: [MetricType.EVENT_COUNT] } } : {}),
    });
  }
}

const bundleOf = (capability: Capability): string => {
  const folder = join(dist, capability);
  if (existsSync(join(folder, 'index.mjs'))) return folder;
  throw new Error(`there is no bundle of "${capability}": run node bin/bundle.ts`);
};
