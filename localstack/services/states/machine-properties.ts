/** AWS::StepFunctions::StateMachine, whose definition is in the template. */
import type { InertReason, ResolvedResource } from '../../cloud.ts';
import { type Machine, parseMachine } from '../../engines/states/definition.ts';
import { RefusedDefinition } from '../../engines/states/json.ts';
import { isKnownResource } from './tasks.ts';

export interface MachineSpec {
  readonly name: string;
  readonly roleArn: string;
  readonly definition: string;
  readonly machine: Machine;
}

export const HONOURED = [
  'Definition',
  'DefinitionString',
  'DefinitionSubstitutions',
  'StateMachineName',
  'StateMachineType',
] as const;

export const INERT: Readonly<Record<string, InertReason>> = {
  EncryptionConfiguration: 'keys',
  LoggingConfiguration: 'logs',
  RoleArn: 'iam',
  Tags: 'tags',
  TracingConfiguration: 'tracing',
};

const definitionOf = ({ properties }: ResolvedResource): string => {
  const { Definition, DefinitionString, DefinitionSubstitutions = {} } = properties;
  const written = DefinitionString ?? (Definition === undefined ? '' : JSON.stringify(Definition));
  return Object.entries(Object(DefinitionSubstitutions)).reduce(
    (text, [name, value]) => text.replaceAll(`\${${name}}`, String(value)),
    String(written),
  );
};

export const machineSpec = (resource: ResolvedResource): MachineSpec => {
  const { StateMachineName, StateMachineType = 'STANDARD', RoleArn } = resource.properties;
  if (StateMachineType !== 'STANDARD') {
    throw new RefusedDefinition(`the local cloud runs STANDARD machines, not ${StateMachineType}`);
  }
  const definition = definitionOf(resource);
  return {
    name: typeof StateMachineName === 'string' ? StateMachineName : resource.physicalName,
    roleArn: typeof RoleArn === 'string' ? RoleArn : '',
    definition,
    machine: parseMachine(definition, isKnownResource),
  };
};
