import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import { sizes } from '../../lib/config.ts';
import { tributary } from '../../lib/tributary-app.ts';
import { type Found, ofSize, outputFolder, SIZES } from './templates.ts';

const functions = (size: (typeof SIZES)[number]): readonly (readonly [string, Found])[] =>
  Object.entries(ofSize(size).platformTemplate.findResources('AWS::Lambda::Function')) as [
    string,
    Found,
  ][];

test('every function runs Node 24 on Graviton, traced, with JSON logs in a group that ends', () => {
  for (const size of SIZES) {
    expect(functions(size)).toHaveLength(size === 'starter' ? 15 : 16);
    for (const [, { Properties }] of functions(size)) {
      expect(Properties).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        TracingConfig: { Mode: 'Active' },
        LoggingConfig: { LogFormat: 'JSON', LogGroup: { Ref: expect.any(String) } },
      });
    }
  }
});

test('memory and time are those of the size', () => {
  const given = functions('standard').map(
    ([, { Properties }]) => `${Properties.MemorySize} MB ${Properties.Timeout} s`,
  );
  expect(given).toEqual([
    '512 MB 15 s',
    '512 MB 20 s',
    '1024 MB 60 s',
    '1769 MB 60 s',
    '512 MB 10 s',
    '1024 MB 10 s',
    '512 MB 60 s',
    '512 MB 60 s',
    '1024 MB 60 s',
    '512 MB 10 s',
    '512 MB 28 s',
    '512 MB 60 s',
    '512 MB 60 s',
    '1024 MB 60 s',
    '1024 MB 60 s',
    '512 MB 28 s',
  ]);
});

test('nothing is reserved but in scale', () => {
  const reserved = (size: (typeof SIZES)[number]) =>
    functions(size).map(([, { Properties }]) => Properties.ReservedConcurrentExecutions);
  expect(reserved('starter')).toEqual(Array(15).fill(undefined));
  expect(reserved('standard')).toEqual(Array(16).fill(undefined));
  expect(reserved('scale')).toEqual([
    400, 10, 544, 768, 200, 200, 60, 60, 2, 20, 5, 5, 2, 40, 2, 5,
  ]);
});

test("a stream's readers are reserved enough for all lanes of all shards", () => {
  const { streams, mappings, functions: reservedOf } = sizes.scale;
  expect(reservedOf.enrich.reserved).toBe(streams.raw.shards * mappings.enrich.lanes);
  expect(reservedOf.aggregate.reserved).toBe(streams.enriched.shards * mappings.aggregate.lanes);
});

test('the bytes that are deployed are the bundle, found by its path in the template', () => {
  const { outdir } = ofSize('standard');
  for (const [, { Metadata }] of functions('standard')) {
    expect(Metadata).toMatchObject({ 'aws:asset:property': 'Code' });
    const asset = join(outdir, String(Metadata?.['aws:asset:path']), 'index.mjs');
    expect(statSync(asset).size).toBeGreaterThan(0);
  }
  const [collect] = functions('standard');
  const asset = join(outdir, String(collect?.[1].Metadata?.['aws:asset:path']), 'index.mjs');
  expect(readFileSync(asset)).toEqual(readFileSync('dist/functions/collect/index.mjs'));
});

test('a function knows when it was deployed only if somebody said so', () => {
  const deployedAt = '2026-11-24T21:00:00.000Z';
  const stamps = (context: Record<string, string>) => {
    const { platform } = tributary({ app: { outdir: outputFolder(), context } });
    return Object.values(Template.fromStack(platform).findResources('AWS::Lambda::Function')).map(
      ({ Properties }) => Properties.Environment.Variables.DEPLOYED_AT,
    );
  };
  expect(stamps({ size: 'starter', deployedAt })).toEqual(Array(15).fill(deployedAt));
  expect(stamps({ size: 'starter' })).toEqual(Array(15).fill(undefined));
});
