/**
 * Types without behaviour on a laptop, each with its reason. There is no other reason than these:
 * who may do what, keys, logs, the private network, tags, tracing, and alarms.
 */
import type { InertReason, ResolvedResource, ResourceType } from '../cloud.ts';
import { ACCOUNT, REGION } from './pseudo.ts';

const inertTypes: Readonly<Record<string, InertReason>> = {
  'AWS::IAM::Role': 'iam',
  'AWS::IAM::Policy': 'iam',
  'AWS::IAM::ManagedPolicy': 'iam',
  'AWS::SQS::QueuePolicy': 'iam',
  'AWS::Lambda::Permission': 'iam',
  'AWS::ElastiCache::User': 'iam',
  'AWS::ElastiCache::UserGroup': 'iam',
  'AWS::ElastiCache::SubnetGroup': 'vpc',
  'AWS::KMS::Key': 'keys',
  'AWS::KMS::Alias': 'keys',
  'AWS::Logs::LogGroup': 'logs',
  'AWS::Logs::LogStream': 'logs',
  'AWS::EC2::VPC': 'vpc',
  'AWS::EC2::Subnet': 'vpc',
  'AWS::EC2::RouteTable': 'vpc',
  'AWS::EC2::SubnetRouteTableAssociation': 'vpc',
  'AWS::EC2::SecurityGroup': 'vpc',
  'AWS::EC2::SecurityGroupIngress': 'vpc',
  'AWS::EC2::SecurityGroupEgress': 'vpc',
  'AWS::EC2::VPCEndpoint': 'vpc',
  'AWS::EC2::FlowLog': 'vpc',
  'AWS::CloudWatch::Alarm': 'alarms',
  'AWS::CloudWatch::CompositeAlarm': 'alarms',
  'AWS::CloudWatch::Dashboard': 'alarms',
  'AWS::SNS::Topic': 'alarms',
  'AWS::SNS::TopicPolicy': 'alarms',
  // What CDK writes about itself; it says which constructs were used, as a tag would.
  'AWS::CDK::Metadata': 'tags',
};

const arnOf = ({ type, physicalName }: ResolvedResource): string => {
  const [, service = 'unknown', kind = 'thing'] = type.toLowerCase().split('::');
  return `arn:aws:${service}:${REGION}:${ACCOUNT}:${kind}/${physicalName}`;
};

/** A made-up attribute is harmless: only other inert resources and policies read it. */
const attributesOf = (resource: ResolvedResource): Readonly<Record<string, string>> => {
  const arn = arnOf(resource);
  return new Proxy<Record<string, string>>(
    { Arn: arn },
    { get: (known, name) => known[String(name)] ?? `${resource.physicalName}-${String(name)}` },
  );
};

export const inertResourceTypes: readonly ResourceType[] = Object.entries(inertTypes).map(
  ([type, reason]) => ({
    type,
    honoured: [],
    inert: { '*': reason },
    create: async (resource) => ({
      ref: resource.physicalName,
      attributes: attributesOf(resource),
    }),
  }),
);
