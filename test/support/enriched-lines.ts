/** Envelopes as the aggregator reads them: made by the shipped decoder, cut and enrichment. */
import type { KinesisStreamEvent } from 'aws-lambda';
import { enrichRecord } from '../../functions/core/enrichment/enrich-record.ts';
import { lookupTables } from '../../functions/core/enrichment/lookup-tables.ts';
import { type Envelope as CutEnvelope, cutEnvelopes } from '../../functions/core/event/envelope.ts';
import type { JsonObject } from '../../functions/core/event/event.ts';
import { hash32Hex } from '../../functions/core/hash.ts';
import { type AbsorbContext, absorb } from '../../functions/core/profile/absorb.ts';
import type { Profile } from '../../functions/core/profile/codec.ts';
import { compileProfile } from '../../functions/core/profile/facets.ts';
import type { Fx, MinuteCounts } from '../../functions/core/profile/fx.ts';
import type { Verdict } from '../../functions/core/profile/judge.ts';
import { type Envelope, type Line, readLine } from '../../functions/core/profile/line.ts';
import type { Position } from '../../functions/core/profile/position.ts';
import { epochMs, toRfc3339 } from '../../functions/core/time.ts';
import { config } from '../../tributary.config.ts';
import { draftOf, NOW } from './decoding.ts';

export { NOW } from './decoding.ts';
export const definitions = compileProfile(config);
export const RAW_STREAM = hash32Hex(
  'arn:aws:kinesis:eu-west-1:000000000000:stream/raw-user-events',
);
export const USER = 'user123';
export const CONTEXT: AbsorbContext = { definitions, now: epochMs(NOW) };

export const shardOf = (number: number): string => `shardId-${String(number).padStart(12, '0')}`;

/** Sequence numbers as long as Kinesis makes them, so that comparing them as numbers fails. */
export const sequenceOf = (place: number): string =>
  (
    49_590_338_271_490_256_608_559_692_538_361_571_095_921_575_989_136_588_898n + BigInt(place)
  ).toString();

export const positionOf = (place: number, shard = 0, stream = RAW_STREAM): Position => ({
  stream,
  shard: shardOf(shard),
  sequence: sequenceOf(place),
});

/** What a client sends; ids and users are filled in. */
export const sentEvent = (eventId: string, more: JsonObject = {}): JsonObject => ({
  eventId,
  userId: USER,
  event: 'Product Viewed',
  timestamp: '2026-11-24T11:59:00Z',
  properties: { product_id: `item-${eventId}`, category: 'tech' },
  ...more,
});

/** `count` events of one user, each a minute after the last, so that no two are the same. */
export const sentEvents = (count: number, prefix = 'e', more: JsonObject = {}): JsonObject[] =>
  Array.from({ length: count }, (_, index) =>
    sentEvent(`${prefix}-${index}`, {
      timestamp: toRfc3339(epochMs(NOW - (count - index) * 60_000)),
      properties: { product_id: `item-${index % 7}`, category: `category-${index % 5}` },
      ...more,
    }),
  );

let randomBatches = 0;

/** One request through `collect`'s decoder and cut. */
export const requestOf = (
  sent: readonly JsonObject[],
  requestId = 'request-1',
): readonly CutEnvelope[] =>
  cutEnvelopes(
    sent.map((event) => draftOf(event)),
    {
      origin: { protocol: 'native', path: '/v1/events', requestId, keyId: 'k' },
      newBatchId: () => {
        randomBatches += 1;
        return randomBatches.toString(16).padStart(16, 'f');
      },
    },
  );

export interface EnrichedRecord {
  readonly partitionKey: string;
  readonly lines: readonly string[];
}

export const enriched = (
  { partitionKey, data }: Pick<CutEnvelope, 'partitionKey' | 'data'>,
  at: Position,
  arrivedAtMs = NOW,
): EnrichedRecord => ({
  partitionKey,
  lines: enrichRecord(
    { partitionKey, at, arrivedAt: epochMs(arrivedAtMs), bytes: Buffer.from(data) },
    lookupTables,
  ).lines,
});

const lineIn = (text: string, partitionKey: string): Line => {
  const line = readLine(text, partitionKey);
  if (line.kind === 'unreadable') throw new Error(`${line.detail}: ${text}`);
  return line;
};

