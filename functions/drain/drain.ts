import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { readSpill, type Spillable } from '../core/event/spill.ts';
import type { SpilledMessages } from '../ports/spilled-messages.ts';
import { ExpiringMap } from '../runtime/expiring-map.ts';
import { type GuardedStream, isBreakerOpen } from '../runtime/guarded-stream.ts';
import type { Count } from '../runtime/metrics.ts';
import { putInOrder } from '../runtime/put-in-order.ts';
import { backOffSeconds, UNREADABLE_SECONDS } from './back-off.ts';

export interface DrainPorts {
  readonly stream: GuardedStream;
  readonly messages: SpilledMessages;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly count: Count;
  readonly report: (message: string, fault: unknown) => void;
}

const PUT_TRIES_MAX = 3;
/** 65 % of the timeout: the last put and the hiding of what is left may hang for a while. */
export const DRAIN_MS_MAX = 13_000;

/** Envelopes of a message that this process has put: it need not put them again. */
type Landed = ExpiringMap<number>;
const LANDED = { entriesMax: 10_000, ttlMs: 2 * 3_600_000 };

interface Held {
  readonly record: SQSRecord;
  /** Undefined: the message is not ours. */
  readonly all: readonly Spillable[] | undefined;
  readonly landedBefore: number;
}

const hold = (record: SQSRecord, landed: Landed, nowMs: number): Held => ({
  record,
  all: readSpill(record.body),
  landedBefore: landed.get(record.messageId, nowMs)?.value ?? 0,
});

/** What is left to be put of all that is held, and how many of each message were put. */
const putTheRest = async (
  held: readonly Held[],
  { stream, now, sleep, count, report }: DrainPorts,
): Promise<readonly number[]> => {
  const rest = held.flatMap(({ all = [], landedBefore }, place) =>
    all.slice(landedBefore).map((envelope) => ({ ...envelope, place })),
  );
  const { outcomes, fault } = await putInOrder(stream, rest, {
    triesMax: PUT_TRIES_MAX,
    deadlineMs: now() + DRAIN_MS_MAX,
    now,
    sleep,
    isFinal: isBreakerOpen,
  });
  if (fault !== undefined && !isBreakerOpen(fault)) report('a put failed', fault);
  const stored = held.map(() => 0);
  for (const [index, { place }] of rest.entries())
    if (outcomes[index] === 'stored') stored[place] = (stored[place] ?? 0) + 1;
  count('Drained', outcomes.filter((outcome) => outcome === 'stored').length);
  return stored;
};

/**
 * Puts what was spilled onto the stream. A message that is not wholly there comes again, later and
 * later; what had been put before is not put again by this process, and where it is by another, it
 * is a copy with its old batchId and part, which the batch memory knows.
 */
export const drain = (ports: DrainPorts) => {
  const { messages, now, random, count, report } = ports;
  const landed: Landed = new ExpiringMap(LANDED);
  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const held = Records.map((record) => hold(record, landed, now()));
    const stored = await putTheRest(held, ports);
    const unfinished: Held[] = [];
    for (const [place, one] of held.entries()) {
      // Of one user and put in order: what was stored is the beginning of what was left.
      const landedNow = one.landedBefore + (stored[place] ?? 0);
      if (landedNow > one.landedBefore) landed.set(one.record.messageId, landedNow, now());
      if (one.all === undefined || landedNow < one.all.length) unfinished.push(one);
    }
    // Nobody else may send to this queue; such a message ends in the dead-letter queue, whole.
    count('Unreadable', unfinished.filter(({ all }) => all === undefined).length);
    const hidings = unfinished.map(({ record, all }) => ({
      receipt: record.receiptHandle,
      seconds:
        all === undefined
          ? UNREADABLE_SECONDS
          : backOffSeconds(Number(record.attributes.ApproximateReceiveCount), random()),
    }));
    if (hidings.length > 0)
      await messages.hide(hidings).catch((fault: unknown) => report('a hiding failed', fault));
    return {
      batchItemFailures: unfinished.map(({ record }) => ({ itemIdentifier: record.messageId })),
    };
  };
};
