import type { Json, JsonObject, RawPosition } from '../event/event.ts';
import type { RouteHints } from '../event/naming.ts';

export const FAILED_STAGES = ['aggregate', 'collect', 'enrich', 'state'] as const;
export type FailedStage = (typeof FAILED_STAGES)[number];

/** How a rejected event came in: what it takes to judge it again as if it came in now. */
export interface RejectedRequest {
  readonly tenant: string;
  readonly protocol: string;
  readonly path: string;
  readonly keyId: string;
  readonly hints: RouteHints;
  /** What the request said once for all of its events; on the first that was kept of it. */
  readonly shared?: { readonly sentAt?: Json; readonly context: JsonObject };
}

/** What could not be used, with its bytes, so that a person can look at it and send it on again. */
export interface FailedEvent {
  readonly stage: FailedStage;
  /** A machine's word, such as `not_json`; the detail is a sentence. */
  readonly reason: string;
  readonly detail: string;
  /** The stack of a bug; absent for a reject. */
  readonly trace?: string;
  readonly partitionKey?: string;
  /** Absent for what `collect` rejected, which never had a position. */
  readonly at?: RawPosition;
  readonly arrivedAt?: string;
  readonly requestId?: string;
  /** Of what `collect` rejected alone. */
  readonly request?: RejectedRequest;
  /** Exactly what arrived; not necessarily text. */
  readonly bytes: Uint8Array;
}
