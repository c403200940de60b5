/** What the template says about a function, checked once. */
import { join } from 'node:path';
import type { ResolvedResource } from '../../cloud.ts';
import { isRecord } from '../../template/json.ts';
import { ACCOUNT, REGION } from '../../template/pseudo.ts';

export interface FunctionDefinition {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  /** The unpacked asset: the bytes that `cdk deploy` would zip and send. */
  readonly folder: string;
  readonly handler: string;
  readonly runtime: string;
  readonly architecture: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Undefined: not reserved. */
  readonly reservedCopies: number | undefined;
}

const RUNTIMES = ['nodejs24.x'];
const ARCHITECTURES = ['arm64', 'x86_64'];
const DEFAULT_TIMEOUT_S = 3;
const DEFAULT_MEMORY_MB = 128;
const TIMEOUT_MAX_S = 900;

export const functionProperties = {
  honoured: [
    'Architectures',
    'Code.S3Bucket',
    'Code.S3Key',
    'Description',
    'Environment.Variables.*',
    'Handler',
    'MemorySize',
    'ReservedConcurrentExecutions',
    'Runtime',
    'Timeout',
  ],
  inert: {
    KmsKeyArn: 'keys',
    LoggingConfig: 'logs',
    Role: 'iam',
    Tags: 'tags',
    TracingConfig: 'tracing',
    VpcConfig: 'vpc',
  },
} as const;

const oneOf = (value: string, allowed: readonly string[], what: string): string => {
  if (allowed.includes(value)) return value;
  throw new Error(`${what} ${value} is not one of ${allowed.join(', ')}`);
};

const countOf = (value: unknown, fallback: number, max: number, what: string): number => {
  const count = value === undefined ? fallback : Number(value);
  if (Number.isInteger(count) && count >= 0 && count <= max) return count;
  throw new Error(`${what} ${JSON.stringify(value)} is not a whole number of 0 to ${max}`);
};

const variablesOf = (environment: unknown): Readonly<Record<string, string>> => {
  const variables = isRecord(environment) ? environment.Variables : undefined;
  const entries = Object.entries(isRecord(variables) ? variables : {});
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
};

const ASSET_BUCKET = /^cdk-[a-z0-9]+-assets-/;

/** The key is `<hash>.zip` in CDK's bucket; the assembly holds the same bytes unpacked. */
const assetFolderOf = ({ properties }: ResolvedResource, assemblyFolder: string): string => {
  const code = isRecord(properties.Code) ? properties.Code : {};
  const bucket = String(code.S3Bucket);
  if (!ASSET_BUCKET.test(bucket)) {
    throw new Error(`its code lies in ${bucket}, and only assets of the assembly are run locally`);
  }
  return join(assemblyFolder, `asset.${String(code.S3Key).replace(/\.zip$/, '')}`);
};

export const definitionOf = (
  resource: ResolvedResource,
  assemblyFolder: string,
): FunctionDefinition => {
  const { physicalName: name, properties } = resource;
  const [architecture] = Array.isArray(properties.Architectures)
    ? properties.Architectures
    : ['x86_64'];
  const reserved = properties.ReservedConcurrentExecutions;
  return {
    name,
    arn: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
    description: String(properties.Description ?? ''),
    folder: assetFolderOf(resource, assemblyFolder),
    handler: String(properties.Handler),
    runtime: oneOf(String(properties.Runtime), RUNTIMES, 'Runtime'),
    architecture: oneOf(String(architecture), ARCHITECTURES, 'Architecture'),
    timeoutMs: countOf(properties.Timeout, DEFAULT_TIMEOUT_S, TIMEOUT_MAX_S, 'Timeout') * 1_000,
    memoryMb: countOf(properties.MemorySize, DEFAULT_MEMORY_MB, 10_240, 'MemorySize'),
    environment: variablesOf(properties.Environment),
    reservedCopies:
      reserved === undefined
        ? undefined
        : countOf(reserved, 0, 1_000, 'ReservedConcurrentExecutions'),
  };
};
