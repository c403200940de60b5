/** SSM parameters: the values that cross from one stack to the other. */
import { join } from 'node:path';
import type { LocalService, ResolvedResource, ResourceType } from '../../cloud.ts';
import { AwsFault, type Input, jsonService, type Operation } from '../aws-json.ts';
import { readJsonFile, writeJsonFile } from '../json-file.ts';

interface Parameter {
  readonly name: string;
  readonly type: 'String' | 'StringList';
  readonly value: string;
  readonly version: number;
  readonly modifiedAtMs: number;
}

export interface SsmOptions {
  /** The data folder of the local cloud; parameters live in `ssm/parameters.json` below it. */
  readonly dataDir: string;
  readonly clock: { readonly now: () => number };
  readonly region?: string;
  readonly accountId?: string;
  readonly report?: (fault: unknown) => void;
}

export interface Ssm extends LocalService {
  /** What a template parameter of type `AWS::SSM::Parameter::Value<String>` resolves to. */
  readonly parameter: (name: string) => string | undefined;
}

const VALUE_BYTES_MAX = 4096;
const NAMES_PER_CALL_MAX = 10;
const PARAMETERS_PER_PAGE_MAX = 10;

class Parameters {
  private readonly path: string;
  private readonly now: () => number;
  private readonly arnPrefix: string;
  private readonly all: Map<string, Parameter>;

  constructor(path: string, now: () => number, arnPrefix: string) {
    this.path = path;
    this.now = now;
    this.arnPrefix = arnPrefix;
    this.all = new Map((readJsonFile<Parameter[]>(path) ?? []).map((one) => [one.name, one]));
  }

  get(name: string): Parameter | undefined {
    return this.all.get(name);
  }

  names(): readonly string[] {
    return [...this.all.keys()].sort((left, right) => (left < right ? -1 : 1));
  }

  put(name: string, type: Parameter['type'], value: string): Parameter {
    const before = this.all.get(name);
    if (before?.value === value && before.type === type) return before;
    const version = (before?.version ?? 0) + 1;
    const parameter = { name, type, value, version, modifiedAtMs: this.now() };
    this.all.set(name, parameter);
    writeJsonFile(this.path, [...this.all.values()]);
    return parameter;
  }

  delete(name: string): boolean {
    const deleted = this.all.delete(name);
    if (deleted) writeJsonFile(this.path, [...this.all.values()]);
    return deleted;
  }

  describe({ name, type, value, version, modifiedAtMs }: Parameter): object {
    return {
      Name: name,
      Type: type,
      Value: value,
      Version: version,
      LastModifiedDate: modifiedAtMs / 1000,
      ARN: `${this.arnPrefix}${name.startsWith('/') ? '' : '/'}${name}`,
      DataType: 'text',
    };
  }
}

const invalid = (message: string): AwsFault => new AwsFault('ValidationException', message);

const checked = (input: Input, named: string): string => {
  const text = input[named];
  if (typeof text !== 'string' || text === '') throw invalid(`${named} is required`);
  return text;
};

const checkValue = (value: string, pattern: unknown): void => {
  if (Buffer.byteLength(value) > VALUE_BYTES_MAX) {
    throw invalid(`a standard parameter holds at most ${VALUE_BYTES_MAX} bytes`);
  }
  if (typeof pattern === 'string' && !new RegExp(`^(?:${pattern})$`).test(value)) {
    throw new AwsFault('ParameterPatternMismatchException', `the value does not match ${pattern}`);
  }
};

const typeOf = (type: unknown): Parameter['type'] => {
  if (type === undefined || type === 'String') return 'String';
  if (type === 'StringList') return type;
  throw invalid(`the local cloud has String and StringList parameters, not ${String(type)}`);
};

const putParameter = (parameters: Parameters, input: Input): object => {
  const [name, value] = [checked(input, 'Name'), checked(input, 'Value')];
  checkValue(value, input.AllowedPattern);
  const before = parameters.get(name);
  if (before !== undefined && input.Overwrite !== true) {
    throw new AwsFault('ParameterAlreadyExists', 'The parameter already exists.');
  }
  const { version } = parameters.put(name, typeOf(input.Type ?? before?.type), value);
  return { Version: version, Tier: 'Standard' };
};

const getParameters = (parameters: Parameters, input: Input): object => {
  const names = Array.isArray(input.Names) ? input.Names.map(String) : [];
  if (names.length === 0 || names.length > NAMES_PER_CALL_MAX) {
    throw invalid(`Names must hold 1 to ${NAMES_PER_CALL_MAX} names`);
  }
  const found = names.flatMap((name) => parameters.get(name) ?? []);
  return {
    Parameters: found.map((parameter) => parameters.describe(parameter)),
    InvalidParameters: names.filter((name) => parameters.get(name) === undefined),
  };
};

const getByPath = (parameters: Parameters, input: Input): object => {
  const path = checked(input, 'Path').replace(/\/*$/, '/');
  const below = parameters.names().filter((name) => {
    const rest = name.slice(path.length);
    return name.startsWith(path) && (input.Recursive === true || !rest.includes('/'));
  });
  const start = Number(input.NextToken ?? 0);
  const limit = Number(input.MaxResults ?? PARAMETERS_PER_PAGE_MAX);
  const page = below.slice(start, start + limit).flatMap((name) => parameters.get(name) ?? []);
  return {
    Parameters: page.map((parameter) => parameters.describe(parameter)),
    ...(start + limit < below.length ? { NextToken: String(start + limit) } : {}),
  };
};

const operations = (parameters: Parameters): Readonly<Record<string, Operation>> => ({
  PutParameter: (input) => putParameter(parameters, input),
  GetParameters: (input) => getParameters(parameters, input),
  GetParametersByPath: (input) => getByPath(parameters, input),
  GetParameter: (input) => {
    const found = parameters.get(checked(input, 'Name'));
    if (found === undefined)
      throw new AwsFault('ParameterNotFound', 'The parameter was not found.');
    return { Parameter: parameters.describe(found) };
  },
  DeleteParameter: (input) => {
    if (parameters.delete(checked(input, 'Name'))) return {};
    throw new AwsFault('ParameterNotFound', 'The parameter was not found.');
  },
});

const resourceType = (parameters: Parameters): ResourceType => ({
  type: 'AWS::SSM::Parameter',
  honoured: ['Name', 'Type', 'Value', 'AllowedPattern'],
  inert: { Tags: 'tags' },
  create: async ({ properties, physicalName }: ResolvedResource) => {
    const name = typeof properties.Name === 'string' ? properties.Name : physicalName;
    const value = checked(properties, 'Value');
    checkValue(value, properties.AllowedPattern);
    const { type } = parameters.put(name, typeOf(properties.Type), value);
    return { ref: name, attributes: { Type: type, Value: value } };
  },
});

export const createSsm = (options: SsmOptions): Ssm => {
  const { dataDir, clock, region = 'us-east-1', accountId = '000000000000', report } = options;
  const parameters = new Parameters(
    join(dataDir, 'ssm', 'parameters.json'),
    clock.now,
    `arn:aws:ssm:${region}:${accountId}:parameter`,
  );
  return {
    handle: jsonService({ version: '1.1', operations: operations(parameters), report }),
    resourceTypes: [resourceType(parameters)],
    parameter: (name) => parameters.get(name)?.value,
    close: async () => undefined,
  };
};
