import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, type AppProps, DefaultStackSynthesizer } from 'aws-cdk-lib';
import { recommendFaults } from '../functions/core/recommend/settings.ts';
import type { TributaryConfig } from '../functions/core/tags/config.ts';
import { config as written } from '../tributary.config.ts';
import { type PlatformConfig, sizeNamed } from './config.ts';
import { DataStack } from './data-stack.ts';
import { PlatformStack } from './platform-stack.ts';

export interface Tributary {
  readonly app: App;
  readonly data: DataStack;
  readonly platform: PlatformStack;
}

/** Asset paths in the template: the local cloud runs the very folder that would be deployed. */
const ALWAYS = { 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:enable-path-metadata': true };

/**
 * The two stacks. Feature flags come from cdk.json also where no CLI hands them over, so every
 * synth, with the CLI, without it and in tests, gives the same template.
 */
export const tributary = (
  options: { readonly size?: string | undefined; readonly app?: AppProps } = {},
): Tributary => {
  refuseFaults(written);
  const app = new App({
    analyticsReporting: false,
    ...options.app,
    context: { ...cdkJson().context, ...ALWAYS, ...options.app?.context },
  });
  const config: PlatformConfig = sizeNamed(app.node.tryGetContext('size'), options.size);
  const stage = stageNamed(app.node.tryGetContext('stage') ?? 'dev');
  const deployedAt = app.node.tryGetContext('deployedAt');

  const data = new DataStack(app, `tributary-${stage}-data`, {
    config,
    stage,
    description: `Tributary (${config.size}): streams, tables, buckets and what else is kept`,
    terminationProtection: config.protect,
    synthesizer: synthesizer(),
  });
  const platform = new PlatformStack(app, `tributary-${stage}-platform`, {
    config,
    stage,
    deployedAt: typeof deployedAt === 'string' ? deployedAt : undefined,
    description: `Tributary (${config.size}): the functions and the API; may be deployed anew at any time`,
    synthesizer: synthesizer(),
  });
  // Parameters are read when the stack is deployed, so they must be there.
  platform.addStackDependency(data);
  return { app, data, platform };
};

/** What would only fail in a function is told before anything is deployed. */
export const refuseFaults = ({ recommend }: Pick<TributaryConfig, 'recommend'>): void => {
  const faults = recommend === undefined ? [] : recommendFaults(recommend);
  if (faults.length > 0) throw new Error(`tributary.config.ts, recommend: ${faults.join('; ')}`);
};

/** The CLI checks the bootstrap's version itself; a rule in the template would only repeat it. */
const synthesizer = () => new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });

const cdkJson = (): { readonly context: Readonly<Record<string, unknown>> } =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'cdk.json'), 'utf8'));

const STAGE = /^[a-z][a-z0-9-]{0,19}$/;

const stageNamed = (stage: unknown): string => {
  if (typeof stage === 'string' && STAGE.test(stage)) return stage;
  throw new Error(
    `"${String(stage)}" is no stage: lower-case letters, digits and dashes, at most 20`,
  );
};
