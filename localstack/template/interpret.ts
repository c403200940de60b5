/**
 * Creates what the synthesized templates describe, as CloudFormation would: in order of dependency,
 * each resource by the one ResourceType that knows it. Nothing is created before every property of
 * every resource is known to be honoured or inert.
 */
import type { CreatedResource } from '../cloud.ts';
import type { Assembly, Stack } from './assembly.ts';
import { refuseUnknown, type TypeRegistry } from './coverage.ts';
import { resolve } from './intrinsics.ts';
import { isRecord } from './json.ts';
import { creationOrder } from './order.ts';
import { physicalNameOf } from './physical-name.ts';
import { type StackScope, scopeOf, type World } from './scope.ts';

export interface InterpretedStack {
  readonly name: string;
  readonly resources: ReadonlyMap<string, CreatedResource>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

const refuseUnknownIn = (stack: Stack, registry: TypeRegistry): void => {
  for (const [logicalId, { Type, Properties }] of Object.entries(stack.template.Resources)) {
    const where = `${stack.name}.${logicalId}`;
    refuseUnknown(registry, where, { type: Type, properties: Properties });
  }
};

const createOne = async (
  stack: Stack,
  logicalId: string,
  { scope, registry }: { readonly scope: StackScope; readonly registry: TypeRegistry },
): Promise<void> => {
  const resource = stack.template.Resources[logicalId];
  if (resource === undefined) return;
  const where = `${stack.name}.${logicalId}`;
  try {
    const properties = resolve(resource.Properties ?? {}, scope);
    if (!isRecord(properties)) throw new Error('its properties are not a map');
    // Again, now that functions are values: an Fn::If may have hidden a property.
    const type = refuseUnknown(registry, where, { type: resource.Type, properties });
    const created = await type.create({
      stack: stack.name,
      logicalId,
      type: resource.Type,
      physicalName: physicalNameOf(stack.name, logicalId),
      properties,
      metadata: resource.Metadata ?? {},
    });
    scope.created.set(logicalId, created);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(why.startsWith(where) ? why : `${where} (${resource.Type}): ${why}`, { cause });
  }
};

const outputsOf = (stack: Stack, scope: StackScope, world: World): Record<string, unknown> => {
  const outputs: Record<string, unknown> = {};
  for (const [name, output] of Object.entries(stack.template.Outputs ?? {})) {
    outputs[name] = resolve(output.Value, scope);
    if (output.Export === undefined) continue;
    world.exports.set(String(resolve(output.Export.Name, scope)), outputs[name]);
  }
  return outputs;
};

const interpretStack = async (
  stack: Stack,
  registry: TypeRegistry,
  world: World,
): Promise<InterpretedStack> => {
  const scope = scopeOf(stack, world);
  for (const logicalId of creationOrder(stack.template, scope.exists)) {
    await createOne(stack, logicalId, { scope, registry });
  }
  return {
    name: stack.name,
    resources: scope.created,
    outputs: outputsOf(stack, scope, world),
  };
};

export const interpret = async (
  assembly: Assembly,
  registry: TypeRegistry,
  parameter: World['parameter'],
): Promise<readonly InterpretedStack[]> => {
  for (const stack of assembly.stacks) refuseUnknownIn(stack, registry);
  const world: World = { parameter, exports: new Map() };
  const stacks: InterpretedStack[] = [];
  for (const stack of assembly.stacks) stacks.push(await interpretStack(stack, registry, world));
  return stacks;
};
