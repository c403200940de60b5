import { INGEST_ROUTES } from '../../functions/collect/routes.ts';
import { type DecodeContext, type Draft, decodeEvent } from '../../functions/core/event/decode.ts';
import type { Json } from '../../functions/core/event/event.ts';
import { isReject, type RejectReason } from '../../functions/core/event/reject.ts';
import { epochMs } from '../../functions/core/time.ts';

export const NOW = Date.parse('2026-11-24T12:00:00.000Z');

/** What `collect` knows when an event comes in by this door. */
export const decodeAt = (path: string, more: Partial<DecodeContext> = {}): DecodeContext => {
  const route = INGEST_ROUTES.find((candidate) => candidate.path === path);
  if (route === undefined) throw new Error(`no door at ${path}`);
  return {
    tenant: 'main',
    receivedAt: epochMs(NOW),
    hints: route.hints,
    newEventId: () => 'ours',
    currency: 'USD',
    rates: {},
    shared: { context: {} },
    ...more,
  };
};

export const draftOf = (
  sent: Json,
  path = '/v1/events',
  more: Partial<DecodeContext> = {},
): Draft => {
  const decoded = decodeEvent(sent, decodeAt(path, more));
  if (isReject(decoded)) throw new Error(`${decoded.reason}: ${decoded.detail}`);
  return decoded;
};

export const accepted = (
  sent: Json,
  path = '/v1/events',
  more: Partial<DecodeContext> = {},
): Draft['event'] => draftOf(sent, path, more).event;

/** Undefined where the event is taken. */
export const rejectedAt = (sent: Json, path = '/v1/events'): RejectReason | undefined => {
  const decoded = decodeEvent(sent, decodeAt(path));
  return isReject(decoded) ? decoded.reason : undefined;
};
