/** Rows of `tally` as DynamoDB's attributes and back. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { FeedEvent } from '../core/analytics/live-feed.ts';
import type { RowKey, TallyRow } from '../core/analytics/tally-rows.ts';
import { invariant } from '../core/invariant.ts';
import { type EpochMs, epochMs } from '../core/time.ts';

export type Attributes = Readonly<Record<string, AttributeValue>>;

export const itemKeyOf = ({ pk, sk }: RowKey): Record<'pk' | 'sk', AttributeValue> => ({
  pk: { S: pk },
  sk: { S: sk },
});

const number = (value: number): AttributeValue => ({ N: String(value) });

const textIn = (item: Attributes, name: string): string => {
  const value = item[name]?.S;
  invariant(value !== undefined, `attribute ${name} is a text`);
  return value;
};

const numberIn = (item: Attributes, name: string): number => {
  const value = Number(item[name]?.N);
  invariant(Number.isSafeInteger(value), `attribute ${name} is a whole number`);
  return value;
};

export const rowToItem = ({ last, asOf, ttl, sums }: TallyRow): Attributes => ({
  last: { S: last },
  at: number(asOf),
  ttl: number(ttl),
  p: { S: sums },
});

/** Throws what cannot be read: nobody may write over it before a person has looked. */
export const itemToRow = (item: Attributes): TallyRow => ({
  last: textIn(item, 'last'),
  asOf: epochMs(numberIn(item, 'at')),
  ttl: numberIn(item, 'ttl'),
  sums: textIn(item, 'p'),
});

export interface FeedItem {
  readonly last: string;
  readonly asOf: EpochMs;
  readonly ttl: number;
  readonly events: readonly FeedEvent[];
}

export const feedToItem = ({ last, asOf, ttl, events }: FeedItem): Attributes => ({
  last: { S: last },
  at: number(asOf),
  ttl: number(ttl),
  p: { S: JSON.stringify(events) },
});

export const itemToFeed = (item: Attributes): FeedItem => ({
  last: textIn(item, 'last'),
  asOf: epochMs(numberIn(item, 'at')),
  ttl: numberIn(item, 'ttl'),
  events: JSON.parse(textIn(item, 'p')) as readonly FeedEvent[],
});

/** Readers treat an item past its time as absent. */
export const isLive = (item: Attributes, nowMs: number): boolean =>
  numberIn(item, 'ttl') * 1_000 > nowMs;
