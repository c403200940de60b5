import { Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { EventSourceMapping, IFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Capability } from './config.ts';
import { ledgerSignal } from './ledger-signal.ts';
import { minuteSignals } from './minute-signals.ts';
import { nightSignals } from './night-signals.ts';
import type { StreamReader } from './node-function.ts';
import { parkedSignals } from './parked-signals.ts';
import { minute, type Signal } from './signal.ts';
import { type SpillNames, spillSignals } from './spill-signals.ts';

export interface Reader extends StreamReader {
  readonly streamName: string;
  readonly retentionHours: number;
}

export interface AlarmsProps {
  /** Only what the size has. */
  readonly functions: Readonly<Partial<Record<Capability, IFunction>>>;
  readonly readers: Readonly<Record<'enrich' | 'aggregate', Reader>>;
  /** Readers of a table's stream, which keeps 24 hours. */
  readonly tables: Readonly<Partial<Record<'project' | 'tally', StreamReader>>>;
  /** By the folder of the lake that they fill. */
  readonly deliveries: Readonly<Record<'raw' | 'enriched', string>>;
  readonly spill: SpillNames;
  /** ARN of the nightly job. */
  readonly nightlyMachine: string;
  readonly apiId: string;
  /** Names this deployment in metrics that are not a function's. */
  readonly stage: string;
  readonly key: IKey | undefined;
}

const BEHIND_MS = 60_000;
const ARCHIVE_BEHIND_SECONDS = 900;
const SERVER_ERROR_PERCENT = 1;
const MS_PER_HOUR = 3_600_000;

/** Two topics to subscribe to; nothing here mails anybody by itself. */
export class Alarms extends Construct {
  readonly pages: Topic;
  readonly tickets: Topic;
  readonly count: number;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.pages = this.#topic('Pages', props.key);
    this.tickets = this.#topic('Tickets', props.key);

    const signals = [
      ...Object.entries(props.readers).flatMap(([name, reader]) => readerSignals(name, reader)),
      ...Object.entries(props.tables).flatMap(([name, reader]) => tableReaderSignals(name, reader)),
      ...Object.entries(props.functions).flatMap(([name, one]) => functionSignals(name, one)),
      ...Object.entries(props.deliveries).map(([name, delivery]) => archiveSignal(name, delivery)),
      ...spillSignals(props.spill),
      ...parkedSignals(),
      ...nightSignals(props.nightlyMachine),
      ...minuteSignals(),
      apiSignal(props.apiId),
      ledgerSignal(props.stage),
    ];
    for (const signal of signals) this.#alarm(signal);
    this.count = signals.length;
  }

  #topic(id: string, key: IKey | undefined): Topic {
    const topic = new Topic(this, id, { enforceSSL: true, ...(key && { masterKey: key }) });
    // A policy of its own replaces the default one, under which alarms may publish.
    topic.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return topic;
  }

  #alarm({ id, says, runbook, pages, metric, above, minutes, of, ...more }: Signal): void {
    new Alarm(this, id, {
      alarmDescription: `${says} Runbook: docs/runbooks/${runbook}.md`,
      metric,
      threshold: above,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      datapointsToAlarm: minutes,
      evaluationPeriods: of,
      // No invocation, no datapoint. Silence has signals of its own.
      treatMissingData: more.watchesSilence
        ? TreatMissingData.BREACHING
        : TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(new SnsAction(pages ? this.pages : this.tickets));
  }
}

/** What every reader is watched for: age against half of what its stream keeps, and what it gave up. */
const ageSignals = (
  name: string,
  reader: StreamReader,
  retentionHours: number,
): readonly Signal[] => {
  const age = reader.function.metric('IteratorAge', { statistic: 'Maximum', period: minute });
  const Name = named(name);
  return [
    {
      id: `${Name}Behind`,
      says: `${name} is more than a minute behind its stream.`,
      runbook: 'stream-behind',
      pages: false,
      metric: age,
      above: BEHIND_MS,
      minutes: 3,
      of: 5,
    },
    {
      id: `${Name}FarBehind`,
      says: `${name} is half a retention behind its stream; what it does not reach is discarded.`,
      runbook: 'stream-far-behind',
      pages: true,
      metric: age,
      above: (retentionHours * MS_PER_HOUR) / 2,
      minutes: 3,
      of: 5,
    },
    {
      id: `${Name}Discarded`,
      says: `The mapping of ${name} gave up on records; their bytes are in the failed bucket.`,
      runbook: 'records-discarded',
      pages: true,
      metric: discarded(reader.mapping),
      above: 0,
      minutes: 1,
      of: 1,
    },
  ];
};

