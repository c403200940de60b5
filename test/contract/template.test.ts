import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ResolvedResource, ResourceType } from '../../localstack/cloud.ts';
import { readAssembly, type Template } from '../../localstack/template/assembly.ts';
import { covers, registryOf } from '../../localstack/template/coverage.ts';
import { inertResourceTypes } from '../../localstack/template/inert.ts';
import { interpret } from '../../localstack/template/interpret.ts';
import { physicalNameOf } from '../../localstack/template/physical-name.ts';
import { report } from '../../localstack/template/report.ts';

/** A type that honours everything, but for what is named, and remembers what it created. */
const recorder = (honoured: readonly string[] = ['*'], inert: ResourceType['inert'] = {}) => {
  const created: ResolvedResource[] = [];
  const type: ResourceType = {
    type: 'Test::Thing',
    honoured,
    inert,
    create: async (resource) => {
      created.push(resource);
      return { ref: `ref-${resource.logicalId}`, attributes: { Arn: `arn-${resource.logicalId}` } };
    },
  };
  return { created, registry: registryOf([type, ...inertResourceTypes]) };
};

/** Fn::Sub's placeholders look like ours: written with < and > so that nobody takes them for such. */
const curly = (text: string): string => text.replaceAll('<', '{').replaceAll('>', '}');

type Rest = Omit<Template, 'Resources'>;
type Things = Readonly<Record<string, unknown>>;

const run = async (
  things: Things,
  rest: Rest = {},
  { created, registry }: ReturnType<typeof recorder> = recorder(),
) => {
  const Resources = Object.fromEntries(
    Object.entries(things).map(([id, Properties]) => [
      id,
      { Type: 'Test::Thing', Properties: Properties as Readonly<Record<string, unknown>> },
    ]),
  );
  const stacks = await interpret(
    { folder: '', stacks: [{ name: 'stack', template: { ...rest, Resources } }] },
    registry,
    (name) => `value of ${name}`,
  );
  const properties = Object.fromEntries(created.map((one) => [one.logicalId, one.properties]));
  return { properties, order: created.map((one) => one.logicalId), stacks };
};

const resolved = async (value: unknown, rest: Rest = {}): Promise<unknown> =>
  (await run({ It: { value }, Other: { x: 1 } }, rest)).properties.It?.value;

