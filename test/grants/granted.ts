/** What the synthesized roles grant to each function, in the names of the recorded run. */
import { join } from 'node:path';
import type { CreatedResource } from '../../localstack/cloud.ts';
import { shortNames } from '../../localstack/launch/function-names.ts';
import { readAssembly, type Stack } from '../../localstack/template/assembly.ts';
import { resolve } from '../../localstack/template/intrinsics.ts';
import { isRecord, type JsonRecord } from '../../localstack/template/json.ts';
import { type StackScope, scopeOf, type World } from '../../localstack/template/scope.ts';
import { type Grant, grantsOf } from './policy.ts';
import type { Recording } from './recorded-start.ts';

/** An event source mapping of a function, as far as its role must know it. */
export interface Mapping {
  readonly source: string;
  /** The bucket's ARN, where Lambda puts what the mapping discards. */
  readonly discardedTo: string | undefined;
}

export interface GrantedFunction {
  /** As the recording names the caller. */
  readonly name: string;
  /** As people do. */
  readonly shortName: string;
  readonly grants: readonly Grant[];
  readonly mappings: readonly Mapping[];
  /** Its ARN. */
  readonly logGroup: string;
  readonly isTraced: boolean;
  readonly isInVpc: boolean;
  /** Of the cache in that network, and of the user as which functions sign in. */
  readonly cacheArns?: readonly string[];
  /** ARN pattern of the objects in which rows of queries are. */
  readonly queryResults?: string;
}

export interface GrantedPlatform {
  readonly functions: readonly GrantedFunction[];
  /** The key that encrypts everything; undefined where AWS's own keys do. */
  readonly key: string | undefined;
}

interface Resolved {
  readonly id: string;
  readonly type: string;
  readonly properties: JsonRecord;
  readonly metadata: JsonRecord;
  readonly stack: Stack;
  readonly scope: StackScope;
}

/** What the interpreter makes up on demand (ids of a network, say) is in no recording. */
const withAnyAttribute = ({ ref, attributes }: CreatedResource): CreatedResource => ({
  ref,
  attributes: new Proxy(attributes, {
    get: (known, name) => known[String(name)] ?? `${ref}-${String(name)}`,
  }),
});

const scopesOf = (
  stacks: readonly Stack[],
  created: Recording['created'],
): ReadonlyMap<Stack, StackScope> => {
  const parameters = new Map<string, string>();
  const world: World = {
    exports: new Map(),
    parameter: (name) => {
      const value = parameters.get(name);
      if (value === undefined) throw new Error(`no template makes the parameter ${name}`);
      return value;
    },
  };
  const scopes = new Map<Stack, StackScope>();
  for (const stack of stacks) {
    const scope = scopeOf(stack, world);
    for (const id of Object.keys(stack.template.Resources)) {
      // What only another size has was not made in the run, and nobody called it.
      const absent = { ref: `absent-${id}`, attributes: { Arn: `arn:absent-${id}` } };
      scope.created.set(id, withAnyAttribute(created[stack.name]?.[id] ?? absent));
    }
    for (const { Type, Properties } of Object.values(stack.template.Resources)) {
      if (Type !== 'AWS::SSM::Parameter') continue;
      const { Name, Value } = Object(resolve(Properties, scope));
      parameters.set(String(Name), String(Value));
    }
    scopes.set(stack, scope);
  }
  return scopes;
};

const resolvedOf = (
  scopes: ReadonlyMap<Stack, StackScope>,
  ...types: readonly string[]
): readonly Resolved[] =>
  [...scopes].flatMap(([stack, scope]) =>
    Object.entries(stack.template.Resources).flatMap(([id, { Type, Properties, Metadata }]) => {
      if (!types.includes(Type)) return [];
      const properties = resolve(Properties ?? {}, scope);
      if (!isRecord(properties)) throw new Error(`the properties of ${id} are no map`);
      return [{ id, type: Type, properties, metadata: Metadata ?? {}, stack, scope }];
    }),
  );

