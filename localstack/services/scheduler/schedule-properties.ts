/** AWS::Scheduler::Schedule, whose target is a function. */
import { fromRfc3339 } from '../../../functions/core/time.ts';
import type { InertReason, ResolvedResource } from '../../cloud.ts';
import type { ScheduleConfig } from '../../engines/scheduler.ts';
import { parseSchedule } from '../../engines/scheduler-expression.ts';

interface Properties {
  readonly Name?: string;
  readonly GroupName?: string;
  readonly Description?: string;
  readonly State?: string;
  readonly ScheduleExpression: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly StartDate?: string;
  readonly EndDate?: string;
  readonly FlexibleTimeWindow: { readonly Mode: string; readonly MaximumWindowInMinutes?: number };
  readonly Target: {
    readonly Arn: string;
    readonly Input?: string;
    readonly RetryPolicy?: {
      readonly MaximumRetryAttempts?: number;
      readonly MaximumEventAgeInSeconds?: number;
    };
  };
}

export interface ScheduleSpec {
  readonly name: string;
  readonly group: string;
  readonly functionName: string;
  readonly payload: string;
  readonly properties: Properties;
  readonly config: ScheduleConfig;
}

export const HONOURED = [
  'Name',
  'GroupName',
  'Description',
  'State',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'StartDate',
  'EndDate',
  'FlexibleTimeWindow',
  'Target.Arn',
  'Target.Input',
  'Target.RetryPolicy',
] as const;

export const INERT: Readonly<Record<string, InertReason>> = {
  'Target.RoleArn': 'iam',
  KmsKeyArn: 'keys',
};

const RETRIES_DEFAULT = 185;
const EVENT_AGE_SECONDS_DEFAULT = 86_400;

const instant = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const at = fromRfc3339(text);
  if (at === undefined) throw new Error(`not an instant: ${text}`);
  return at;
};

const windowMs = ({ Mode, MaximumWindowInMinutes }: Properties['FlexibleTimeWindow']): number => {
  if (Mode === 'OFF') return 0;
  if (Mode === 'FLEXIBLE' && MaximumWindowInMinutes !== undefined) {
    return MaximumWindowInMinutes * 60_000;
  }
  throw new Error('a flexible window needs MaximumWindowInMinutes');
};

const FUNCTION_ARN = /^arn:aws:lambda:[^:]+:\d{12}:function:([^:]+)/;

export const scheduleSpec = ({
  properties: given,
  physicalName,
}: ResolvedResource): ScheduleSpec => {
  const properties = given as unknown as Properties;
  const { Target: target, ScheduleExpressionTimezone: zone = 'UTC' } = properties;
  if (zone !== 'UTC') throw new Error(`schedules are in UTC in the local cloud, not ${zone}`);
  const functionName = FUNCTION_ARN.exec(target.Arn)?.[1];
  if (functionName === undefined)
    throw new Error(`a schedule's target is a function: ${target.Arn}`);
  return {
    name: properties.Name ?? physicalName,
    group: properties.GroupName ?? 'default',
    functionName,
    payload: target.Input ?? '{}',
    properties,
    config: {
      nextAfter: parseSchedule(properties.ScheduleExpression),
      enabled: properties.State !== 'DISABLED',
      startMs: instant(properties.StartDate),
      endMs: instant(properties.EndDate),
      windowMs: windowMs(properties.FlexibleTimeWindow),
      retriesMax: target.RetryPolicy?.MaximumRetryAttempts ?? RETRIES_DEFAULT,
      eventAgeMaxMs:
        (target.RetryPolicy?.MaximumEventAgeInSeconds ?? EVENT_AGE_SECONDS_DEFAULT) * 1_000,
    },
  };
};
