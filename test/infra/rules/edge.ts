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

const STAGE = 'AWS::ApiGatewayV2::Stage';
const ALARM = 'AWS::CloudWatch::Alarm';
const CACHES = ['AWS::ElastiCache::ServerlessCache', 'AWS::ElastiCache::ReplicationGroup'];
const RUNBOOK = /docs\/runbooks\/[a-z0-9-]+\.md$/;
const EXITS = ['InternetGateway', 'NatGateway', 'EgressOnlyInternetGateway', 'VPNGateway'];

const everyCache = (holds: Parameters<typeof every>[1]): Rule['broken'] => {
  return (template) => CACHES.flatMap((type) => every(type, holds)(template));
};

/** The door, the network and the watch. No pack knows a ServerlessCache or a user group. */
export const edgeRules: readonly Rule[] = [
  {
    id: 'stage-throttles',
    why: 'the token buckets in functions are per process; this one is the hard limit',
    broken: every(STAGE, (stage) => {
      const rate = at(stage, 'DefaultRouteSettings.ThrottlingRateLimit');
      const burst = at(stage, 'DefaultRouteSettings.ThrottlingBurstLimit');
      return typeof rate === 'number' && rate > 0 && typeof burst === 'number' && burst >= rate;
    }),
  },
  {
    id: 'stage-logs-access',
    why: 'what API Gateway refuses is seen nowhere else',
    broken: every(STAGE, (stage) => {
      return (
        at(stage, 'AccessLogSettings.DestinationArn') !== undefined &&
        at(stage, 'AccessLogSettings.Format') !== undefined
      );
    }),
  },
  {
    id: 'access-log-names-nobody',
    why: 'addresses and paths with user ids are personal data',
    broken: every(
      STAGE,
      (stage) =>
        !/\$context\.(identity|path|authorizer|domain)/.test(
          String(at(stage, 'AccessLogSettings.Format')),
        ),
    ),
  },
  {
    id: 'cache-is-in-private-subnets',
    why: 'a cache that the internet can reach is read by it',
    broken: (template) =>
      everyCache((cache) => {
        const ids = subnetIdsOf(cache, template);
        return (
          ids.length > 1 &&
          noWayOut(template) &&
          ids.every((id) => at(template.Resources[id]?.Properties, 'MapPublicIpOnLaunch') === false)
        );
      })(template),
  },
  {
    id: 'cache-has-security-group',
    why: 'who may connect is a list, and it is not everyone',
    broken: everyCache((cache, template) => {
      const groups = list(at(cache, 'SecurityGroupIds')).map(target);
      return (
        groups.length > 0 &&
        groups.every((id) => id !== undefined && !isOpen(template.Resources[id]?.Properties))
      );
    }),
  },
  {
    id: 'cache-has-user-group',
    why: 'without one the default user may do everything',
    broken: everyCache(
      (cache) => (at(cache, 'UserGroupId') ?? at(cache, 'UserGroupIds.0')) !== undefined,
    ),
  },
  {
    id: 'cache-users-sign-in-by-iam',
    why: 'a password is one more secret to leak',
    broken: every(
      'AWS::ElastiCache::User',
      (user) =>
        at(user, 'AuthenticationMode.Type') === 'iam' &&
        at(user, 'Passwords') === undefined &&
        at(user, 'UserName') !== 'default',
    ),
  },
  {
    id: 'cache-users-administer-nothing',
    why: 'a function that can FLUSHALL will, one day',
    broken: every('AWS::ElastiCache::User', (user) => {
      const access = String(at(user, 'AccessString'));
      return access.includes('-@all') && !/\+@(all|admin|dangerous)/.test(access);
    }),
  },
  {
    id: 'cache-demands-tls',
    why: 'profiles are personal data, also inside the network (serverless: always on)',
    broken: every(
      'AWS::ElastiCache::ReplicationGroup',
      (nodes) =>
        at(nodes, 'TransitEncryptionEnabled') === true &&
        at(nodes, 'TransitEncryptionMode') === 'required',
    ),
  },
  {
    id: 'cache-has-customer-key',
    why: 'who may read is decided in one key policy, and can be taken back',
    broken: everyCache((cache) => target(at(cache, 'KmsKeyId')) !== undefined),
  },
  {
    id: 'cache-bounds-its-bill',
    why: 'a serverless cache grows with whatever is put into it',
    broken: every(
      'AWS::ElastiCache::ServerlessCache',
      (cache) =>
        at(cache, 'CacheUsageLimits.DataStorage.Maximum') !== undefined &&
        at(cache, 'CacheUsageLimits.ECPUPerSecond.Maximum') !== undefined,
    ),
  },
  {
    id: 'network-logs-rejections',
    why: 'a refused connection is the first sign of a wrong rule, or of a visitor',
    broken: every('AWS::EC2::VPC', (_network, template, id) =>
      resources(template, 'AWS::EC2::FlowLog').some(
        ([, { Properties }]) => target(at(Properties, 'ResourceId')) === id,
      ),
    ),
  },
  {
    id: 'alarm-acts',
    why: 'an alarm that tells nobody is a chart',
    broken: every(ALARM, (alarm) => list(at(alarm, 'AlarmActions')).length > 0),
  },
  {
    id: 'alarm-links-its-runbook',
    why: 'who is woken at four needs the next step, not a name',
    broken: every(ALARM, (alarm) => RUNBOOK.test(String(at(alarm, 'AlarmDescription')))),
  },
  {
    id: 'alarm-decides-about-silence',
    why: 'missing data is good news for errors and bad news for heartbeats; nobody else knows which',
    broken: every(ALARM, (alarm) => at(alarm, 'TreatMissingData') !== undefined),
  },
  {
    id: 'topic-is-encrypted',
    why: 'alarms tell what is broken',
    broken: every('AWS::SNS::Topic', (topic) => at(topic, 'KmsMasterKeyId') !== undefined),
  },
  {
    id: 'topic-demands-tls',
    why: 'and nobody else should read it on the way',
    broken: every('AWS::SNS::Topic', (_topic, template, id) =>
      resources(template, 'AWS::SNS::TopicPolicy')
        .filter(([, { Properties }]) => list(at(Properties, 'Topics')).map(target).includes(id))
        .flatMap(([, { Properties }]) => statements(at(Properties, 'PolicyDocument')))
        .some(
          ({ effect, condition }) =>
            effect === 'Deny' && String(at(condition, 'Bool.aws:SecureTransport')) === 'false',
        ),
    ),
  },
];

const subnetIdsOf = (cache: unknown, template: CfnTemplate): readonly string[] => {
  const group = target(at(cache, 'CacheSubnetGroupName'));
  const given = at(group ? template.Resources[group]?.Properties : cache, 'SubnetIds');
  return list(given).map((subnet) => target(subnet) ?? '');
};

const noWayOut = (template: CfnTemplate): boolean =>
  EXITS.every((exit) => resources(template, `AWS::EC2::${exit}`).length === 0);

const isOpen = (group: unknown): boolean =>
  list(at(group, 'SecurityGroupIngress')).some(
    (rule) => at(rule, 'CidrIp') === '0.0.0.0/0' || at(rule, 'CidrIpv6') === '::/0',
  );