/** The grants of a role: its own policies, and those that name it. */
const grantsOfRole = (role: Resolved, policies: readonly Resolved[]): readonly Grant[] => {
  const { ManagedPolicyArns = [], Policies = [] } = role.properties;
  if ([ManagedPolicyArns].flat().length > 0) {
    throw new Error(`${role.id} has a managed policy, which grants too much: write statements`);
  }
  const name = role.scope.ref(role.id);
  const attached = policies.filter(
    ({ stack, properties }) => stack === role.stack && [properties.Roles].flat().includes(name),
  );
  const documents = [...[Policies].flat().map(Object), ...attached.map((one) => one.properties)];
  return documents.flatMap(({ PolicyDocument }) => grantsOf(PolicyDocument));
};

const mappingOf = ({ properties }: Resolved): Mapping => {
  const { OnFailure } = Object(properties.DestinationConfig);
  return {
    source: String(properties.EventSourceArn),
    discardedTo: OnFailure === undefined ? undefined : String(Object(OnFailure).Destination),
  };
};

const roleOf = (lambda: Resolved, roles: readonly Resolved[]): Resolved => {
  const role = roles.find(
    ({ id, stack, scope }) =>
      stack === lambda.stack && scope.attribute(id, 'Arn') === lambda.properties.Role,
  );
  if (role === undefined) throw new Error(`${lambda.id} has no role in its own stack`);
  return role;
};

const arnOfLogGroup = (name: string, logGroups: readonly Resolved[]): string => {
  const found = logGroups.find(({ id, scope }) => scope.ref(id) === name);
  if (found === undefined) throw new Error(`no template makes the log group ${name}`);
  return String(found.scope.attribute(found.id, 'Arn'));
};

export const grantedPlatform = (
  { assemblyFolder, created }: Pick<Recording, 'assemblyFolder' | 'created'>,
  bundles: string,
): GrantedPlatform => {
  const scopes = scopesOf(readAssembly(assemblyFolder).stacks, created);
  const roles = resolvedOf(scopes, 'AWS::IAM::Role');
  const policies = resolvedOf(scopes, 'AWS::IAM::Policy');
  const mappings = resolvedOf(scopes, 'AWS::Lambda::EventSourceMapping');
  const shortNameOf = shortNames(bundles);
  const logGroups = resolvedOf(scopes, 'AWS::Logs::LogGroup');
  const [key] = resolvedOf(scopes, 'AWS::KMS::Key');
  const cacheArns = resolvedOf(scopes, 'AWS::SSM::Parameter')
    .filter(({ properties }) => /\/cache\/(arn|user)$/.test(String(properties.Name)))
    .map(({ properties }) => String(properties.Value));
  const [group] = resolvedOf(scopes, 'AWS::Athena::WorkGroup');
  const { ResultConfiguration } = Object(group?.properties.WorkGroupConfiguration);
  const results = String(Object(ResultConfiguration).OutputLocation);
  const functions = resolvedOf(scopes, 'AWS::Lambda::Function').map((lambda): GrantedFunction => {
    const { id, properties, metadata, scope } = lambda;
    const name = String(scope.ref(id));
    const folder = join(assemblyFolder, String(metadata['aws:asset:path']));
    return {
      name,
      shortName: shortNameOf(folder) ?? name,
      grants: grantsOfRole(roleOf(lambda, roles), policies),
      mappings: mappings
        .filter((mapping) => mapping.properties.FunctionName === name)
        .map(mappingOf),
      logGroup: arnOfLogGroup(String(Object(properties.LoggingConfig).LogGroup), logGroups),
      isTraced: Object(properties.TracingConfig).Mode === 'Active',
      isInVpc: properties.VpcConfig !== undefined,
      cacheArns,
      queryResults: `${results.replace(/^s3:\/\//, 'arn:aws:s3:::')}*`,
    };
  });
  return { functions, key: key && String(key.scope.attribute(key.id, 'Arn')) };
};
