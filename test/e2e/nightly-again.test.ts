/**
 * The same tables, row for row, whatever happens to the nightly job: run again, killed with all of
 * the platform in the middle of a run, and fed objects that the lake has already.
 */
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { drained, flushed } from './asking.ts';
import { copyObjects, tableRows } from './lake-asking.ts';
import { endOfRun, runNightly, startNightly } from './nightly-run.ts';
import { newDataDir, type Started, startProcess } from './start-process.ts';

const HOUR_MS = 3_600_000;
const NEXT_DAY_MS = 25 * HOUR_MS;
/** The moved clock looks like a day's lag, and the cut asks for the lag of the last 15 minutes. */
const NIGHT_MS = NEXT_DAY_MS + HOUR_MS / 3;
const dataDir = newDataDir();
let platform: Started;

const stop = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
  platform.child.kill(signal);
  await platform.ended;
};

beforeAll(async () => {
  platform = await startProcess({ dataDir });
});
afterAll(async () => {
  await stop('SIGTERM');
  rmSync(dataDir, { recursive: true, force: true });
});

const shiftClock = async (offsetMs: number): Promise<void> => {
  const response = await fetch(`${platform.endpointUrl}/_tributary/clock`, {
    method: 'POST',
    body: JSON.stringify({ offsetMs }),
  });
  expect(response.status).toBe(200);
};

const restart = async (): Promise<void> => {
  // From the start: what was under way must not see a day pass in which it should have ended.
  const environment = { TRIBUTARY_CLOCK_OFFSET_MS: String(NIGHT_MS) };
  platform = await startProcess({ dataDir, environment });
};

const USERS = 12;
const EVENTS_A_DAY = 120;
const SENT_AGAIN = 40;

const eventOf = (day: number, index: number): object => {
  const id = `${day}-${index}`;
  const event = {
    eventId: id,
    userId: `night-${index % USERS}`,
    timestamp: Date.now() + day * NEXT_DAY_MS,
  };
  return index % 4 === 0
    ? { ...event, event: 'Order Completed', properties: { order_id: id, revenue: 2 } }
    : { ...event, event: 'Product Viewed', properties: { product_id: id, category: 'a' } };
};

const sendDay = async (day: number): Promise<void> => {
  const events = Array.from({ length: EVENTS_A_DAY }, (_, index) => eventOf(day, index));
  // Some come twice, in other envelopes.
  for (const body of [events, events.slice(0, SENT_AGAIN)]) {
    const response = await fetch(`${platform.apiUrl}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(202);
  }
  await drained(platform);
};

const lake = async (): Promise<Readonly<Record<string, readonly string[]>>> => ({
  events: await tableRows(platform, 'events', 'line_key, dup, again'),
  userDay: await tableRows(platform, 'user_day', '*'),
  userTotal: await tableRows(platform, 'user_total', '*'),
  loaded: await tableRows(platform, 'tags_loaded', 'profile_key, version, amount, cut'),
});

/** Without what names the moment of the answer. */
const tags = async (): Promise<readonly unknown[]> => {
  const ids = Array.from({ length: USERS }, (_, index) => `night-${index}`).join(',');
  const answer: unknown = await (await fetch(`${platform.apiUrl}/v1/profiles?ids=${ids}`)).json();
  const { profiles } = answer as { profiles: { tags: Record<string, unknown> }[] };
  return profiles.map((profile) => {
    const { ltv_total, orders_30d, favourite_category } = profile.tags;
    return { ltv_total, orders_30d, favourite_category };
  });
};

test('again, killed in the middle, and with objects twice: the same rows and the same tags', {
  timeout: 300_000,
}, async () => {
  await sendDay(0);
  await flushed(platform);
  await shiftClock(NEXT_DAY_MS);
  await sendDay(1);
  await flushed(platform);
  await shiftClock(NIGHT_MS);
  expect(await runNightly(platform)).toMatchObject({ status: 'succeeded', rows: USERS });
  const [rows, served] = [await lake(), await tags()];
  expect(rows.events).toHaveLength(2 * (EVENTS_A_DAY + SENT_AGAIN));
  expect(rows.userDay?.length).toBeGreaterThan(USERS);
  expect(rows.loaded?.length).toBeGreaterThan(USERS);
  expect(served[0]).toMatchObject({ ltv_total: { value: 40, partial: false } });
  expect(served[1]).toMatchObject({ favourite_category: { source: 'batch', partial: false } });

  expect(await runNightly(platform)).toMatchObject({ status: 'succeeded' });
  expect([await lake(), await tags()]).toEqual([rows, served]);

  for (const afterMs of [300, 1_500, 3_500]) {
    const jobId = await startNightly(platform);
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    await stop('SIGKILL');
    await restart();
    expect(await endOfRun(platform, jobId)).toMatchObject({ status: 'succeeded', error: null });
    expect([await lake(), await tags()]).toEqual([rows, served]);
  }

  await flushed(platform);
  expect(await copyObjects(platform, 'enriched/')).toBeGreaterThan(0);
  expect(await runNightly(platform)).toMatchObject({ status: 'succeeded' });
  expect([await lake(), await tags()]).toEqual([rows, served]);
});
