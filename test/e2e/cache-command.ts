/** npm run e2e -- --cache 60: the cache is away for a minute, and what became of reads and updates. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { program } from '../support/cache-server.ts';
import { cacheRun } from './cache-run.ts';

/** What a consumer of updates may be behind while events flow. */
const OLDEST_NEWEST_MS_MAX = 5_000;
const WRONG_TOLD_MAX = 10;

const { values } = parseArgs({ options: { cache: { type: 'string', default: '60' } } });
const seconds = Number(values.cache);
if (!Number.isInteger(seconds) || seconds < 1 || program === undefined) {
  console.error('Use whole seconds, with valkey-server or redis-server on PATH: --cache 60');
  process.exit(2);
}
const dataDir = mkdtempSync(join(tmpdir(), 'tributary-cache-'));
const run = await cacheRun({ awayMs: seconds * 1_000, dataDir, say: console.log });
rmSync(dataDir, { recursive: true, force: true });
for (const line of run.wrong.slice(0, WRONG_TOLD_MAX)) console.log(`✗ ${line}`);
console.log(
  `${run.events} events, ${run.reads} reads (${run.readsWhileAway} while the cache was away), ` +
    `${run.wrong.length} not answered; ${run.updates} updates, the newest never older than ` +
    `${(run.oldestNewestMs / 1_000).toFixed(2)} s; ${run.refilled} entries in the cache that came back`,
);
process.exit(run.wrong.length === 0 && run.oldestNewestMs < OLDEST_NEWEST_MS_MAX ? 0 : 1);
