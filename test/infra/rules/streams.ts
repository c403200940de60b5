import { at, type CfnTemplate, every, list, type Rule, target } from './rule.ts';

const STREAM = 'AWS::Kinesis::Stream';
const MAPPING = 'AWS::Lambda::EventSourceMapping';
const DELIVERY = 'AWS::KinesisFirehose::DeliveryStream';
const S3 = 'ExtendedS3DestinationConfiguration';
const AGE_SECONDS_MIN = 60;
const AGE_SECONDS_MAX = 604_800;

/** Every option of a mapping that Lambda would otherwise choose. */
const MAPPING_OPTIONS = [
  'BatchSize',
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'Enabled',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'StartingPosition',
];

/** A queue has no position, no age and no bisection: its own rules say what it has. */
const QUEUE_OPTIONS = [
  'BatchSize',
  'Enabled',
  'FunctionResponseTypes',
  'MaximumBatchingWindowInSeconds',
  'ScalingConfig',
];

const readsQueue = (mapping: unknown): boolean =>
  at(mapping, 'ScalingConfig.MaximumConcurrency') !== undefined;

const isNumber = (value: unknown): value is number => typeof value === 'number';

export const streamRules: readonly Rule[] = [
  {
    id: 'stream-is-encrypted',
    why: 'events are personal data, also at rest',
    broken: every(STREAM, (stream) => at(stream, 'StreamEncryption.EncryptionType') === 'KMS'),
  },
  {
    id: 'stream-has-customer-key',
    why: 'who may read is decided in one key policy, and can be taken back',
    broken: every(STREAM, (stream) => target(at(stream, 'StreamEncryption.KeyId')) !== undefined),
  },
  {
    id: 'stream-states-its-retention',
    why: 'the retention is the time there is to mend a fault',
    broken: every(STREAM, (stream) => isNumber(at(stream, 'RetentionPeriodHours'))),
  },
  {
    id: 'stream-keeps-order',
    why: 'an on-demand stream may spread a partition key over shards, and order per user is gone',
    broken: every(STREAM, (stream) => at(stream, 'StreamModeDetails.StreamMode') === 'PROVISIONED'),
  },
  {
    id: 'mapping-writes-options-out',
    why: "a default is Lambda's to change",
    broken: every(MAPPING, (mapping) =>
      (readsQueue(mapping) ? QUEUE_OPTIONS : MAPPING_OPTIONS).every(
        (option) => at(mapping, option) !== undefined,
      ),
    ),
  },
  {
    id: 'mapping-reports-failures',
    why: 'else one failed record makes its whole batch fail',
    broken: every(MAPPING, (mapping) =>
      list(at(mapping, 'FunctionResponseTypes')).includes('ReportBatchItemFailures'),
    ),
  },
  {
    id: 'mapping-bisects',
    why: 'a batch that kills the function is halved until the record is alone',
    broken: every(
      MAPPING,
      (mapping) => readsQueue(mapping) || at(mapping, 'BisectBatchOnFunctionError') === true,
    ),
  },
  {
    id: 'mapping-retries-for-ever',
    why: 'a bounded number of attempts discards data in an outage of minutes',
    broken: every(
      MAPPING,
      (mapping) => readsQueue(mapping) || at(mapping, 'MaximumRetryAttempts') === -1,
    ),
  },
  {
    id: 'mapping-bounds-age',
    why: 'with an age of -1 what expires in the stream vanishes unseen',
    broken: every(MAPPING, (mapping) => {
      const age = at(mapping, 'MaximumRecordAgeInSeconds');
      if (readsQueue(mapping)) return true;
      return isNumber(age) && age >= AGE_SECONDS_MIN && age <= AGE_SECONDS_MAX;
    }),
  },
  {
    id: 'mapping-keeps-what-it-discards',
    why: 'S3 is the one destination that gets the records themselves',
    broken: every(
      MAPPING,
      (mapping) =>
        readsQueue(mapping) ||
        JSON.stringify(at(mapping, 'DestinationConfig.OnFailure.Destination') ?? '').includes(
          ':s3:::',
        ),
    ),
  },
  {
    id: 'mapping-begins-at-the-oldest',
    why: 'LATEST misses what arrives while a mapping is made',
    broken: every(
      MAPPING,
      (mapping) => readsQueue(mapping) || at(mapping, 'StartingPosition') === 'TRIM_HORIZON',
    ),
  },
  {
    id: 'mapping-filters-no-events',
    why: 'a filter drops in silence what it does not understand; of a table only keys are asked',
    broken: every(
      MAPPING,
      (mapping) => at(mapping, 'FilterCriteria') === undefined || asksKeysAlone(mapping),
    ),
  },
  {
    id: 'delivery-is-encrypted',
    why: 'what Firehose writes must be under the key of the lake',
    broken: every(
      DELIVERY,
      (delivery) =>
        at(delivery, `${S3}.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN`) !==
        undefined,
    ),
  },
  {
    id: 'delivery-reads-an-encrypted-stream',
    why: 'a delivery has no key of its own: its data rests in the stream',
    broken: every(DELIVERY, (delivery, template) => {
      const source = target(at(delivery, 'KinesisStreamSourceConfiguration.KinesisStreamARN'));
      return (
        source !== undefined &&
        at(propertiesOf(template, source), 'StreamEncryption.EncryptionType') === 'KMS'
      );
    }),
  },
  {
    id: 'delivery-keeps-failures-apart',
    why: 'without an error prefix, what could not be delivered lies among what was',
    broken: every(DELIVERY, (delivery) =>
      String(at(delivery, `${S3}.ErrorOutputPrefix`)).includes('!{firehose:error-output-type}'),
    ),
  },
  {
    id: 'delivery-logs-failures',
    why: 'Firehose tells its errors nowhere else',
    broken: every(
      DELIVERY,
      (delivery) => at(delivery, `${S3}.CloudWatchLoggingOptions.Enabled`) === true,
    ),
  },
];

const asksKeysAlone = (mapping: unknown): boolean =>
  list(at(mapping, 'FilterCriteria.Filters')).every((filter) =>
    /^\{"eventName":\[[A-Z",]+\],"dynamodb":\{"Keys":\{"sk":\{"S":\[[a-z",]+\]\}\}\}\}$/.test(
      String(at(filter, 'Pattern')),
    ),
  );

const propertiesOf = (template: CfnTemplate, id: string): unknown =>
  template.Resources[id]?.Properties;
