import {
  at,
  type CfnTemplate,
  every,
  list,
  type Rule,
  resources,
  statements,
  target,
} from './rule.ts';

const FUNCTION = 'AWS::Lambda::Function';
const TIMEOUT_SECONDS_MAX = 60;
const SECRET_NAME = /SECRET|PASSWORD|PASSWD|PRIVATE|CREDENTIAL|TOKEN|API_?KEY|ACCESS_?KEY/i;
const SECRET_VALUE =
  /AKIA[0-9A-Z]{16}|-----BEGIN|trb_(write|client|server|operator)_[0-9A-Za-z]{32}/;

/** Actions that exist for no narrower resource than `*`. */
const RESOURCELESS = new Set([
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
  // Interfaces of a function in a network: Lambda asks for all of these on every resource.
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
  // What has been measured is asked for by metric, not by resource.
  'cloudwatch:GetMetricData',
  // A machine that is traced, and one that logs: Step Functions asks for all of these.
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'logs:CreateLogDelivery',
  'logs:DeleteLogDelivery',
  'logs:DescribeLogGroups',
  'logs:DescribeResourcePolicies',
  'logs:GetLogDelivery',
  'logs:ListLogDeliveries',
  'logs:PutResourcePolicy',
  'logs:UpdateLogDelivery',
]);

const variables = (properties: unknown): readonly [string, unknown][] =>
  Object.entries((at(properties, 'Environment.Variables') ?? {}) as Record<string, unknown>);

export const computeRules: readonly Rule[] = [
  {
    id: 'function-logs-to-a-group-that-ends',
    why: 'the group that Lambda makes keeps logs for ever',
    broken: every(FUNCTION, (properties, template) => {
      const group = target(at(properties, 'LoggingConfig.LogGroup'));
      return group !== undefined && retentionOf(template, group) !== undefined;
    }),
  },
  {
    id: 'log-group-ends',
    why: 'logs may name people, and cost by the month',
    broken: every(
      'AWS::Logs::LogGroup',
      (group) => typeof at(group, 'RetentionInDays') === 'number',
    ),
  },
  {
    id: 'function-has-a-timeout',
    why: 'a call that hangs holds its lane',
    broken: every(FUNCTION, (properties) => {
      const timeout = at(properties, 'Timeout');
      return typeof timeout === 'number' && timeout <= TIMEOUT_SECONDS_MAX;
    }),
  },
  {
    id: 'function-decides-its-concurrency',
    why: 'one function that runs wild starves the others',
    broken: every(
      FUNCTION,
      (properties) => typeof at(properties, 'ReservedConcurrentExecutions') === 'number',
    ),
  },
  {
    id: 'function-runs-node-24-on-arm',
    why: 'the bytes are tested on that runtime, and Graviton is a fifth cheaper',
    broken: every(
      FUNCTION,
      (properties) =>
        at(properties, 'Runtime') === 'nodejs24.x' && at(properties, 'Architectures.0') === 'arm64',
    ),
  },
  {
    id: 'function-is-traced',
    why: 'a slow request is explained by its trace or not at all',
    broken: every(FUNCTION, (properties) => at(properties, 'TracingConfig.Mode') === 'Active'),
  },
  {
    id: 'function-has-no-url',
    why: 'a function URL goes around the throttle and the access log',
    broken: every('AWS::Lambda::Url', () => false),
  },
  {
    id: 'function-has-no-fault-doors',
    why: 'the doors that tests break things through must not exist where data is real',
    broken: every(FUNCTION, (properties) =>
      variables(properties).every(([name]) => name !== 'FAULT_DOORS'),
    ),
  },
  {
    id: 'function-carries-no-secret',
    why: 'variables are shown to everyone who may look at a function',
    broken: every(FUNCTION, (properties) =>
      variables(properties).every(
        ([name, value]) => !SECRET_NAME.test(name) && !SECRET_VALUE.test(JSON.stringify(value)),
      ),
    ),
  },
  {
    id: 'permission-names-its-caller',
    why: 'without a source any API of any account may call',
    broken: every(
      'AWS::Lambda::Permission',
      (permission) => at(permission, 'SourceArn') !== undefined,
    ),
  },
  {
    id: 'policy-names-resources',
    why: 'a grant on everything is a grant on what comes next',
    broken: (template) =>
      policies(template)
        .filter(([, document]) =>
          statements(document).some(
            ({ effect, actions, resources: on }) =>
              effect === 'Allow' &&
              on.includes('*') &&
              !actions.every((action) => RESOURCELESS.has(String(action))),
          ),
        )
        .map(([id]) => id),
  },
  {
    id: 'policy-names-actions',
    why: 'a star among actions also means those that AWS adds next year',
    broken: (template) =>
      policies(template)
        .filter(([, document]) =>
          statements(document).some(
            ({ effect, actions }) =>
              effect === 'Allow' && actions.some((action) => String(action).includes('*')),
          ),
        )
        .map(([id]) => id),
  },
  {
    id: 'role-has-no-managed-policy',
    why: 'what AWS writes into its policies is decided elsewhere',
    broken: every('AWS::IAM::Role', (role) => list(at(role, 'ManagedPolicyArns')).length === 0),
  },
];

const policies = (template: CfnTemplate): readonly [string, unknown][] => [
  ...resources(template, 'AWS::IAM::Policy').map(([id, { Properties }]): [string, unknown] => [
    id,
    at(Properties, 'PolicyDocument'),
  ]),
  ...resources(template, 'AWS::IAM::Role').flatMap(([id, { Properties }]) =>
    list(at(Properties, 'Policies')).map((policy): [string, unknown] => [
      id,
      at(policy, 'PolicyDocument'),
    ]),
  ),
];

const retentionOf = (template: CfnTemplate, id: string): unknown =>
  at(template.Resources[id]?.Properties, 'RetentionInDays');
