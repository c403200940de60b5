import { at, every, list, type Rule } from './rule.ts';

const GROUP = 'AWS::Athena::WorkGroup';
const MACHINE = 'AWS::StepFunctions::StateMachine';
const SCHEDULE = 'AWS::Scheduler::Schedule';

const configured = (group: unknown, path: string): unknown =>
  at(group, `WorkGroupConfiguration.${path}`);

/** Neither cdk-nag nor cfn-guard looks at a schedule or at what a workgroup may cost. */
export const lakeRules: readonly Rule[] = [
  {
    id: 'workgroup-is-enforced',
    why: 'a client could send results elsewhere, and leave them unencrypted',
    broken: every(GROUP, (group) => configured(group, 'EnforceWorkGroupConfiguration') === true),
  },
  {
    id: 'workgroup-encrypts-results',
    why: 'results hold rows of people',
    broken: every(
      GROUP,
      (group) =>
        configured(group, 'ResultConfiguration.EncryptionConfiguration.EncryptionOption') !==
        undefined,
    ),
  },
  {
    id: 'workgroup-caps-a-scan',
    why: 'one statement without its day would be billed for all of the lake',
    broken: every(
      GROUP,
      (group) => typeof configured(group, 'BytesScannedCutoffPerQuery') === 'number',
    ),
  },
  {
    id: 'workgroup-pins-its-engine',
    why: 'the next engine may answer differently, and is tried before it is taken',
    broken: every(GROUP, (group) =>
      /^Athena engine version \d+$/.test(
        String(configured(group, 'EngineVersion.SelectedEngineVersion')),
      ),
    ),
  },
  {
    id: 'machine-logs-errors',
    why: 'an execution is kept for 90 days only',
    broken: every(
      MACHINE,
      (machine) =>
        ['ERROR', 'ALL'].includes(String(at(machine, 'LoggingConfiguration.Level'))) &&
        list(at(machine, 'LoggingConfiguration.Destinations')).length > 0,
    ),
  },
  {
    id: 'machine-is-traced',
    why: 'a slow night is explained by its trace or not at all',
    broken: every(MACHINE, (machine) => at(machine, 'TracingConfiguration.Enabled') === true),
  },
  {
    id: 'schedule-stops-trying',
    why: 'a start that is a day late meets the next one',
    broken: every(
      SCHEDULE,
      (schedule) =>
        typeof at(schedule, 'Target.RetryPolicy.MaximumRetryAttempts') === 'number' &&
        typeof at(schedule, 'Target.RetryPolicy.MaximumEventAgeInSeconds') === 'number',
    ),
  },
];
