import { expect, test } from 'vitest';
import { refuseFaults } from '../../lib/tributary-app.ts';
import { grants, ofSize, plain, theOne } from './templates.ts';

const { platformTemplate } = ofSize('standard');

test('personalize knows the two tables, the lake for its snapshots, and the cache', () => {
  const { Environment } = theOne(platformTemplate, 'AWS::Lambda::Function', 'Personalization')
    .Properties as { Environment: { Variables: Record<string, unknown> } };
  expect(
    Object.entries(Environment.Variables).map(([name, value]) => `${name} ${plain(value)}`),
  ).toEqual([
    'PROFILES_TABLE {tablesprofiles}',
    'RECORDS_TABLE {tablesrecords}',
    'LAKE_BUCKET {bucketslake}',
    'CACHE_URL {cacheurl}',
  ]);
});

test('personalize reads and never writes, but for its own logs, traces and interfaces', () => {
  expect(grants(platformTemplate, 'Personalization')).toMatchInlineSnapshot();
});

test('what the config gets wrong of recommendations is told before anything is deployed', () => {
  refuseFaults({});
  refuseFaults({ recommend: { preset: 'taste' } });
  expect(() => refuseFaults({ recommend: { preset: 'taste', explore: 9 } })).toThrow(
    'tributary.config.ts, recommend: explore is 0 to 5 of ten places',
  );
});
