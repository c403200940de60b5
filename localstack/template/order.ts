/** The order in which a template's resources can be created: what is named comes first. */
import type { Template } from './assembly.ts';
import { functionOf } from './intrinsics.ts';
import { isRecord } from './json.ts';

const namesInSub = (argument: unknown): readonly string[] => {
  const text = Array.isArray(argument) ? argument[0] : argument;
  if (typeof text !== 'string') return [];
  return [...text.matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name.split('.')[0] ?? '');
};

/** Logical ids (and other names) that a value refers to. */
const namesIn = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  if (!isRecord(value)) return [];
  const [name, argument] = functionOf(value) ?? [];
  if (name === 'Ref' && typeof argument === 'string') return [argument];
  if (name === 'Fn::GetAtt') {
    const first = Array.isArray(argument) ? argument[0] : String(argument).split('.')[0];
    return [String(first), ...namesIn(argument)];
  }
  if (name === 'Fn::Sub') return [...namesInSub(argument), ...namesIn(argument)];
  return Object.values(value).flatMap(namesIn);
};

export const creationOrder = (
  template: Template,
  exists: (logicalId: string) => boolean,
): readonly string[] => {
  const order: string[] = [];
  const state = new Map<string, 'visiting' | 'done'>();
  const visit = (id: string, trail: readonly string[]): void => {
    const resource = template.Resources[id];
    if (resource === undefined || !exists(id) || state.get(id) === 'done') return;
    if (state.get(id) === 'visiting') {
      throw new Error(`resources depend on each other: ${[...trail, id].join(' → ')}`);
    }
    state.set(id, 'visiting');
    const named = [resource.DependsOn ?? []].flat().concat(namesIn(resource.Properties));
    for (const next of named) visit(next, [...trail, id]);
    state.set(id, 'done');
    order.push(id);
  };
  for (const id of Object.keys(template.Resources)) visit(id, []);
  return order;
};
