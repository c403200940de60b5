/** What happens over all users, as counted live, against what the simulator knows that it sent. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { RealtimeAnswer } from '../../functions/core/analytics/live-answers.ts';
import { seeded } from '../../simulate/random.ts';
import { simulate } from '../../simulate/simulate.ts';
import { httpTransport } from '../../simulate/transport.ts';
import { config } from '../../tributary.config.ts';
import { drained, eventually } from './asking.ts';
import { closeLedger } from './ledger-process.ts';
import { newDataDir, startProcess } from './start-process.ts';

test('live figures equal the simulator’s own counts, and the ledger closes', async () => {
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
    const answer = await fetch(`${platform.apiUrl}/v1/analytics/realtime?minutes=10`);
    const body = (await answer.json()) as RealtimeAnswer;
    return body.totals.applied + body.totals.duplicate >= facts.length ? body : undefined;
  });
  const byName: Record<string, number> = {};
  for (const { kind, name } of facts) {
    const key = kind === 'track' ? name : `$${kind}`;
    byName[key] = (byName[key] ?? 0) + 1;
  }
  expect(live.totals.byName).toEqual(byName);
  expect(live.totals.applied).toBe(facts.length);
  expect(live.totals.orders).toBe(facts.reduce((sum, { orders = 0 }) => sum + orders, 0));
  expect(Math.round(live.totals.revenue * 1_000_000)).toBe(
    facts.reduce((sum, { revenueMicros = 0 }) => sum + revenueMicros, 0),
  );
  expect(live.totals.users).toEqual({ value: traffic.acknowledged.size, errorPercent: 0 });

  const { code, said } = await closeLedger(platform, startedAtMs);
  expect(said).toContain(`${facts.length} events landed`);
  expect(said).toMatch(/\nclosed: /);
  expect(code).toBe(0);
}, 120_000);
