import type { ResolvedResource } from '../../cloud.ts';
import { functionNameOf, reader, responseTypes } from './settings.ts';

export interface QueueMappingSettings {
  readonly functionName: string;
  readonly sourceArn: string;
  readonly batchSize: number;
  readonly callsMax: number;
  readonly reportItemFailures: boolean;
  readonly enabled: boolean;
}

/** AWS starts with five pollers; a laptop needs no more. */
const CALLS_AT_ONCE = 5;

/** What belongs to streams; AWS refuses it beside a queue. */
const OF_STREAMS = [
  'BisectBatchOnFunctionError',
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'ParallelizationFactor',
  'StartingPosition',
  'TumblingWindowInSeconds',
];

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html */
export const queueSettingsOf = ({
  logicalId,
  properties,
}: ResolvedResource): QueueMappingSettings => {
  const read = reader(logicalId, properties);
  for (const name of OF_STREAMS)
    if (properties[name] !== undefined) throw read.refusal(`${name} is not for a queue`);
  if (properties.FilterCriteria !== undefined)
    throw read.refusal('FilterCriteria of a queue are not run locally');
  read.integer('MaximumBatchingWindowInSeconds', 0, { min: 0, max: 0 });
  const { MaximumConcurrency } = Object(properties.ScalingConfig);
  const callsMax = Number(MaximumConcurrency ?? CALLS_AT_ONCE);
  if (!Number.isInteger(callsMax) || callsMax < 2 || callsMax > 1000)
    throw read.refusal('MaximumConcurrency must be an integer from 2 to 1000');
  return {
    functionName: functionNameOf(read.text('FunctionName')),
    sourceArn: read.text('EventSourceArn'),
    batchSize: read.integer('BatchSize', 10, { min: 1, max: 10 }),
    callsMax,
    reportItemFailures: responseTypes(read, properties.FunctionResponseTypes),
    enabled: read.flag('Enabled', true),
  };
};
