import type { ResolvedResource } from '../../cloud.ts';
import { recordFilter } from '../../engines/event-source-mapping/filter.ts';
import type { MappingConfig } from '../../engines/event-source-mapping/types.ts';

/** Everything of a mapping but its identity, which the shell gives. */
export type MappingSettings = Omit<MappingConfig, 'uuid' | 'startAtMs'> & {
  readonly enabled: boolean;
  readonly startingPosition: string;
  readonly startingTimestampMs: number | null;
};

export class UnreadableMapping extends Error {
  override readonly name = 'UnreadableMapping';
}

type Fields = Readonly<Record<string, unknown>>;

const MS = 1000;
const RECORD_AGE_S_MIN = 60;
const RECORD_AGE_S_MAX = 604_800;

/**
 * Defaults and ranges of
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html.
 */
export const settingsOf = (
  { logicalId, properties }: ResolvedResource,
  kind: 'kinesis' | 'dynamodb',
): MappingSettings => {
  const read = reader(logicalId, properties);
  const functionName = functionNameOf(read.text('FunctionName'));
  const ageS = read.integer('MaximumRecordAgeInSeconds', -1, { min: -1, max: RECORD_AGE_S_MAX });
  if (ageS !== -1 && ageS < RECORD_AGE_S_MIN)
    throw read.refusal('MaximumRecordAgeInSeconds is -1 or at least 60');
  const lanes = read.integer('ParallelizationFactor', 1, { min: 1, max: 10 });
  const tumblingS = read.integer('TumblingWindowInSeconds', 0, { min: 0, max: 900 });
  if (tumblingS > 0 && lanes > 1)
    throw read.refusal('a tumbling window with a ParallelizationFactor above 1 is not run locally');
  return {
    kind,
    functionName,
    functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    sourceArn: read.text('EventSourceArn'),
    batchSize: read.integer('BatchSize', 100, { min: 1, max: 10_000 }),
    batchingWindowMs: MS * read.integer('MaximumBatchingWindowInSeconds', 0, { min: 0, max: 300 }),
    lanes,
    retriesMax: read.integer('MaximumRetryAttempts', -1, { min: -1, max: 10_000 }),
    recordAgeMaxMs: ageS === -1 ? null : ageS * MS,
    bisect: read.flag('BisectBatchOnFunctionError', false),
    reportItemFailures: responseTypes(read, properties.FunctionResponseTypes),
    onFailureBucket: bucketOf(read, properties.DestinationConfig),
    tumblingMs: tumblingS * MS,
    matches: recordFilter(kind, patternsOf(properties.FilterCriteria)),
    enabled: read.flag('Enabled', true),
    ...startOf(read, properties.StartingPositionTimestamp),
  };
};

export interface Reader {
  readonly text: (name: string) => string;
  readonly integer: (
    name: string,
    otherwise: number,
    range: { readonly min: number; readonly max: number },
  ) => number;
  readonly flag: (name: string, otherwise: boolean) => boolean;
  readonly refusal: (sentence: string) => UnreadableMapping;
}

export const reader = (logicalId: string, properties: Fields): Reader => {
  const refusal = (sentence: string) => new UnreadableMapping(`${logicalId}: ${sentence}`);
  return {
    refusal,
    text: (name) => {
      const value = properties[name];
      if (typeof value !== 'string') throw refusal(`${name} must be a string`);
      return value;
    },
    integer: (name, otherwise, { min, max }) => {
      const value = Number(properties[name] ?? otherwise);
      if (!Number.isInteger(value) || value < min || value > max)
        throw refusal(`${name} must be an integer from ${min} to ${max}`);
      return value;
    },
    flag: (name, otherwise) => {
      const value = properties[name] ?? otherwise;
      return value === true || value === 'true';
    },
  };
};

/** A name, or an ARN with or without a qualifier. */
export const functionNameOf = (text: string): string =>
  text.split(':function:').at(-1)?.split(':')[0] ?? text;

export const responseTypes = (read: Reader, value: unknown): boolean => {
  const types: readonly unknown[] = Array.isArray(value) ? value : [];
  if (types.some((type) => type !== 'ReportBatchItemFailures'))
    throw read.refusal('FunctionResponseTypes knows ReportBatchItemFailures only');
  return types.length > 0;
};

const bucketOf = (read: Reader, config: unknown): string | null => {
  const destination = (config as { OnFailure?: { Destination?: unknown } } | undefined)?.OnFailure
    ?.Destination;
  if (destination === undefined) return null;
  const bucket = /^arn:aws:s3:::([^/]+)$/.exec(String(destination))?.[1];
  if (bucket === undefined)
    throw read.refusal('the on-failure destination is a bucket: no other carries the records');
  return bucket;
};

const patternsOf = (criteria: unknown): readonly string[] => {
  const filters = (criteria as { Filters?: readonly { Pattern?: unknown }[] } | undefined)?.Filters;
  return (filters ?? []).map(({ Pattern }) => String(Pattern));
};

const startOf = (read: Reader, timestamp: unknown) => {
  const startingPosition = read.text('StartingPosition');
  if (!['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'].includes(startingPosition))
    throw read.refusal(`StartingPosition ${startingPosition} is unknown`);
  if (startingPosition === 'AT_TIMESTAMP' && timestamp === undefined)
    throw read.refusal('AT_TIMESTAMP takes a StartingPositionTimestamp');
  return {
    startingPosition,
    startingTimestampMs: timestamp === undefined ? null : Number(timestamp) * MS,
  };
};
