import { epochMs, toRfc3339, toUtcDate } from '../../functions/core/time.ts';
import { auditLastNight, auditNight, driftOf } from './audit-nights.ts';
import { type Calendar, nightAfter } from './calendar.ts';
import { client, storm, untilSilence } from './run-seed.ts';
import type { Request, SentEvent } from './workload.ts';
import { workloadOf } from './workload.ts';
import { createWorld, definitions, START_MS } from './world.ts';

const DAY_MS = 86_400_000;
const PART_MS = 900;
const EVENTS_MIN = 900;
/** Every so many days a user sends again what his profile no longer knows. */
const SLIPS_EVERY = 4;
/** More requests, and more orders, than the memory of a user holds. */
const REQUESTS_BETWEEN = 34;

export interface NightDrift {
  readonly night: string;
  readonly cut: string;
  /** Tags that stream and nightly share, of all users. */
  readonly tags: number;
  /** Of these, served otherwise than each event once means it, when the night began and when it was over. */
  readonly before: number;
  readonly after: number;
  readonly partial: number;
}

/** A part of the workload each noon. */
const daily = (days: number): Calendar => ({
  at: (atMs) => {
    const part = Math.min(days - 1, Math.floor((atMs - START_MS) / PART_MS));
    return START_MS + part * DAY_MS + (atMs - START_MS - part * PART_MS);
  },
  workAt: (atMs) => {
    const day = Math.floor((atMs - START_MS) / DAY_MS);
    return START_MS + day * PART_MS + ((atMs - START_MS) % DAY_MS);
  },
  nights: [],
});

const order = (eventId: string, atMs: number): SentEvent => ({
  eventId,
  userId: 'u-slips',
  type: 'track',
  event: 'Order Completed',
  timestamp: toRfc3339(epochMs(atMs)),
  properties: { order_id: `o-${eventId}`, total: 10 },
});

/** An order, much else, and the order again: a copy that nothing but the lake recognises. */
const slips = (day: number): readonly Request[] => {
  const startMs = START_MS + day * DAY_MS + 60_000;
  const request = (events: readonly SentEvent[], place: number): Request => ({
    ...{ atMs: startMs + 1_000 * place, events, afterwards: 'nothing', padding: 0 },
  });
  const first = order(`slip-${day}`, startMs);
  const between = Array.from({ length: REQUESTS_BETWEEN }, (_, n) => {
    const events = Array.from({ length: 4 }, (__, m) => order(`s-${day}-${n}-${m}`, startMs));
    return request(events, n + 1);
  });
  return [request([first], 0), ...between, request([first], REQUESTS_BETWEEN + 30)];
};

/** A month with all faults on, and a night in every night of it. */
export const simulateMonth = async (
  seed: number,
  rate: number,
  days: number,
): Promise<readonly NightDrift[]> => {
  const world = createWorld(seed, rate);
  const { scheduler, auditor, night, table, randoms } = world;
  const calendar = daily(days);
  const { start } = client(world, new Set());
  const mostly = workloadOf(randoms.workload, START_MS, calendar, EVENTS_MIN);
  const again = Array.from({ length: Math.ceil(days / SLIPS_EVERY) }, (_, n) =>
    slips(n * SLIPS_EVERY),
  );
  for (const request of [...mostly, ...again.flat()]) start(request);
  storm(world, START_MS + (days - 1) * DAY_MS, calendar);

  const audited = { table, auditor, definitions, faults: world.faults };
  const nights: NightDrift[] = [];
  let before = 0;
  night.runs.onLoaded = ({ cut }) =>
    auditor.guard(() => {
      auditNight(audited, scheduler.nowMs);
      const { tags, wrong, partial } = driftOf(audited, scheduler.nowMs);
      const told = toUtcDate(Math.floor(scheduler.nowMs / DAY_MS));
      nights.push({ night: told, cut, tags, before, after: wrong, partial });
    });
  for (let day = 0; day < days; day += 1)
    scheduler.after(nightAfter(START_MS + day * DAY_MS) - START_MS, 'a night', () => {
      before = driftOf(audited, scheduler.nowMs).wrong;
      night.begin();
    });
  scheduler.after(days * DAY_MS, 'faults stop', () => {
    for (const faults of [world.faults, world.nightFaults, world.lake.faults]) faults.on = false;
  });
  await untilSilence(world);
  for (let last = 0; last < 2; last += 1) {
    scheduler.after(nightAfter(scheduler.nowMs) - scheduler.nowMs, 'a last night', () => {
      before = driftOf(audited, scheduler.nowMs).wrong;
      night.begin();
    });
    await untilSilence(world);
  }
  auditLastNight(audited, scheduler.nowMs);
  return nights;
};
