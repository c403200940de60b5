/** What the names in one stack's template mean, while its resources are being created. */
import type { CreatedResource } from '../cloud.ts';
import type { Stack } from './assembly.ts';
import { NO_VALUE, resolve, type Scope } from './intrinsics.ts';
import { isRecord } from './json.ts';
import { pseudoParameters, REGION } from './pseudo.ts';

const SSM_TYPE = 'AWS::SSM::Parameter::Value<String>';

export interface World {
  /** The value of a parameter of Systems Manager; throws where there is none. */
  readonly parameter: (name: string) => string;
  readonly exports: Map<string, unknown>;
}

export interface StackScope extends Scope {
  readonly exists: (logicalId: string) => boolean;
  readonly created: Map<string, CreatedResource>;
}

const parameterValue = (stack: Stack, name: string, world: World): unknown => {
  const parameter = stack.template.Parameters?.[name];
  if (parameter === undefined) return undefined;
  if (parameter.Type === SSM_TYPE) return world.parameter(parameter.Default ?? '');
  if (parameter.Default === undefined) {
    throw new Error(`${stack.name}: parameter ${name} has no default, and nobody to ask`);
  }
  return parameter.Default;
};

const pseudo = (stack: Stack, name: string): unknown => {
  if (name === 'AWS::StackName') return stack.name;
  if (name === 'AWS::StackId') return `${stack.name}-id`;
  if (name === 'AWS::NoValue') return NO_VALUE;
  return pseudoParameters[name];
};

const mappingOf = (stack: Stack) => (map: string, first: string, second: string) => {
  const levels = [stack.template.Mappings, map, first, second] as const;
  let value: unknown = levels[0];
  for (const key of [map, first, second]) value = isRecord(value) ? value[key] : undefined;
  if (value === undefined) throw new Error(`${stack.name}: no mapping ${map}.${first}.${second}`);
  return value;
};

export const scopeOf = (stack: Stack, world: World): StackScope => {
  const created = new Map<string, CreatedResource>();
  const verdicts = new Map<string, boolean>();
  const resource = (logicalId: string): CreatedResource => {
    const found = created.get(logicalId);
    if (found === undefined) throw new Error(`${stack.name}: nothing is called ${logicalId}`);
    return found;
  };
  const scope: StackScope = {
    created,
    region: REGION,
    ref: (name) => pseudo(stack, name) ?? parameterValue(stack, name, world) ?? resource(name).ref,
    attribute: (logicalId, name) => {
      const value = resource(logicalId).attributes[name];
      if (value !== undefined) return value;
      throw new Error(`${stack.name}: ${logicalId} has no attribute ${name} in the local cloud`);
    },
    condition: (name) => {
      const known = verdicts.get(name);
      if (known !== undefined) return known;
      const definition = stack.template.Conditions?.[name];
      if (definition === undefined) throw new Error(`${stack.name}: no condition ${name}`);
      const verdict = resolve(definition, scope) === true;
      verdicts.set(name, verdict);
      return verdict;
    },
    exists: (logicalId) => {
      const condition = stack.template.Resources[logicalId]?.Condition;
      return condition === undefined || scope.condition(condition);
    },
    mapping: mappingOf(stack),
    importValue: (name) => {
      if (world.exports.has(name)) return world.exports.get(name);
      throw new Error(`${stack.name}: nothing exports ${name}`);
    },
    parameter: world.parameter,
  };
  return scope;
};
