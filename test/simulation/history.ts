import { setImmediate } from 'node:timers/promises';
import { decodeProfile } from '../../functions/core/profile/codec.ts';
import { auditAtRest } from './audit-at-rest.ts';
import { nightAfter } from './calendar.ts';
import { redriveParked } from './redrive.ts';
import { createWorld, definitions, START_MS } from './world.ts';

export const DAY_MS = 86_400_000;

export const viewed = (eventId: string, more: object = {}) => ({
  eventId,
  userId: 'u0',
  type: 'track',
  event: 'Product Viewed',
  timestamp: new Date(START_MS).toISOString(),
  properties: { product_id: 'item-1', category: 'TECH' },
  ...more,
});
export const many = (count: number, more: object = {}, prefix = 'e') =>
  Array.from({ length: count }, (_, n) => viewed(`${prefix}-${n}`, more));

/** A world without chance, in which a history is written by hand. */
export const history = (options: { readonly hasCache?: boolean } = {}) => {
  const world = createWorld(1, 0, options);
  const { scheduler, night } = world;
  const acknowledged = new Set<string>();
  const silence = async (): Promise<void> => {
    await setImmediate();
    while (await scheduler.step());
    if (world.auditor.violation !== undefined) throw world.auditor.violation;
  };
  const send = async (events: readonly ReturnType<typeof viewed>[]): Promise<number> => {
    const answer = world.post(events);
    await silence();
    const { statusCode } = await answer;
    if (statusCode < 300)
      for (const { userId, eventId } of events) acknowledged.add(`${userId}/${eventId}`);
    return statusCode;
  };
  const audit = (): Promise<void> =>
    auditAtRest({ ...world, definitions, nowMs: scheduler.nowMs, acknowledged });
  const countsOf = (user: string) => {
    const { applied, duplicate, parked } = world.auditor.userOf(`main#${user}`);
    return { applied, duplicate, parked };
  };
  const facetsOf = (user: string) => {
    const stored = world.table.profiles.get(`main#${user}`);
    if (stored === undefined) throw new Error(`no profile of ${user}`);
    return decodeProfile(stored, definitions).facets;
  };
  const redrive = (between?: () => Promise<void>) => redriveParked(world, silence, between);
  /** What happens at an instant, and all that follows from it. */
  const at = async (atMs: number, run: () => void): Promise<void> => {
    scheduler.after(atMs - scheduler.nowMs, 'history', run);
    await silence();
  };
  /** The next night, until it is loaded. */
  const nextNight = async (): Promise<void> => {
    const startMs = nightAfter(scheduler.nowMs);
    await at(startMs, night.begin);
    const { runId = '' } = (await night.runs.kept.loaded()) ?? {};
    if (!(Number(runId.slice(0, 13)) >= startMs)) throw new Error('no night was loaded');
  };
  return {
    ...world,
    ...{ acknowledged, send, silence, audit, countsOf, facetsOf, redrive, at, nextNight },
  };
};
