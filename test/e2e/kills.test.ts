import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { killRun } from './kill-run.ts';
import { newDataDir } from './start-process.ts';

test('three kills during traffic: every acknowledged event has counted once, live too, and the ledger closes', {
  timeout: 180_000,
}, async () => {
  const dataDir = newDataDir();
  try {
    const result = await killRun({ kills: 3, seed: 20_261_124, dataDir, say: () => undefined });
    expect(result.wrong).toEqual([]);
    expect(result.liveWrong).toEqual([]);
    expect(result.ledger.said).toMatch(/\nclosed: /);
    expect(result.ledger.code).toBe(0);
    expect(result.events).toBeGreaterThan(100);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});