const TABLE_STREAM_HOURS = 24;

const tableReaderSignals = (name: string, reader: StreamReader): readonly Signal[] =>
  ageSignals(name, reader, TABLE_STREAM_HOURS);

const readerSignals = (name: string, reader: Reader): readonly Signal[] => {
  const Name = named(name);
  return [
    ...ageSignals(name, reader, reader.retentionHours),
    {
      id: `${Name}Silent`,
      says: `Records arrive and ${name} is not called.`,
      runbook: 'consumer-silent',
      pages: true,
      metric: silent(reader),
      above: 0,
      minutes: 5,
      of: 5,
    },
    {
      id: `${Name}StreamFull`,
      says: `The stream that ${name} reads refuses writes.`,
      runbook: 'stream-write-throttled',
      pages: false,
      metric: ofStream(reader.streamName, 'WriteProvisionedThroughputExceeded'),
      above: 0,
      minutes: 3,
      of: 5,
    },
  ];
};

const functionSignals = (name: string, one: IFunction): readonly Signal[] => [
  {
    id: `${named(name)}Errors`,
    says: `${name} fails.`,
    runbook: 'function-errors',
    pages: false,
    metric: one.metricErrors({ period: minute }),
    above: 0,
    minutes: 3,
    of: 5,
  },
  {
    id: `${named(name)}Throttled`,
    says: `${name} gets no concurrency.`,
    runbook: 'function-throttled',
    pages: false,
    metric: one.metricThrottles({ period: minute }),
    above: 0,
    minutes: 3,
    of: 5,
  },
];

const archiveSignal = (name: string, deliveryStreamName: string): Signal => ({
  id: `${named(name)}ArchiveBehind`,
  says: `The delivery of ${name} events to the lake is more than 15 minutes behind.`,
  runbook: 'archive-behind',
  pages: false,
  metric: new Metric({
    namespace: 'AWS/Firehose',
    metricName: 'DeliveryToS3.DataFreshness',
    dimensionsMap: { DeliveryStreamName: deliveryStreamName },
    statistic: 'Maximum',
    period: minute,
  }),
  above: ARCHIVE_BEHIND_SECONDS,
  minutes: 3,
  of: 5,
});

const apiSignal = (apiId: string): Signal => ({
  id: 'ApiServerErrors',
  says: `More than ${SERVER_ERROR_PERCENT} % of the answers are 5xx.`,
  runbook: 'api-server-errors',
  pages: true,
  metric: new MathExpression({
    label: '5xx, percent of requests',
    expression: '100 * errors / requests',
    period: minute,
    usingMetrics: {
      errors: ofApi(apiId, '5xx', 'Sum'),
      requests: ofApi(apiId, 'Count', 'SampleCount'),
    },
  }),
  above: SERVER_ERROR_PERCENT,
  minutes: 3,
  of: 5,
});

const discarded = (mapping: EventSourceMapping): IMetric => {
  const count = (metricName: string) =>
    new Metric({
      namespace: 'AWS/Lambda',
      metricName,
      dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
      statistic: 'Sum',
      period: minute,
    });
  return new MathExpression({
    label: 'records discarded',
    expression: 'FILL(dropped, 0) + FILL(kept, 0)',
    period: minute,
    usingMetrics: {
      dropped: count('DroppedEventCount'),
      kept: count('OnFailureDestinationDeliveredEventCount'),
    },
  });
};

/** 1 in a minute in which something arrived and nobody was called. */
const silent = (reader: Reader): IMetric =>
  new MathExpression({
    label: 'minutes without a call',
    expression: 'IF(FILL(arrived, 0) > 0 AND FILL(calls, 0) == 0, 1, 0)',
    period: minute,
    usingMetrics: {
      arrived: ofStream(reader.streamName, 'IncomingRecords'),
      calls: reader.function.metricInvocations({ period: minute }),
    },
  });

const ofStream = (streamName: string, metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/Kinesis',
    metricName,
    dimensionsMap: { StreamName: streamName },
    statistic: 'Sum',
    period: minute,
  });

const ofApi = (apiId: string, metricName: string, statistic: string): Metric =>
  new Metric({
    namespace: 'AWS/ApiGateway',
    metricName,
    dimensionsMap: { ApiId: apiId },
    statistic,
    period: minute,
  });

/** `plan-load` is PlanLoad. */
const named = (word: string): string =>
  word
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
