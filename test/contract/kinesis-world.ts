/** A local Kinesis on a port of its own, with a clock that the test moves. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KinesisClient } from '@aws-sdk/client-kinesis';
import { onTestFinished } from 'vitest';
import type { MetricSink, ResolvedResource } from '../../localstack/cloud.ts';
import { listen } from '../../localstack/launch/listen.ts';
import {
  createKinesis,
  type KinesisOptions,
  type LocalKinesis,
} from '../../localstack/services/kinesis/kinesis.ts';

export const quiet: MetricSink = { put: () => undefined };

export const scratchFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-kinesis-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export interface KinesisWorld {
  readonly kinesis: LocalKinesis;
  readonly client: KinesisClient;
  readonly url: string;
  readonly clock: { nowMs: number };
  readonly dataDir: string;
  readonly close: () => Promise<void>;
}

export const startKinesis = async (
  changes: Partial<KinesisOptions> = {},
  clock = { nowMs: Date.UTC(2026, 10, 24, 12) },
): Promise<KinesisWorld> => {
  const dataDir = changes.dataDir ?? scratchFolder();
  const kinesis = createKinesis({
    clock: () => clock.nowMs,
    random: Math.random,
    metrics: quiet,
    ...changes,
    dataDir,
  });
  const port = await listen(kinesis.handle, 0, '--port');
  const url = `http://127.0.0.1:${port.port}`;
  const client = clientFor(url);
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    client.destroy();
    await port.close();
    await kinesis.close();
  };
  onTestFinished(close);
  return { kinesis, client, url, clock, dataDir, close };
};

/** One attempt: what is refused is to be seen, not retried away. */
export const clientFor = (endpoint: string): KinesisClient =>
  new KinesisClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

export const streamResource = (
  properties: Readonly<Record<string, unknown>>,
  physicalName = 'stream',
): ResolvedResource => ({
  stack: 'tributary-dev-data',
  logicalId: 'Stream',
  type: 'AWS::Kinesis::Stream',
  physicalName,
  properties,
  metadata: {},
});
