/** Rows of the timeline as DynamoDB's attributes and back; the text is deflated. */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Origin } from '../core/event/event.ts';
import { invariant } from '../core/invariant.ts';
import { ROW_LINES_BYTES_MAX, type TimelineRow } from '../core/profile/timeline.ts';

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** Lines and a head, which is far smaller: what inflates to more was not written by us. */
const TEXT_BYTES_MAX = 2 * ROW_LINES_BYTES_MAX;

export const timelinePk = ({ tenant, user }: Origin): AttributeValue => ({
  S: `t#${tenant}#${user}`,
});

export const timelineToItem = (
  origin: Origin,
  { key, ttl, text }: TimelineRow,
): Record<string, AttributeValue> => ({
  pk: timelinePk(origin),
  sk: { S: key },
  ttl: { N: String(ttl) },
  z: { B: deflateRawSync(text) },
});

export const itemToTimeline = (item: Attributes): TimelineRow => {
  const [key, ttl, deflated] = [item.sk?.S, Number(item.ttl?.N), item.z?.B];
  invariant(key !== undefined, 'a timeline row has a key');
  invariant(Number.isSafeInteger(ttl), 'a timeline row has a time to live');
  invariant(deflated !== undefined, 'a timeline row has lines');
  const text = inflateRawSync(deflated, { maxOutputLength: TEXT_BYTES_MAX }).toString('utf8');
  return { key, ttl, text };
};
