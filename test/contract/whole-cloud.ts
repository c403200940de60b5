/** Every service of the local cloud, as npm start makes them, without ports and functions' calls. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClock } from '../../localstack/launch/clock.ts';
import { createMetrics } from '../../localstack/launch/metrics.ts';
import { createServices, type LocalCloud } from '../../localstack/launch/services.ts';

export const wholeCloud = async (): Promise<LocalCloud> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tributary-cloud-'));
  const cloud = await createServices({
    dataDir,
    assemblyFolder: dataDir,
    clock: createClock(0),
    metrics: createMetrics(),
    endpointUrl: 'http://127.0.0.1:4566',
    apiUrl: 'http://localhost:8080',
    shortNameOf: () => undefined,
    demoKey: () => undefined,
    onRequest: () => undefined,
    report: () => undefined,
  });
  return {
    ...cloud,
    close: async () => {
      await cloud.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};