test.each([
  ['Ref of a resource', { Ref: 'Other' }, 'ref-Other'],
  ['Ref of the region', { Ref: 'AWS::Region' }, 'us-east-1'],
  ['Ref of the account', { Ref: 'AWS::AccountId' }, '000000000000'],
  ['Ref of the stack', { Ref: 'AWS::StackName' }, 'stack'],
  ['GetAtt', { 'Fn::GetAtt': ['Other', 'Arn'] }, 'arn-Other'],
  ['GetAtt with a dot', { 'Fn::GetAtt': 'Other.Arn' }, 'arn-Other'],
  ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Other' }, 3]] }, 'a-ref-Other-3'],
  [
    'Sub',
    { 'Fn::Sub': curly('x-$<Other>-$<Other.Arn>-$<AWS::Region>-$<!kept>') },
    curly('x-ref-Other-arn-Other-us-east-1-$<kept>'),
  ],
  [
    'Sub with names',
    { 'Fn::Sub': [curly('$<own>/$<Other>'), { own: { Ref: 'Other' } }] },
    'ref-Other/ref-Other',
  ],
  ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', { Ref: 'Other' }] }] }, 'Other'],
  ['If that holds', { 'Fn::If': ['Yes', 'a', 'b'] }, 'a'],
  ['If that does not', { 'Fn::If': ['No', 'a', { Ref: 'Other' }] }, 'ref-Other'],
  ['If within a list', [1, { 'Fn::If': ['No', 2, { Ref: 'AWS::NoValue' }] }, 3], [1, 3]],
  ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'big'] }, 7],
  ['a parameter', { Ref: 'Plain' }, 'as given'],
  ['a parameter of Systems Manager', { Ref: 'Stored' }, 'value of /name'],
  ['a dynamic reference', 'is {{resolve:ssm:/name:3}}!', 'is value of /name!'],
  [
    'an IAM condition, which is no function',
    { Condition: { Bool: { a: 'b' } } },
    { Condition: { Bool: { a: 'b' } } },
  ],
])('%s is resolved', async (_name, value, expected) => {
  const rest: Rest = {
    Conditions: {
      Yes: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
      Both: { 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Equals': ['a', 'a'] }] },
      No: { 'Fn::Not': [{ 'Fn::Or': [{ Condition: 'Both' }, { 'Fn::Equals': ['a', 'b'] }] }] },
    },
    Mappings: { Sizes: { 'us-east-1': { big: 7 } } },
    Parameters: {
      Plain: { Type: 'String', Default: 'as given' },
      Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/name' },
    },
  };
  expect(await resolved(value, rest)).toEqual(expected);
});

test('AWS::NoValue takes its member out', async () => {
  const { properties } = await run({ It: { a: 1, b: { Ref: 'AWS::NoValue' } } });
  expect(properties.It).toEqual({ a: 1 });
});

test.each([
  ['an unknown function', { 'Fn::Base64': 'x' }, 'Fn::Base64 is not interpreted'],
  ['an unknown name', { Ref: 'Nobody' }, 'nothing is called Nobody'],
  ['an unknown attribute', { 'Fn::GetAtt': ['Other', 'Colour'] }, 'Other has no attribute Colour'],
  ['a secret', '{{resolve:secretsmanager:x}}', 'secretsmanager is not interpreted'],
  ['an unknown import', { 'Fn::ImportValue': 'x' }, 'nothing exports x'],
  ['a condition that is not there', { 'Fn::If': ['What', 1, 2] }, 'no condition What'],
])('%s is an error that names the resource', async (_name, value, sentence) => {
  const promise = resolved(value);
  await expect(promise).rejects.toThrow(sentence);
  await expect(promise).rejects.toThrow('stack.It');
});

test('what is named is created first, whatever the order in the file', async () => {
  const { order } = await run({
    Last: { value: { 'Fn::Sub': curly('$<Middle>') } },
    Middle: { value: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['First', 'Arn'] }]] } },
    First: {},
  });
  expect(order).toEqual(['First', 'Middle', 'Last']);
});

test('resources that depend on each other are an error that shows the circle', async () => {
  const circle = run({ A: { v: { Ref: 'B' } }, B: { v: { Ref: 'A' } } });
  await expect(circle).rejects.toThrow('A → B → A');
});

test('DependsOn and Condition are kept', async () => {
  const { created, registry } = recorder();
  const Resources = {
    A: { Type: 'Test::Thing', DependsOn: ['B'] },
    B: { Type: 'Test::Thing' },
    C: { Type: 'Test::Thing', Condition: 'Never' },
  };
  const Conditions = { Never: { 'Fn::Equals': ['a', 'b'] } };
  const stacks = [{ name: 's', template: { Resources, Conditions } }];
  await interpret({ folder: '', stacks }, registry, () => '');
  expect(created.map((one) => one.logicalId)).toEqual(['B', 'A']);
});

test('outputs and exports cross from a stack to the next', async () => {
  const { created, registry } = recorder();
  const thing = (Properties: Things) => ({ Type: 'Test::Thing', Properties });
  const [, second] = await interpret(
    {
      folder: '',
      stacks: [
        {
          name: 'one',
          template: {
            Resources: { A: thing({}) },
            Outputs: {
              Out: {
                Value: { Ref: 'A' },
                Export: { Name: { 'Fn::Sub': curly('$<AWS::StackName>:A') } },
              },
            },
          },
        },
        {
          name: 'two',
          template: {
            Resources: { B: thing({ from: { 'Fn::ImportValue': 'one:A' } }) },
            Outputs: { Seen: { Value: { 'Fn::GetAtt': ['B', 'Arn'] } } },
          },
        },
      ],
    },
    registry,
    () => '',
  );
  expect(created[1]?.properties).toEqual({ from: 'ref-A' });
  expect(second?.outputs).toEqual({ Seen: 'arn-B' });
});

