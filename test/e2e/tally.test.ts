/** What happens over all users, as counted live, against what the simulator knows that it sent. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { LiveAnswer, RealtimeAnswer } from '../../functions/core/analytics/live-answers.ts';
import { FEED_EVENTS_MAX } from '../../functions/core/analytics/live-feed.ts';
import { seeded } from '../../simulate/random.ts';
import { simulate } from '../../simulate/simulate.ts';
import { httpTransport } from '../../simulate/transport.ts';
import { config } from '../../tributary.config.ts';
import { drained, eventually } from './asking.ts';
import { closeLedger } from './ledger-process.ts';
import { newDataDir, type Ready, startProcess } from './start-process.ts';

const totalsOf = async ({ apiUrl }: Ready): Promise<RealtimeAnswer['totals']> => {
  const answer = await fetch(`${apiUrl}/v1/analytics/realtime?minutes=60`);
  return ((await answer.json()) as RealtimeAnswer).totals;
};

/** Newest first. */
const feedOf = async ({ apiUrl }: Ready): Promise<LiveAnswer['events']> => {
  const answer = await fetch(`${apiUrl}/v1/live`);
  return ((await answer.json()) as LiveAnswer).events;
};

test('live figures equal the simulator’s own counts, the ledger closes, and a window’s end holds up nothing', async () => {
  const startedAtMs = Date.now();
  const platform = await startProcess({ dataDir: newDataDir() });
  onTestFinished(async () => {
    platform.child.kill('SIGTERM');
    await platform.ended;
  });
  const { traffic } = await simulate(
    {
      transport: httpTransport({ url: platform.apiUrl }),
      now: Date.now,
      sleep: (ms) => sleep(ms),
      random: seeded(1),
    },
    {
      seed: 5,
      users: 60,
      runId: 'live',
      prefix: '',
      eventsPerSecond: 80,
      seconds: 5,
      check: false,
    },
    config,
  );
  const facts = [...traffic.acknowledged.values()].flat().map(({ fact }) => fact);
  expect(facts.length).toBeGreaterThan(300);
  await drained(platform);

  const live = await eventually(async () => {
    const totals = await totalsOf(platform);
    return totals.applied + totals.duplicate >= facts.length ? totals : undefined;
  });
  const byName: Record<string, number> = {};
  for (const { kind, name } of facts) {
    const key = kind === 'track' ? name : `$${kind}`;
    byName[key] = (byName[key] ?? 0) + 1;
  }
  expect(live.byName).toEqual(byName);
  expect(live.applied).toBe(facts.length);
  expect(live.orders).toBe(facts.reduce((sum, { orders = 0 }) => sum + orders, 0));
  expect(Math.round(live.revenue * 1_000_000)).toBe(
    facts.reduce((sum, { revenueMicros = 0 }) => sum + revenueMicros, 0),
  );
  expect(live.users).toEqual({ value: traffic.acknowledged.size, errorPercent: 0 });

  // Nothing more is sent: what was applied last is in the feed all the same.
  const shown = await feedOf(platform);
  expect(shown.length).toBeGreaterThanOrEqual(FEED_EVENTS_MAX);

  const { code, said } = await closeLedger(platform, startedAtMs);
  expect(said).toContain(`${facts.length} events landed`);
  expect(said).toMatch(/\nclosed: /);
  expect(code).toBe(0);

  // The window of 15 minutes ends with an empty call; one that fails would hold up its shard for ever.
  await fetch(`${platform.endpointUrl}/_tributary/clock`, {
    method: 'POST',
    body: JSON.stringify({ offsetMs: 16 * 60_000 }),
  });
  await fetch(`${platform.apiUrl}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ userId: 'late', event: 'After The Window' }),
  });
  await eventually(async () => {
    const [newest] = await feedOf(platform);
    return newest?.name === 'After The Window' ? true : undefined;
  });
  const after = await totalsOf(platform);
  expect(after.applied).toBe(facts.length + 1);
  expect(after.byName).toEqual({ ...byName, 'After The Window': 1 });
}, 120_000);
