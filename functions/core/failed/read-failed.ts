/** Objects of the failed bucket as values. What is in it was written by others: nothing here throws. */
import * as z from 'zod';
import type { JsonObject, RawPosition } from '../event/event.ts';
import { isRawPosition } from '../profile/position.ts';
import { FAILED_STAGES, type FailedEvent } from './failed-event.ts';
import { type KeptStage, stageOfKey } from './failed-keys.ts';

/** A record of a stream, as it stood in a batch that was given up. */
export interface DiscardedRecord {
  readonly partitionKey: string;
  readonly bytes: Uint8Array;
}

export type KeptObject =
  | { readonly kind: 'events'; readonly key: string; readonly events: readonly FailedEvent[] }
  | {
      readonly kind: 'discarded';
      readonly key: string;
      /** Why Lambda gave up, in its own word. */
      readonly condition: string;
      readonly at: string;
      readonly records: readonly DiscardedRecord[];
    }
  | {
      readonly kind: 'unreadable';
      readonly key: string;
      readonly stage: KeptStage;
      readonly why: string;
    };

const bytesOf = (base64: string): Uint8Array =>
  Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

const failedLine = z.object({
  stage: z.enum(FAILED_STAGES),
  reason: z.string(),
  detail: z.string(),
  trace: z.string().optional(),
  partitionKey: z.string().optional(),
  at: z.custom<RawPosition>(isRawPosition).optional(),
  arrivedAt: z.string().optional(),
  requestId: z.string().optional(),
  request: z
    .object({
      tenant: z.string(),
      protocol: z.string(),
      path: z.string(),
      keyId: z.string(),
      hints: z.object({
        defaultName: z.string().optional(),
        actionIsName: z.boolean(),
        ads: z.boolean(),
      }),
      shared: z.object({ sentAt: z.json().optional(), context: jsonObject }).optional(),
    })
    .optional(),
  bytes: z.base64(),
});

const kinesisRecord = z.object({
  kinesis: z.object({ partitionKey: z.string(), data: z.base64() }),
});

const invocation = z.object({
  requestContext: z.object({ condition: z.string() }),
  timestamp: z.string(),
  // The event as a text; absent where Lambda kept only where its records stood.
  payload: z.string().optional(),
  DDBStreamBatchInfo: z.unknown().optional(),
});

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const readEvents = (key: string, stage: KeptStage, text: string): KeptObject => {
  const events: FailedEvent[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const read = failedLine.safeParse(parsed(line));
    if (!read.success) {
      return { kind: 'unreadable', key, stage, why: 'A line of it is none of ours.' };
    }
    events.push({ ...read.data, bytes: bytesOf(read.data.bytes) } as FailedEvent);
  }
  return events.length === 0
    ? { kind: 'unreadable', key, stage, why: 'It is empty.' }
    : { kind: 'events', key, events };
};

const readDiscarded = (key: string, text: string): KeptObject => {
  const unreadable = (why: string): KeptObject => ({
    kind: 'unreadable',
    key,
    stage: 'discarded',
    why,
  });
  const read = invocation.safeParse(parsed(text));
  if (!read.success) return unreadable('It is no invocation record of Lambda.');
  const { payload, requestContext, timestamp, DDBStreamBatchInfo } = read.data;
  if (DDBStreamBatchInfo !== undefined) {
    return unreadable('It holds changes of a table, which are counted anew and not sent again.');
  }
  const event = z
    .object({ Records: z.array(kinesisRecord) })
    .safeParse(payload === undefined ? undefined : parsed(payload));
  if (!event.success) return unreadable('It does not hold the records, only where they stood.');
  return {
    kind: 'discarded',
    key,
    condition: requestContext.condition,
    at: timestamp,
    records: event.data.Records.map(({ kinesis }) => ({
      partitionKey: kinesis.partitionKey,
      bytes: bytesOf(kinesis.data),
    })),
  };
};

export const readKept = (key: string, text: string): KeptObject => {
  const stage = stageOfKey(key);
  if (stage === 'discarded') return readDiscarded(key, text);
  return stage === undefined
    ? { kind: 'unreadable', key, stage: 'collect', why: 'Nothing failed is kept under this key.' }
    : readEvents(key, stage, text);
};