test('a type that nobody knows is refused before anything is created', async () => {
  const { created, registry } = recorder();
  const Resources = { A: { Type: 'Test::Thing' }, B: { Type: 'AWS::Glue::Database' } };
  const stacks = [{ name: 's', template: { Resources } }];
  const interpreted = interpret({ folder: '', stacks }, registry, () => '');
  await expect(interpreted).rejects.toThrow(
    's.B is a AWS::Glue::Database, which the local cloud does not know',
  );
  expect(created).toEqual([]);
});

test('a property in neither list is refused by name', async () => {
  const own = recorder(['Name', 'Routes[].Path', 'Map.*.Size'], { 'Routes[].Tag': 'tags' });
  await expect(run({ It: { Name: 'x' } }, {}, own)).resolves.toBeDefined();
  await expect(run({ It: { Routes: [{ Path: 'a', Tag: 'b' }] } }, {}, own)).resolves.toBeDefined();
  await expect(run({ It: { Map: { any: { Size: 1 } } } }, {}, own)).resolves.toBeDefined();
  const refused = run({ It: { Name: 'x', Colour: 1, Routes: [{ Path: 'a', Way: 2 }] } }, {}, own);
  await expect(refused).rejects.toThrow(
    'stack.It (Test::Thing) sets Colour, Routes[].Way, which the local cloud neither honours nor lists as inert',
  );
});

test('a property that only a condition brings in is refused too', async () => {
  const own = recorder(['Name']);
  const hidden = { 'Fn::If': ['Yes', { Deep: 1 }, 2] };
  const Conditions = { Yes: { 'Fn::Equals': ['a', 'a'] } };
  const narrow = recorder(['Name.Known']);
  await expect(run({ It: { Name: hidden } }, { Conditions }, own)).resolves.toBeDefined();
  await expect(run({ It: { Name: hidden } }, { Conditions }, narrow)).rejects.toThrow('Name');
});

test.each([
  ['A.B', ['A', 'B', 'C'], true],
  ['A.B', ['A'], false],
  ['A.*', ['A'], false],
  ['A[].B', ['A', '[]', 'B'], true],
  ['A.*.B', ['A', 'x', 'B'], true],
  ['A.*.B', ['A', 'x', 'C'], false],
  ['*', ['A', 'B'], true],
])('%s covers %j: %s', (pattern, path, expected) => {
  expect(covers(pattern, path)).toBe(expected);
});

test('the longer path decides between honoured and inert', () => {
  const { registry } = recorder(['Code'], { 'Code.Kms': 'keys' });
  const Properties = { Code: { Kms: 1, Key: 2 } };
  const lines = report({ Resources: { It: { Type: 'Test::Thing', Properties } } }, registry);
  expect(lines.map(({ path, treatment }) => [path, treatment])).toEqual([
    ['Code.Key', 'honoured'],
    ['Code.Kms', 'inert (keys)'],
  ]);
});

test('a type may have one owner', () => {
  const { registry } = recorder();
  const types = [...registry.values()];
  expect(() => registryOf([...types, ...types])).toThrow('is interpreted twice');
});

test('physical names are stable, tell stacks apart, and fit every service', () => {
  const long = 'ALogicalIdThatIsLongerThanAnyNameMayBeInTheStrictestService12345678';
  expect(physicalNameOf('stack', 'Short')).toBe('stack-Short');
  expect(physicalNameOf('stack', long)).toHaveLength(63);
  expect(physicalNameOf('stack', long)).toBe(physicalNameOf('stack', long));
  expect(physicalNameOf('stack', long)).not.toBe(physicalNameOf('stack', `${long}x`));
});

test('stacks come in the order of their dependencies, not of the manifest', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-assembly-'));
  const stack = (name: string, dependencies: readonly string[]) => {
    writeFileSync(join(folder, `${name}.json`), JSON.stringify({ Resources: {} }));
    return {
      type: 'aws:cloudformation:stack',
      dependencies,
      properties: { templateFile: `${name}.json`, stackName: name },
    };
  };
  const artifacts = {
    platform: stack('platform', ['data', 'platform.assets']),
    'platform.assets': { type: 'cdk:asset-manifest' },
    data: stack('data', []),
  };
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts }));
  expect(readAssembly(folder).stacks.map(({ name }) => name)).toEqual(['data', 'platform']);
});
