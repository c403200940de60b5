import type { Json } from '../core/event/event.ts';
import { REQUEST_BYTES_MAX } from '../core/event/limits.ts';
import type { Judged } from '../core/event/request.ts';
import type { FailedEvent, FailedStore } from '../ports/failed-store.ts';
import type { HttpRequest } from '../runtime/http.ts';
import type { Count } from '../runtime/metrics.ts';
import { tokenBuckets } from '../runtime/rate-limit.ts';
import type { Refusal } from './answers.ts';

/** Objects a second of one key in this process; a client gone wild must not fill a bucket. */
const OBJECTS = { perSecond: 100, burst: 100 };

export interface KeepPorts {
  readonly failed: FailedStore;
  readonly count: Count;
  readonly report: (message: string, fault: unknown, requestId: string) => void;
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
export const keepRejected = ({ failed, count, report }: KeepPorts) => {
  const buckets = tokenBuckets();
  const park = async (
    { requestId, receivedAtMs }: HttpRequest,
    keyId: string,
    events: readonly FailedEvent[],
  ): Promise<void> => {
    if (events.length === 0) return;
    if (buckets(keyId, OBJECTS, receivedAtMs) > 0) {
      count('rejectedNotKept', events.length);
      return;
    }
    await failed.park(events).catch((fault: unknown) => {
      count('rejectedNotKept', events.length);
      report('what was rejected could not be kept', fault, requestId);
    });
  };
  return {
    events: (
      request: HttpRequest,
      keyId: string,
      sent: readonly Json[],
      judged: readonly Judged[],
    ): Promise<void> =>
      park(
        request,
        keyId,
        judged.flatMap((one, index) =>
          one.status === 'rejected'
            ? [
                {
                  stage: 'collect' as const,
                  ...one.reject,
                  requestId: request.requestId,
                  bytes: bytesOf(sent[index]),
                },
              ]
            : [],
        ),
      ),
    /** A body as a whole; what is over the limit is not kept. */
    body: async (request: HttpRequest, keyId: string, reason: Refusal): Promise<void> => {
      if (request.body.length > REQUEST_BYTES_MAX || reason === 'too_large') return;
      await park(request, keyId, [
        {
          stage: 'collect',
          reason,
          detail: 'The body could not be read.',
          requestId: request.requestId,
          bytes: request.body,
        },
      ]);
    },
  };
};
