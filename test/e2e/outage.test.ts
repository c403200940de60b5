import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { outageRun } from './outage-run.ts';
import { newDataDir } from './start-process.ts';

test('the stream is away for three seconds: all is accepted, spilled, drained and counted once', {
  timeout: 180_000,
}, async () => {
  const dataDir = newDataDir();
  try {
    const result = await outageRun({
      outageSeconds: 3,
      eventsPerSecond: 100,
      users: 100,
      dataDir,
      say: () => undefined,
    });
    expect(result.wrong).toEqual([]);
    expect(result.events).toBeGreaterThan(500);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
