import { expect, test } from 'vitest';
import { seeded } from '../../simulate/random.ts';
import { type SimulationOptions, simulate, UsersAreKnown } from '../../simulate/simulate.ts';
import type { Transport } from '../../simulate/transport.ts';
import { config } from '../../tributary.config.ts';
import { inProcessPlatform } from '../support/in-process-platform.ts';

const START = Date.parse('2026-11-21T09:40:00.000Z');
const options: SimulationOptions = {
  seed: 11,
  users: 60,
  runId: 'run',
  prefix: '',
  eventsPerSecond: 50,
  seconds: 30,
  check: true,
};

/** A run on a clock that only sleeping moves. */
const start = (wrap: (platform: Transport) => Transport = (platform) => platform) => {
  const clock = { ms: START };
  const waiting: { readonly atMs: number; readonly wake: () => void }[] = [];
  const now = (): number => clock.ms;
  const sleep = (ms: number): Promise<void> =>
    new Promise((wake) => {
      waiting.push({ atMs: clock.ms + ms, wake });
      // Every lane that is awake comes to its own sleep before the clock moves.
      setImmediate(() => {
        waiting.sort((left, right) => left.atMs - right.atMs);
        const next = waiting.shift();
        if (next === undefined) return;
        clock.ms = Math.max(clock.ms, Math.ceil(next.atMs));
        next.wake();
      });
    });
  const platform = inProcessPlatform(now);
  const run = (more: Partial<SimulationOptions> = {}) =>
    simulate(
      { transport: wrap(platform), now, sleep, random: seeded(1) },
      { ...options, ...more },
      config,
    );
  return { run };
};

test('every profile says exactly what was acknowledged', async () => {
  const { traffic, check } = await start().run();
  expect(traffic.complaints).toEqual([]);
  expect(traffic.totals).toMatchObject({ sent: 1_500, acknowledged: 1_500, uncertain: 0 });
  expect(check?.differences).toEqual([]);
  expect(check?.usersCompared).toBeGreaterThan(50);
});

/** Answers for a request without one of its events having arrived. */
const withholding =
  (withheld: string) =>
  (platform: Transport): Transport =>
  async (call) => {
    if (call.body?.includes(`"${withheld}"`) !== true) return platform(call);
    const sent = JSON.parse(call.body) as unknown;
    const events = (Array.isArray(sent) ? sent : [sent]) as { readonly eventId: string }[];
    const kept = events.filter(({ eventId }) => eventId !== withheld);
    if (kept.length > 0) await platform({ ...call, body: JSON.stringify(kept) });
    const results = events.map((_, index) => ({ index, status: 'accepted' }));
    return { status: 202, body: JSON.stringify({ results }) };
  };

test('one acknowledged event withheld is a difference', async () => {
  const { check } = await start(withholding('run-700')).run();
  expect(check?.differences.length).toBeGreaterThan(0);
  const users = new Set(check?.differences.map((difference) => difference.split(':')[0]));
  expect(users.size).toBe(1);
});

test('a client that gets no answer sends the same bytes again, and every event counts once', async () => {
  const bodies = new Map<string, number>();
  let calls = 0;
  const flaky =
    (platform: Transport): Transport =>
    async (call) => {
      if (call.method === 'GET') return platform(call);
      calls += 1;
      bodies.set(call.body ?? '', (bodies.get(call.body ?? '') ?? 0) + 1);
      if (calls % 5 === 1) return { status: 503, body: 'later', retryAfterSeconds: 2 };
      const reply = await platform(call);
      if (calls % 7 === 2) throw new Error('connection reset');
      return reply;
    };
  const { traffic, check } = await start(flaky).run({ seconds: 10 });
  expect(traffic.totals.retries).toBeGreaterThan(20);
  expect(Math.max(...bodies.values())).toBeGreaterThan(1);
  expect(traffic.totals).toMatchObject({ acknowledged: 500, uncertain: 0, rejected: 0 });
  expect(check?.differences).toEqual([]);
});

test('it refuses to compare users who have a profile already, and takes a prefix', async () => {
  const { run } = start();
  await run({ seconds: 2 });
  await expect(run({ seconds: 2 })).rejects.toThrow(UsersAreKnown);
  const { check } = await run({ seconds: 2, prefix: 'again-', runId: 'run2' });
  expect(check?.differences).toEqual([]);
});

test('a user of whom nobody knows what arrived is not compared but counted', async () => {
  const away =
    (platform: Transport): Transport =>
    (call) =>
      call.body?.includes('"run-5"') === true
        ? Promise.reject(new Error('connection refused'))
        : platform(call);
  const { traffic, check } = await start(away).run({ seconds: 5 });
  expect(traffic.totals.uncertain).toBeGreaterThan(0);
  expect(traffic.complaints).toEqual(['connection refused']);
  expect(check?.differences).toEqual([]);
});
