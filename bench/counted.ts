/** When nothing is in flight any more: the live figures have counted all that was accepted. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from './load.ts';

const SETTLE_MAX_MS = 180_000;
const MINUTES_SEEN = 15;

/** Events that the live figures have counted, which are behind the profiles. */
const counted = async (client: Client): Promise<number> => {
  const path = `/v1/analytics/realtime?minutes=${MINUTES_SEEN}`;
  const { minutes } = Object(JSON.parse((await client.ask({ method: 'GET', path })).body));
  return (minutes as readonly { applied: number }[]).reduce((sum, { applied }) => sum + applied, 0);
};

export const untilCounted = async (client: Client, events: number): Promise<void> => {
  const endMs = performance.now() + SETTLE_MAX_MS;
  let seen = 0;
  while (performance.now() < endMs) {
    seen = await counted(client);
    if (seen === events) return;
    await pause(200);
  }
  throw new Error(`${seen} of ${events} events were counted`);
};
