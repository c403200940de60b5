/** Reads what `cdk synth` wrote: the same folder that `cdk deploy` would send to AWS. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly Condition?: string;
}

export interface TemplateParameter {
  readonly Type: string;
  readonly Default?: string;
}

export interface Template {
  readonly Parameters?: Readonly<Record<string, TemplateParameter>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Mappings?: Readonly<Record<string, unknown>>;
  readonly Rules?: unknown;
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: unknown } }>
  >;
}

export interface Stack {
  readonly name: string;
  readonly template: Template;
}

export interface Assembly {
  readonly folder: string;
  /** In the order in which they must be created. */
  readonly stacks: readonly Stack[];
}

interface Artifact {
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly properties?: { readonly templateFile?: string; readonly stackName?: string };
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

export const readAssembly = (folder: string): Assembly => {
  const { artifacts } = readJson<{ readonly artifacts: Readonly<Record<string, Artifact>> }>(
    join(folder, 'manifest.json'),
  );
  const done = new Set<string>();
  const stacks: Stack[] = [];
  const visit = (id: string): void => {
    const artifact = artifacts[id];
    if (artifact === undefined || done.has(id)) return;
    done.add(id);
    for (const dependency of artifact.dependencies ?? []) visit(dependency);
    const file = artifact.properties?.templateFile;
    if (artifact.type !== 'aws:cloudformation:stack' || file === undefined) return;
    stacks.push({
      name: artifact.properties?.stackName ?? id,
      template: readJson<Template>(join(folder, file)),
    });
  };
  for (const id of Object.keys(artifacts)) visit(id);
  return { folder, stacks };
};
