import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { CfnResource } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { tributary } from '../../lib/tributary-app.ts';
import { ofSize, outputFolder, SIZES } from './templates.ts';

const noCredentials = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(AWS_|CDK_)/.test(name)),
);

/** Runs the app as `npm start` does, without the CLI. */
const synthesized = (context: Record<string, string>): string => {
  const outdir = outputFolder();
  execFileSync(process.execPath, ['bin/app.ts'], {
    env: { ...noCredentials, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  return outdir;
};

const template = (outdir: string, stack: string): unknown =>
  JSON.parse(readFileSync(join(outdir, `${stack}.template.json`), 'utf8'));

test('the app synthesizes without the CLI, to the template that the tests see', () => {
  const outdir = synthesized({ size: 'standard' });
  const { dataTemplate, platformTemplate } = ofSize('standard');
  expect(template(outdir, 'tributary-dev-data')).toEqual(dataTemplate.toJSON());
  expect(template(outdir, 'tributary-dev-platform')).toEqual(platformTemplate.toJSON());
});

test('cdk synth agrees, offline and without credentials', () => {
  const outdir = outputFolder();
  execFileSync(
    process.execPath,
    ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '-c', 'size=starter', '-o', outdir],
    {
      env: { ...noCredentials, AWS_EC2_METADATA_DISABLED: 'true', CI: 'true' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const { dataTemplate, platformTemplate } = ofSize('starter');
  expect(template(outdir, 'tributary-dev-data')).toEqual(dataTemplate.toJSON());
  expect(template(outdir, 'tributary-dev-platform')).toEqual(platformTemplate.toJSON());
});

test("CloudFormation's own rules fail the synth of a template that AWS would refuse", () => {
  const planted = (property: string, value: unknown) => () => {
    const { app, data } = tributary({
      app: { outdir: outputFolder(), context: { size: 'starter' } },
    });
    const stream = data.node.findChild('RawUserEvents').node.defaultChild as CfnResource;
    stream.addPropertyOverride(property, value);
    app.synth();
  };
  expect(planted('ShardsCount', 1)).toThrow(/ShardsCount/);
  expect(planted('RetentionPeriodHours', 'long')).toThrow(/RetentionPeriodHours/);
});

test('no template is near the limit of a stack', () => {
  const resourcesMax = 500;
  const bytesMax = 1_000_000;
  for (const size of SIZES) {
    const { outdir, dataTemplate, platformTemplate } = ofSize(size);
    for (const one of [dataTemplate, platformTemplate]) {
      expect(Object.keys(one.toJSON().Resources).length).toBeLessThan(resourcesMax / 2);
    }
    for (const name of readdirSync(outdir).filter((file) => file.endsWith('.template.json'))) {
      expect(statSync(join(outdir, name)).size).toBeLessThan(bytesMax / 2);
    }
  }
});
