/** npm run e2e -- --kills 25 [--seed n]: kills the platform during traffic, compares profiles and live figures, closes the ledger. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killRun } from './kill-run.ts';

/** Fewer kills than this that hit work in flight prove too little (of 25). */
const IN_FLIGHT_SHARE_MIN = 0.4;

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '25' }, seed: { type: 'string' } },
});
const kills = Number(values.kills);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
  console.error('Use whole numbers: npm run e2e -- --kills 25 --seed 7');
  process.exit(2);
}
const dataDir = mkdtempSync(join(tmpdir(), 'tributary-kills-'));
console.log(`seed ${seed}`);
const result = await killRun({ kills, seed, dataDir, say: console.log });
rmSync(dataDir, { recursive: true, force: true });
console.log(result.ledger.said.trim());
for (const line of [...result.wrong, ...result.liveWrong]) console.log(`✗ ${line}`);
if (result.ledger.code !== 0) console.log(`✗ the ledger ended with ${result.ledger.code}`);
console.log(
  `${result.kills} kills, ${result.killsInFlight} hit work in flight, ${result.batchesRedelivered} batches redelivered, ` +
    `${result.events} events, ${result.resends} resends, ${result.wrong.length} profiles wrong, ` +
    `${result.liveWrong.length} live figures wrong, ledger ${result.ledger.code === 0 ? 'closed' : 'not closed'}`,
);
const enough = result.killsInFlight >= kills * IN_FLIGHT_SHARE_MIN;
if (!enough) console.log('✗ too few kills hit work in flight: run it again with another seed');
const right = result.wrong.length + result.liveWrong.length + result.ledger.code === 0;
process.exit(right && enough ? 0 : 1);
