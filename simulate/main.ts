/** `npm run simulate`: believable shoppers against any endpoint. */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { config } from '../tributary.config.ts';
import { offerCatalogue } from './offer-catalogue.ts';
import { seeded } from './random.ts';
import { simulate } from './simulate.ts';
import { progressBar, summaryOf, verdictOf } from './summary.ts';
import { httpTransport } from './transport.ts';

const USAGE = `npm run simulate -- [--rate 200] [--users 1000] [--seconds 60] [--seed 1]
  [--url http://localhost:8080] [--key <server or operator key>] [--check] [--prefix p]
  [--catalogue]   puts the shop's 300 items first`;

const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '200' },
    users: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    url: { type: 'string', default: 'http://localhost:8080' },
    key: { type: 'string' },
    check: { type: 'boolean', default: false },
    catalogue: { type: 'boolean', default: false },
    prefix: { type: 'string', default: '' },
    help: { type: 'boolean', default: false },
  },
});

const positive = (name: 'rate' | 'users' | 'seconds' | 'seed'): number => {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value > 0) return value;
  console.error(`--${name} must be a number above 0\n${USAGE}`);
  process.exit(2);
};

const PROGRESS_MS = 200;

const main = async (): Promise<number> => {
  const [eventsPerSecond, users, seconds, seed] = [
    positive('rate'),
    Math.floor(positive('users')),
    positive('seconds'),
    positive('seed'),
  ];
  const startedAtMs = Date.now();
  const runId = `sim${startedAtMs.toString(36)}`;
  let drawnAtMs = 0;
  const draw = (text: string): void => {
    if (process.stdout.isTTY) process.stdout.write(`\r\u001b[K${text}`);
  };
  const transport = httpTransport(values);
  if (values.catalogue) console.log(await offerCatalogue(transport));
  const result = await simulate(
    { transport, now: Date.now, sleep, random: seeded(seed + 1) },
    { eventsPerSecond, seconds, users, seed, runId, prefix: values.prefix, check: values.check },
    config,
    {
      tick: (totals) => {
        if (Date.now() - drawnAtMs < PROGRESS_MS) return;
        drawnAtMs = Date.now();
        draw(progressBar(totals, Math.round(eventsPerSecond * seconds)));
      },
      checking: () => draw('comparing profiles with what was acknowledged …'),
    },
  );
  draw('');
  const { traffic, check } = result;
  const lines = summaryOf(traffic, (Date.now() - startedAtMs) / 1_000);
  console.log([`run ${runId}, seed ${seed}`, ...lines].join('\n'));
  if (check === undefined) return traffic.totals.uncertain === 0 ? 0 : 1;
  console.log(verdictOf(check).join('\n'));
  const exact = check.differences.length === 0 && traffic.uncertainUsers.size === 0;
  return exact && check.usersCompared > 0 ? 0 : 1;
};

if (values.help) {
  console.log(USAGE);
} else {
  process.exitCode = await main().catch((fault: unknown) => {
    const cause = fault instanceof Error && fault.cause instanceof Error ? fault.cause : undefined;
    const message = fault instanceof Error ? fault.message : String(fault);
    console.error(`simulate: ${message}${cause === undefined ? '' : ` (${cause.message})`}`);
    return 1;
  });
}
