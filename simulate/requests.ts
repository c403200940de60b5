import type { ShopperEvent } from './crowd.ts';

/** Events that travel together: one body to one door. */
export interface EventRequest {
  readonly path: string;
  readonly events: readonly ShopperEvent[];
}

export const REQUEST_EVENTS_MAX = 25;

interface Open {
  readonly path: string;
  readonly events: ShopperEvent[];
}

/** Packs events into few requests, which are sent one after the other: a user's order is kept. */
export const packRequests = (events: readonly ShopperEvent[]): readonly EventRequest[] => {
  const requests: Open[] = [];
  const lastOf = new Map<string, number>();
  for (const event of events) {
    const { user } = event.fact;
    const from = lastOf.get(user) ?? 0;
    let place = requests.findIndex(
      (request, index) =>
        index >= from && request.path === event.path && request.events.length < REQUEST_EVENTS_MAX,
    );
    if (place < 0) place = requests.push({ path: event.path, events: [] }) - 1;
    requests[place]?.events.push(event);
    lastOf.set(user, place);
  }
  return requests;
};

/** One event alone travels as an object, as the five systems' clients send it. */
export const bodyOf = ({ events }: EventRequest): string => {
  const bodies = events.map(({ body }) => body);
  return JSON.stringify(bodies.length === 1 ? bodies[0] : bodies);
};
