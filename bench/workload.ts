import { epochMs } from '../functions/core/time.ts';
import { newCrowd, type ShopperEvent } from '../simulate/crowd.ts';

export const START = epochMs(Date.UTC(2026, 10, 21, 9));
const GAP_MS = 5;

/** What `npm run simulate` sends, without the sending: 200 events a second on a clock of its own. */
export const crowdEvents = (users: number, count: number): readonly ShopperEvent[] => {
  const crowd = newCrowd({ seed: 1, users, runId: 'bench', prefix: '' });
  return Array.from({ length: count }, (_, n) => crowd.next(START + n * GAP_MS));
};

/** Events that the native door understands without a hint from the route that they came by. */
export const nativeEvents = (users: number, count: number): readonly ShopperEvent[] => {
  const events: ShopperEvent[] = [];
  const crowd = newCrowd({ seed: 1, users, runId: 'bench', prefix: '' });
  for (let n = 0; events.length < count; n += 1) {
    const event = crowd.next(START + n * GAP_MS);
    if (event.path === '/v1/events' || event.path === '/events') events.push(event);
  }
  return events;
};

/** Requests of so many events of one user each, as its app or page gathers them. */
export const requestsOf = (
  events: readonly ShopperEvent[],
  size: number,
): readonly (readonly ShopperEvent[])[] => {
  const byUser = Map.groupBy(events, ({ fact }) => fact.user);
  return [...byUser.values()].flatMap((mine) =>
    Array.from({ length: Math.floor(mine.length / size) }, (_, n) =>
      mine.slice(n * size, (n + 1) * size),
    ),
  );
};
