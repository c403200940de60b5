/** npm run e2e -- --outage 60 [--rate 200] [--users 1000]: takes the stream away under traffic. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { outageRun } from './outage-run.ts';

const { values } = parseArgs({
  options: {
    outage: { type: 'string', default: '60' },
    rate: { type: 'string', default: '200' },
    users: { type: 'string', default: '1000' },
  },
});
const [outageSeconds = 0, eventsPerSecond = 0, users = 0] = [
  values.outage,
  values.rate,
  values.users,
].map(Number);
if (![outageSeconds, eventsPerSecond, users].every((n) => Number.isInteger(n) && n > 0)) {
  console.error('Use whole numbers: npm run e2e -- --outage 60 --rate 200 --users 1000');
  process.exit(2);
}
const dataDir = mkdtempSync(join(tmpdir(), 'tributary-outage-'));
const options = { outageSeconds, eventsPerSecond, users, dataDir, say: console.log };
const { events, looks, drainedAfterMs, duplicates, wrong } = await outageRun(options);
rmSync(dataDir, { recursive: true, force: true });

const during = looks.filter(({ phase }) => phase === 'outage');
const open = during.filter(({ breaker }) => breaker !== 'closed').length;
for (const line of wrong) console.log(`✗ ${line}`);
console.log(
  `${events} events accepted, ${duplicates} copies recognised; the breaker was open in ${open} of ${during.length} looks ` +
    `of the outage and ${looks.at(-1)?.breaker} at the end; at most ${Math.max(...looks.map(({ spilled }) => spilled))} messages spilled at once, ` +
    `drained ${(drainedAfterMs / 1_000).toFixed(1)} s after the stream was back; ${wrong.length} things wrong`,
);
process.exit(wrong.length === 0 ? 0 : 1);
