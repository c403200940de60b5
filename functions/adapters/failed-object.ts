import { parkedKeyOf } from '../core/failed/failed-keys.ts';
import type { SmallObject } from '../core/failed/outcome.ts';
import { invariant } from '../core/invariant.ts';
import type { FailedEvent } from '../ports/failed-store.ts';

/**
 * Objects with a line of JSON per event. A parked event has one of its own at its position, so that
 * a redelivery overwrites it; the rejected events of one request share one, because their number is
 * a client's choice.
 */
export const failedObjects = (
  events: readonly FailedEvent[],
  today: string,
): readonly SmallObject[] => {
  const bodies = new Map<string, string>();
  for (const event of events) {
    const key = keyOf(event, today);
    bodies.set(key, `${bodies.get(key) ?? ''}${JSON.stringify(recordOf(event))}\n`);
  }
  return [...bodies].map(([key, body]) => ({ key, body }));
};

const keyOf = ({ stage, at, arrivedAt, requestId }: FailedEvent, today: string): string => {
  if (at !== undefined) return parkedKeyOf(stage, at);
  invariant(requestId !== undefined, 'a failed event has a position or a request');
  return `failed/${stage}/${arrivedAt?.slice(0, 'yyyy-mm-dd'.length) ?? today}/${requestId}`;
};

/** Bytes as base64: what could not be read need not be text. */
const recordOf = ({ bytes, ...rest }: FailedEvent) => ({
  ...rest,
  bytes: Buffer.from(bytes).toString('base64'),
});
