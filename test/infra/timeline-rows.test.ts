import { expect, test } from 'vitest';
import type { SizeName } from '../../lib/config.ts';
import { sizes } from '../../lib/config.ts';
import { grants, ofSize, plain, SIZES, theOne } from './templates.ts';

const CAPABILITIES = { Aggregation: 'dynamodb:PutItem', Serving: 'dynamodb:Query' } as const;

const tableOf = (size: SizeName, capability: string): string => {
  const { Environment } = theOne(ofSize(size).platformTemplate, 'AWS::Lambda::Function', capability)
    .Properties as { Environment: { Variables: Record<string, unknown> } };
  return plain(Environment.Variables.TIMELINE_TABLE);
};

const statementsOf = (size: SizeName, capability: string) =>
  Object.entries(ofSize(size).platformTemplate.findResources('AWS::IAM::Policy'))
    .filter(([id]) => id.startsWith(capability))
    .flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement)
    .filter(({ Condition }) => Condition !== undefined);

test('starter and standard keep a timeline, scale does not', () => {
  expect(SIZES.map((size) => sizes[size].timeline)).toEqual([true, true, false]);
  for (const capability of Object.keys(CAPABILITIES)) {
    expect(SIZES.map((size) => tableOf(size, capability))).toEqual([
      '{tablesrecords}',
      '{tablesrecords}',
      'none',
    ]);
  }
});

test('who writes and who reads the timeline may touch its rows and no key beside them', () => {
  for (const [capability, action] of Object.entries(CAPABILITIES)) {
    expect(statementsOf('standard', capability)).toMatchObject([
      {
        Action: action,
        Effect: 'Allow',
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['t#*'] } },
      },
    ]);
  }
});

test('a size without a timeline grants nothing for one', () => {
  const { platformTemplate } = ofSize('scale');
  const given = Object.keys(CAPABILITIES).flatMap((name) => grants(platformTemplate, name));
  expect(given.filter((line) => /(PutItem|Query).*tablesrecords/.test(line))).toEqual([]);
  for (const capability of Object.keys(CAPABILITIES)) {
    expect(statementsOf('scale', capability)).toEqual([]);
  }
});
