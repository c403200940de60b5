import { expect, test } from 'vitest';
import { program } from '../support/cache-server.ts';
import { cacheRun } from './cache-run.ts';
import { newDataDir } from './start-process.ts';

/** Longer than the breaker's pause, twice over; `npm run e2e -- --cache 60` takes a minute. */
const AWAY_MS = 5_000;

const name =
  program === undefined ? ' (skipped: neither valkey-server nor redis-server on PATH)' : '';
test.skipIf(program === undefined)(
  `a cache that is killed takes no read with it, and holds up no update${name}`,
  async () => {
    const run = await cacheRun({ awayMs: AWAY_MS, dataDir: newDataDir(), say: () => undefined });
    expect(run.wrong).toEqual([]);
    expect(run.readsWhileAway).toBeGreaterThan(5);
    expect(run.updates).toBeGreaterThan(5);
    expect(run.oldestNewestMs).toBeLessThan(5_000);
    expect(run.refilled).toBeGreaterThan(0);
  },
  120_000,
);
