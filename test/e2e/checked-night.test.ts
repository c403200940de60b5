/** What the simulator compares holds with a night in the middle of its traffic. */
import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ProfilesAnswer } from '../../functions/core/profile/answer.ts';
import type { OracleFact } from '../../functions/core/profile/oracle.ts';
import { checkProfiles } from '../../simulate/check.ts';
import { newCrowd } from '../../simulate/crowd.ts';
import { seeded } from '../../simulate/random.ts';
import { runTraffic } from '../../simulate/traffic.ts';
import { httpTransport } from '../../simulate/transport.ts';
import { config } from '../../tributary.config.ts';
import { drained, flushed } from './asking.ts';
import { runNightly } from './nightly-run.ts';
import { newDataDir, type Started, startProcess } from './start-process.ts';

/** Past the last half hour of a day's window. */
const DAY_MS = 25 * 3_600_000;
/** Lags of the last 15 minutes hold the cut back: buffers that lay while the clock moved. */
const LAG_FORGOTTEN_MS = 20 * 60_000;
const NIGHTS_MAX = 3;
const dataDir = newDataDir();
let platform: Started;

beforeAll(async () => {
  platform = await startProcess({ dataDir });
});
afterAll(async () => {
  platform.child.kill('SIGTERM');
  await platform.ended;
  rmSync(dataDir, { recursive: true, force: true });
});

const shiftClock = async (offsetMs: number): Promise<void> => {
  const response = await fetch(`${platform.endpointUrl}/_tributary/clock`, {
    method: 'POST',
    body: JSON.stringify({ offsetMs }),
  });
  expect(response.status).toBe(200);
};

test('after a night between two days of traffic every profile says what was acknowledged', {
  timeout: 150_000,
}, async () => {
  let offsetMs = 0;
  const ports = {
    transport: httpTransport({ url: platform.apiUrl }),
    now: () => Date.now() + offsetMs,
    sleep: (ms: number) => sleep(ms),
    random: seeded(1),
  };
  const options = { seed: 7, users: 40, prefix: 'n-', eventsPerSecond: 60, seconds: 5 };
  const crowd = newCrowd({ ...options, runId: 'run' });
  const facts = new Map<string, OracleFact[]>();
  const sendDay = async (): Promise<void> => {
    const traffic = await runTraffic(ports, crowd, options, () => undefined);
    expect(traffic.totals).toMatchObject({ acknowledged: 300, uncertain: 0 });
    for (const [user, events] of traffic.acknowledged) {
      facts.set(user, [...(facts.get(user) ?? []), ...events.map(({ fact }) => fact)]);
    }
    await drained(platform);
    // What lies in a buffer while the clock moves looks like a day's lag.
    await flushed(platform);
  };
  await sendDay();
  // A night of the first day, too: what it wrote is overwritten by the second.
  const first = await runNightly(platform);
  expect(first).toMatchObject({ status: 'succeeded' });
  offsetMs = DAY_MS;
  await shiftClock(offsetMs);
  await sendDay();
  // What was under way when the clock moved looks a day late, and a night then keeps the old cut.
  let night: Awaited<ReturnType<typeof runNightly>>;
  let nights = 0;
  do {
    offsetMs += LAG_FORGOTTEN_MS;
    await shiftClock(offsetMs);
    night = await runNightly(platform);
    nights += 1;
  } while (night.cut === first.cut && nights < NIGHTS_MAX);
  expect(night).toMatchObject({ status: 'succeeded' });
  expect(String(night.cut) > String(first.cut)).toBe(true);

  const cut = `${String(night.cut)}T00:00:00.000Z`;
  const response = await fetch(`${platform.apiUrl}/v1/profiles?ids=${[...facts.keys()].join(',')}`);
  const { profiles } = (await response.json()) as ProfilesAnswer;
  expect(profiles.map(({ tags }) => tags.orders_total?.cut)).toEqual(profiles.map(() => cut));
  const { differences, usersCompared } = await checkProfiles(ports, facts, config);
  expect(differences).toEqual([]);
  expect(usersCompared).toBeGreaterThan(20);
});
