import type { Json } from '../core/event/event.ts';
import { REQUEST_BYTES_MAX } from '../core/event/limits.ts';
import type { Judged, SentRequest } from '../core/event/request.ts';
import type { RejectedRequest } from '../core/failed/failed-event.ts';
import { epochMs, toRfc3339 } from '../core/time.ts';
import type { FailedEvent, FailedStore } from '../ports/failed-store.ts';
import type { Principal } from '../runtime/authorize.ts';
import type { HttpRequest } from '../runtime/http.ts';
import type { Count } from '../runtime/metrics.ts';
import { tokenBuckets } from '../runtime/rate-limit.ts';
import type { Refusal } from './answers.ts';
import type { IngestRoute } from './routes.ts';

/** Objects a second of one key in this process; a client gone wild must not fill a bucket. */
const OBJECTS = { perSecond: 100, burst: 100 };

export interface KeepPorts {
  readonly failed: FailedStore;
  readonly count: Count;
  readonly report: (message: string, fault: unknown, requestId: string) => void;
}

interface Refused extends Pick<FailedEvent, 'reason' | 'detail' | 'bytes'> {
  readonly shared?: RejectedRequest['shared'];
}

const encoder = new TextEncoder();

/** Text that is not too deep for `JSON.stringify`; what is deeper is named instead of kept. */
const bytesOf = (sent: Json | undefined): Uint8Array => {
  try {
    return encoder.encode(JSON.stringify(sent) ?? '');
  } catch {
    return encoder.encode('"nested too deep to be kept"');
  }
};

/**
 * Keeps what was refused for a person to look at, one object a request. The answer has told the
 * sender already, so a bucket that fails is reported and counted and fails no request.
 */
/** What a refused event would have been judged by. */
export interface RejectedCall {
  readonly request: HttpRequest;
  readonly route: IngestRoute;
  readonly principal: Pick<Principal, 'tenant' | 'keyId'>;
}

const requestOf = ({ route, principal }: RejectedCall): RejectedRequest => ({
  tenant: principal.tenant,
  protocol: route.protocol,
  path: route.path,
  keyId: principal.keyId,
  hints: route.hints,
});

/**
 * Keeps what was refused for a person to look at, one object a request. The answer has told the
 * sender already, so a bucket that fails is reported and counted and fails no request.
 */
export const keepRejected = ({ failed, count, report }: KeepPorts) => {
  const buckets = tokenBuckets();
  const park = async (call: RejectedCall, events: readonly Refused[]): Promise<void> => {
    if (events.length === 0) return;
    const { requestId, receivedAtMs } = call.request;
    if (buckets(call.principal.keyId, OBJECTS, receivedAtMs) > 0) {
      count('rejectedNotKept', events.length);
      return;
    }
    const arrivedAt = toRfc3339(epochMs(receivedAtMs));
    const request = requestOf(call);
    await failed
      .park(
        events.map(({ shared, ...one }) => ({
          stage: 'collect',
          ...one,
          arrivedAt,
          requestId,
          request: { ...request, ...(shared && { shared }) },
        })),
      )
      .catch((fault: unknown) => {
        count('rejectedNotKept', events.length);
        report('what was rejected could not be kept', fault, requestId);
      });
  };
  return {
    events: (call: RejectedCall, sent: SentRequest, judged: readonly Judged[]): Promise<void> => {
      const refused = judged.flatMap((one, index) =>
        one.status === 'rejected' ? [{ ...one.reject, bytes: bytesOf(sent.events[index]) }] : [],
      );
      // Once for all of them: it may be as large as an event.
      return park(
        call,
        refused.map((one, place) => (place === 0 ? { ...one, shared: sent.shared } : one)),
      );
    },
    /** A body as a whole; what is over the limit is not kept. */
    body: async (call: RejectedCall, reason: Refusal): Promise<void> => {
      const { body } = call.request;
      if (body.length > REQUEST_BYTES_MAX || reason === 'too_large') return;
      await park(call, [{ reason, detail: 'The body could not be read.', bytes: body }]);
    },
  };
};
