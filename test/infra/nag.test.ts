import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { expect, test } from 'vitest';
import type { SizeName } from '../../lib/config.ts';
import { tributary } from '../../lib/tributary-app.ts';
import { acknowledged } from './acknowledged.ts';
import { outputFolder, SIZES, sorted } from './templates.ts';

const pathOf = (path: string): string => `tributary-dev-${path}`;

const listed = (size: SizeName): readonly string[] =>
  acknowledged
    .filter(({ sizes }) => sizes === undefined || sizes.includes(size))
    .flatMap(({ rule, paths }) => paths.map((path) => `${rule} at ${pathOf(path)}`));

test.each(SIZES)(
  'in %s the acknowledgements are what cdk-nag finds: none missing, none idle',
  (size) => {
    const { app } = tributary({ app: { outdir: outputFolder(), context: { size } } });
    const { violations } = new AwsSolutionsChecks(app).validateScope(app);
    const found = violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
    );
    expect(sorted(found)).toEqual(sorted(listed(size)));
  },
);

interface Report {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly conclusion: string;
    readonly violations: readonly unknown[];
  }[];
}

/** Synthesizes with cdk-nag as a plugin, and what is acknowledged acknowledged. */
const nagged = (size: SizeName, acknowledgements: typeof acknowledged): Report => {
  const outdir = outputFolder();
  const { app } = tributary({ app: { outdir, context: { size } } });
  for (const { rule, paths, reason } of acknowledgements) {
    for (const path of paths) {
      const construct = app.node.findAll().find(({ node }) => node.path === pathOf(path));
      if (construct) Validations.of(construct).acknowledge({ id: rule, reason });
    }
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
  return JSON.parse(readFileSync(join(outdir, 'validation-report.json'), 'utf8'));
};

test.each(SIZES)('a synth of %s with cdk-nag has no finding left', (size) => {
  expect(nagged(size, acknowledged).pluginReports.flatMap(({ violations }) => violations)).toEqual(
    [],
  );
});

test('an acknowledgement that is taken away fails the synth, by its name', () => {
  const [gone, ...rest] = acknowledged;
  expect(() => nagged('starter', rest)).toThrow(`Acknowledge with 'AwsSolutions::${gone?.rule}'`);
});

test('there are 77 acknowledgements, each with the control that stands in', () => {
  expect(acknowledged.flatMap(({ paths }) => paths)).toHaveLength(77);
  for (const { reason } of acknowledged) expect(reason.length).toBeGreaterThan(60);
});