export const envelopeOf = ({ partitionKey, lines }: EnrichedRecord, at: Position): Envelope => ({
  position: at,
  lines: lines.map((text) => lineIn(text, partitionKey)),
});

/** Requests of one user as envelopes at ascending positions, `from` on. */
export const envelopesOf = (
  requests: readonly (readonly CutEnvelope[])[],
  { from = 0, shard = 0, stream = RAW_STREAM, arrivedAtMs = NOW } = {},
): readonly Envelope[] =>
  requests.flat().map((cut, place) => {
    const at = positionOf(from + place, shard, stream);
    return envelopeOf(enriched(cut, at, arrivedAtMs), at);
  });

export const stubText = (at: Position, index = 0, partitionKey = `main#${USER}`): string =>
  JSON.stringify({
    stub: 1,
    partitionKey,
    at: { ...at, index },
    arrivedAt: toRfc3339(epochMs(NOW)),
    reason: 'not_json',
  });

export const stubAt = (at: Position, index = 0): Line =>
  lineIn(stubText(at, index), `main#${USER}`);

/** An event that a person sent on again after it was parked under the key. */
export const redriven = (
  eventId: string,
  old: Position & { readonly index?: number },
  at: Position,
): Envelope => {
  const [cut] = requestOf([sentEvent(eventId)], `redrive-${eventId}-${at.sequence}`);
  if (cut === undefined) throw new Error('an event makes an envelope');
  const event = JSON.parse(cut.data);
  event.ingest.redrive = { stage: 'enrich', ...old, index: old.index ?? 0 };
  const batchId = hash32Hex(at.sequence).repeat(2);
  event.ingest.batchId = batchId;
  const data = `${JSON.stringify(event)}\n`;
  return envelopeOf(enriched({ partitionKey: cut.partitionKey, data }, at), at);
};

export interface Run {
  readonly profile: Profile | undefined;
  readonly fx: readonly Fx[];
  readonly verdicts: readonly Verdict[];
}

/** Folds a batch as the aggregator does: as many writes as it takes, in order. */
export const absorbAll = (
  before: Profile | undefined,
  envelopes: readonly Envelope[],
  context: AbsorbContext = CONTEXT,
): Run => {
  let profile = before;
  let waiting = envelopes;
  const fx: Fx[] = [];
  const verdicts: Verdict[] = [];
  while (waiting.length > 0) {
    const step = absorb(profile, waiting, context);
    if (step.taken === 0) throw new Error('a step takes at least one envelope');
    if (step.after !== undefined) {
      profile = step.after.profile;
      fx.push(JSON.parse(step.after.fx));
    }
    verdicts.push(...step.verdicts);
    waiting = waiting.slice(step.taken);
  }
  return { profile, fx, verdicts };
};

export type Totals = Omit<MinuteCounts, 'minute'>;

/** What `tally` would add up. */
export const totalsOf = (effects: readonly Fx[]): Totals => {
  const sums = { applied: 0, duplicate: 0, parked: 0 };
  for (const { applied, duplicate, parked } of effects.flatMap(({ minutes }) => minutes)) {
    sums.applied += applied;
    sums.duplicate += duplicate;
    sums.parked += parked;
  }
  return sums;
};

export const ENRICHED_ARN = 'arn:aws:kinesis:eu-west-1:000000000000:stream/enriched-events';

/** Lambda's event of records of `enriched-events`, at positions of that stream. */
export const kinesisEvent = (
  records: readonly { readonly partitionKey: string; readonly text: string }[],
  { from = 0, shard = 0 } = {},
): KinesisStreamEvent => ({
  Records: records.map(({ partitionKey, text }, index) => ({
    eventID: `${shardOf(shard)}:${sequenceOf(from + index)}`,
    eventName: 'aws:kinesis:record',
    eventSource: 'aws:kinesis',
    eventSourceARN: ENRICHED_ARN,
    eventVersion: '1.0',
    awsRegion: 'eu-west-1',
    invokeIdentityArn: 'arn:aws:iam::000000000000:role/aggregate',
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey,
      sequenceNumber: sequenceOf(from + index),
      data: Buffer.from(text).toString('base64'),
      approximateArrivalTimestamp: NOW / 1_000,
    },
  })),
});

export const recordText = ({ lines }: EnrichedRecord): string => `${lines.join('\n')}\n`;
