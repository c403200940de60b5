import type { Money } from '../event/commerce.ts';
import type { Draft } from '../event/decode.ts';
import { cutEnvelopes } from '../event/envelope.ts';
import type { Json } from '../event/event.ts';
import { judgeEvents } from '../event/request.ts';
import { hash64Hex } from '../hash.ts';
import { fromRfc3339 } from '../time.ts';
import type { FailedEvent, RejectedRequest } from './failed-event.ts';
import type { RedrivePlan, RefusedRedrive } from './plan-redrive.ts';
import { textOf } from './plan-redrive.ts';

const NO_CONTEXT = { context: {} };

const sentIn = ({ bytes }: FailedEvent): Json | undefined => {
  try {
    return JSON.parse(textOf(bytes) ?? '') as Json;
  } catch {
    return undefined;
  }
};

const judge = (
  event: FailedEvent,
  request: RejectedRequest,
  shared: NonNullable<RejectedRequest['shared']>,
  { money, newEventId }: { readonly money: Money; readonly newEventId: () => string },
): Draft | RefusedRedrive => {
  const sent = sentIn(event);
  if (sent === undefined) return { why: 'not_json', detail: 'It is not JSON: for people to read.' };
  const receivedAt = fromRfc3339(event.arrivedAt ?? '');
  if (receivedAt === undefined) return { why: 'no_time', detail: 'It does not say when it came.' };
  const [judged] = judgeEvents(
    { events: [sent], shared, rest: {} },
    { ...money, tenant: request.tenant, receivedAt, hints: request.hints, newEventId },
  );
  if (judged === undefined || judged.status === 'rejected') {
    const said = judged?.reject;
    return { why: 'still_fails', detail: said ? `${said.reason}: ${said.detail}` : 'No event.' };
  }
  return judged.draft;
};

/**
 * The rejected events of one request, judged again by the code of now: new events, for they never
 * had a position. Ids that are made here are the same at every redrive, so that it can be told.
 */
export const planRejected = (
  key: string,
  events: readonly FailedEvent[],
  money: Money,
): RedrivePlan => {
  const request = events.find((event) => event.request !== undefined)?.request;
  if (request === undefined) {
    const detail = 'It was kept without the route and tenant by which it came in.';
    return { records: [], refused: [{ why: 'no_request', detail }] };
  }
  const shared = events.find((event) => event.request?.shared)?.request?.shared ?? NO_CONTEXT;
  const judged = events.map((event, line) =>
    judge(event, request, shared, {
      money,
      newEventId: () => `redrive-${hash64Hex(`${key}\n${line}`)}`,
    }),
  );
  const drafts = judged.flatMap((one) => ('why' in one ? [] : [one]));
  let batches = 0;
  const envelopes = cutEnvelopes(drafts, {
    origin: {
      protocol: request.protocol,
      path: request.path,
      requestId: `redrive-${hash64Hex(key)}`,
      keyId: request.keyId,
    },
    newBatchId: () => {
      batches += 1;
      return hash64Hex(`${key}\nbatch ${batches}`);
    },
  });
  return { records: envelopes, refused: judged.flatMap((one) => ('why' in one ? [one] : [])) };
};
