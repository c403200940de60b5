/** What works inside the network of the cache: where that is, and what it takes to be there. */
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnFunction, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';

export interface Inside {
  readonly cacheUrl: string;
  /** The cache and its user: IAM wants both named. */
  readonly cacheArns: readonly string[];
  readonly subnetIds: string[];
  readonly securityGroupIds: string[];
}

/**
 * Lambda makes and removes the interfaces with the function's own role, and none of these actions
 * knows a resource before it exists.
 */
const INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/** By the plain resource: the network is of the other stack, and known by its ids alone. */
export const putInside = (
  lambda: LambdaFunction,
  { subnetIds, securityGroupIds, cacheArns }: Inside,
): void => {
  const resource = lambda.node.defaultChild;
  if (!(resource instanceof CfnFunction)) throw new Error('a function has its own resource');
  resource.vpcConfig = { subnetIds, securityGroupIds };
  lambda.addToRolePolicy(new PolicyStatement({ actions: INTERFACE_ACTIONS, resources: ['*'] }));
  lambda.addToRolePolicy(
    new PolicyStatement({ actions: ['elasticache:Connect'], resources: [...cacheArns] }),
  );
};
