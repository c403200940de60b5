/**
 * What the local cloud does with each property of a resource.
 *
 * A path that no list of its type covers is refused, so that the template and the local run cannot
 * drift apart: whoever writes a new property in the CDK app meets a sentence, not a silent default.
 */
import type { InertReason, ResourceType } from '../cloud.ts';
import type { TemplateResource } from './assembly.ts';
import { functionOf } from './intrinsics.ts';
import { isRecord } from './json.ts';

export type Treatment = 'honoured' | 'refused' | `inert (${InertReason})`;

export interface PropertyTreatment {
  readonly path: string;
  readonly treatment: Treatment;
}

export type TypeRegistry = ReadonlyMap<string, ResourceType>;

export const registryOf = (types: readonly ResourceType[]): TypeRegistry => {
  const registry = new Map<string, ResourceType>();
  for (const type of types) {
    if (registry.has(type.type)) throw new Error(`${type.type} is interpreted twice`);
    registry.set(type.type, type);
  }
  return registry;
};

const segmentsOf = (path: string): readonly string[] =>
  path.replaceAll('[]', '.[]').split('.').filter(Boolean);

/** A pattern covers a path that it equals or is a prefix of. */
export const covers = (pattern: string, path: readonly string[]): boolean => {
  const parts = segmentsOf(pattern);
  return (
    parts.length <= path.length && parts.every((part, at) => part === '*' || part === path[at])
  );
};

/** `*` at the root stands for every property, so a type without behaviour needs no list. */
const treatmentOf = (type: ResourceType, path: readonly string[]): Treatment => {
  const honoured = type.honoured.filter((pattern) => covers(pattern, path));
  const inert = Object.entries(type.inert).filter(([pattern]) => covers(pattern, path));
  const longest = (patterns: readonly string[]): number =>
    Math.max(-1, ...patterns.map((pattern) => segmentsOf(pattern).length));
  const [reason] = inert
    .toSorted(([a], [b]) => segmentsOf(b).length - segmentsOf(a).length)
    .map(([, why]) => why);
  if (reason !== undefined && longest(inert.map(([pattern]) => pattern)) > longest(honoured)) {
    return `inert (${reason})`;
  }
  return honoured.length > 0 ? 'honoured' : 'refused';
};

/** Every leaf of a resource's properties; a function of CloudFormation is a leaf. */
const leavesOf = (value: unknown, path: readonly string[]): readonly (readonly string[])[] => {
  if (Array.isArray(value)) {
    if (value.length === 0) return [[...path, '[]']];
    return value.flatMap((item) => leavesOf(item, [...path, '[]']));
  }
  if (!isRecord(value) || functionOf(value) !== undefined) return [path];
  const entries = Object.entries(value);
  if (entries.length === 0) return [path];
  return entries.flatMap(([key, member]) => leavesOf(member, [...path, key]));
};

const written = (path: readonly string[]): string => path.join('.').replaceAll('.[]', '[]');

export const treatmentsOf = (
  type: ResourceType,
  properties: TemplateResource['Properties'],
): readonly PropertyTreatment[] => {
  const byPath = new Map<string, Treatment>();
  for (const leaf of leavesOf(properties ?? {}, [])) {
    if (leaf.length > 0) byPath.set(written(leaf), treatmentOf(type, leaf));
  }
  return [...byPath].map(([path, treatment]) => ({ path, treatment }));
};

/** Throws a sentence that names what is not understood. */
export const refuseUnknown = (
  registry: TypeRegistry,
  where: string,
  resource: { readonly type: string; readonly properties: TemplateResource['Properties'] },
): ResourceType => {
  const type = registry.get(resource.type);
  if (type === undefined) {
    throw new Error(
      `${where} is a ${resource.type}, which the local cloud does not know: interpret it in a service, or list it in localstack/template/inert.ts with its reason`,
    );
  }
  const refused = treatmentsOf(type, resource.properties)
    .filter(({ treatment }) => treatment === 'refused')
    .map(({ path }) => path);
  if (refused.length > 0) {
    throw new Error(
      `${where} (${resource.type}) sets ${refused.join(', ')}, which the local cloud neither honours nor lists as inert`,
    );
  }
  return type;
};
