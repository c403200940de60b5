import { hash64Hex } from '../hash.ts';
import { invariant } from '../invariant.ts';
import type { Draft } from './decode.ts';
import { type CanonicalEvent, type Ingest, originKeyOf } from './event.ts';
import {
  ENVELOPE_BYTES_MAX,
  ENVELOPE_EVENT_OVERHEAD_BYTES,
  ENVELOPE_EVENTS_MAX,
  ENVELOPE_PARTS_MAX,
} from './limits.ts';
import { isPlainlyCanonical } from './plain-check.ts';
import { canonicalEvent } from './schema.ts';

/** What `ingest` says of every event of a request. */
export type RequestOrigin = Pick<
  Ingest,
  'protocol' | 'path' | 'requestId' | 'keyId' | 'traceparent'
>;

export interface CutOptions {
  readonly origin: RequestOrigin;
  /** 16 hex digits that nobody has used, for a user's events that brought no id. */
  readonly newBatchId: () => string;
}

/** A record for the stream: the lines of one user, each ended by a newline. */
export interface Envelope {
  readonly partitionKey: string;
  readonly data: string;
  readonly events: number;
}

const byUser = (drafts: readonly Draft[]): ReadonlyMap<string, readonly Draft[]> => {
  const users = new Map<string, Draft[]>();
  for (const draft of drafts) {
    const key = originKeyOf(draft.event);
    const mine = users.get(key);
    if (mine === undefined) users.set(key, [draft]);
    else mine.push(draft);
  }
  return users;
};

/** By what was sent, not by what it became, so that a resend is cut alike by the next version too. */
const cut = (drafts: readonly Draft[]): readonly (readonly Draft[])[] => {
  const parts: Draft[][] = [];
  let open: Draft[] = [];
  let bytes = 0;
  for (const draft of drafts) {
    const size = draft.sentBytes + ENVELOPE_EVENT_OVERHEAD_BYTES;
    if (
      open.length > 0 &&
      (open.length === ENVELOPE_EVENTS_MAX || bytes + size > ENVELOPE_BYTES_MAX)
    ) {
      parts.push(open);
      open = [];
      bytes = 0;
    }
    open.push(draft);
    bytes += size;
  }
  if (open.length > 0) parts.push(open);
  invariant(parts.length <= ENVELOPE_PARTS_MAX, 'a user has at most 64 envelopes in a request');
  return parts;
};

/**
 * The hash of the ordered ids and of where the cut fell. An event without a client's id takes part
 * by its place alone; where none has one, nothing could tell two requests apart, so it is random.
 * Ids have no control characters, so the separators are unambiguous.
 */
const batchIdOf = (parts: readonly (readonly Draft[])[], newBatchId: () => string): string =>
  parts.some((part) => part.some(({ hasClientId }) => hasClientId))
    ? hash64Hex(
        parts
          .map((part) =>
            part
              .map(({ hasClientId, event }) => (hasClientId ? `=${event.eventId}` : '?'))
              .join('\n'),
          )
          .join('\u001e'),
      )
    : newBatchId();

/** What the part says of itself is printed once, not for each of its events. */
const dataOf = (part: readonly Draft[], ingest: Ingest): string => {
  const byClient = JSON.stringify(ingest);
  const byServer = JSON.stringify({ ...ingest, idOrigin: 'server' } satisfies Ingest);
  let data = '';
  for (const { text, hasClientId } of part) {
    data += `${text.slice(0, -1)},"ingest":${hasClientId ? byClient : byServer}}\n`;
  }
  return data;
};

/** Cuts the valid events of one request into records, a user's in the order in which they were sent. */
export const cutEnvelopes = (
  drafts: readonly Draft[],
  { origin, newBatchId }: CutOptions,
): readonly Envelope[] => {
  const users = [...byUser(drafts)].map(([partitionKey, mine]) => {
    const parts = cut(mine);
    return { partitionKey, parts, batchId: batchIdOf(parts, newBatchId) };
  });
  const envelopes = users.reduce((sum, { parts }) => sum + parts.length, 0);
  return users.flatMap(({ partitionKey, parts, batchId }) =>
    parts.map((part, index) => {
      const ingest: Ingest = { ...origin, batchId, part: index, parts: parts.length, envelopes };
      return {
        partitionKey,
        data: dataOf(part, ingest),
        events: part.length,
      };
    }),
  );
};

/** A line of the stream, with its newline. */
export const lineOf = (event: object): string => `${JSON.stringify(event)}\n`;

export type ParsedLine =
  | { readonly event: CanonicalEvent }
  | { readonly reason: 'not_json' | 'not_canonical'; readonly detail: string };

/** Reads a line of `raw-user-events`; what no `collect` of ours wrote is refused, not thrown. */
export const parseLine = (line: string): ParsedLine => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch (fault) {
    return { reason: 'not_json', detail: fault instanceof Error ? fault.message : 'not JSON' };
  }
  const checked = isPlainlyCanonical(parsed) ? undefined : canonicalEvent.safeParse(parsed);
  if (checked?.success === false) {
    const issue = checked.error.issues[0];
    return {
      reason: 'not_canonical',
      detail: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a canonical event'}`,
    };
  }
  // The schema's own copy would leave out a member called `__proto__`; the line has all of them.
  const event = parsed as CanonicalEvent;
  return (event.userId ?? event.anonymousId) === undefined
    ? { reason: 'not_canonical', detail: 'neither userId nor anonymousId' }
    : { event };
};
