import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import type { SizeName } from '../../lib/config.ts';
import { type Tributary, tributary } from '../../lib/tributary-app.ts';

/** Synthesized at most once per size and test file; the folder goes when the file is done. */
export interface Synthesized extends Tributary {
  readonly dataTemplate: Template;
  readonly platformTemplate: Template;
  readonly outdir: string;
}

export const SIZES: readonly SizeName[] = ['starter', 'standard', 'scale'];

const made = new Map<SizeName, Synthesized>();
const folders: string[] = [];

export const ofSize = (size: SizeName): Synthesized => {
  const known = made.get(size);
  if (known) return known;
  const outdir = outputFolder();
  const built = tributary({ app: { outdir, context: { size } } });
  const synthesized = {
    ...built,
    outdir,
    dataTemplate: Template.fromStack(built.data),
    platformTemplate: Template.fromStack(built.platform),
  };
  made.set(size, synthesized);
  return synthesized;
};

export const outputFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-synth-'));
  folders.push(folder);
  return folder;
};

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export interface Found {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

/** The only resource of a type whose logical id begins so. */
export const theOne = (template: Template, type: string, beginning = ''): Found => {
  const found = Object.entries(template.findResources(type)).filter(([id]) =>
    id.startsWith(beginning),
  );
  const [only] = found;
  if (only === undefined || found.length > 1) {
    throw new Error(`${found.length} resources of type ${type} begin with "${beginning}"`);
  }
  return only[1] as Found;
};

/** What the roles whose policies begin so may do, as "action on resource" lines. */
export const grants = (template: Template, beginning: string): readonly string[] => {
  const policies = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) =>
    id.startsWith(beginning),
  );
  return sorted(
    policies
      .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
      .flatMap(({ Action, Resource }) =>
        [Action]
          .flat()
          .flatMap((action) => [Resource].flat().map((on) => `${action} ${plain(on)}`)),
      ),
  );
};

/** As the CLI sorts: by code point, not by language. */
export const sorted = (words: Iterable<string>): readonly string[] =>
  [...words].sort((left, right) => (left < right ? -1 : Number(left > right)));

/** A template value as a short text: references by name, joins joined. */
export const plain = (value: unknown): string => {
  if (typeof value === 'string') return value;
  const entries = Object.entries(value as Record<string, unknown>);
  const [kind, argument] = entries[0] ?? ['', ''];
  if (kind === 'Ref') return `{${shortened(String(argument))}}`;
  if (kind === 'Fn::GetAtt') return `{${(argument as string[]).map(shortened).join('.')}}`;
  if (kind === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown[]];
    return parts.map(plain).join(separator);
  }
  return JSON.stringify(value);
};

const shortened = (name: string): string =>
  name
    .replace(/^SsmParameterValuetributarydev(\w+?)C96584B6\w+$/, '$1')
    .replace(/[0-9A-F]{8}$/, '');
