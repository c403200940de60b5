import { parseLine } from '../event/envelope.ts';
import { type CanonicalEvent, originKeyOf } from '../event/event.ts';
import { fromRfc3339 } from '../time.ts';

/** Bad input as a value: a machine's word and a sentence. */
export interface UnusableLine {
  readonly reason: string;
  readonly detail: string;
}

/** Written by `enrich`; a raw line that brings one is none of `collect`'s. */
const OURS = ['enrichment', 'at', 'arrivedAt', 'lookups', 'stub'] as const;

/** Reads a line of a raw envelope. What arrives from outside of this process is checked once, here. */
export const readRawLine = (
  text: string,
  partitionKey: string,
): { readonly event: CanonicalEvent } | UnusableLine => {
  const read = parseLine(text);
  if ('reason' in read) return read;
  const { event } = read;
  const foreign = OURS.find((name) => Object.hasOwn(event, name));
  if (foreign !== undefined) {
    return { reason: 'not_canonical', detail: `It has a member ${foreign} already.` };
  }
  if (fromRfc3339(event.timestamp) === undefined) {
    return { reason: 'not_canonical', detail: 'Its timestamp is no day of the calendar.' };
  }
  if (originKeyOf(event) !== partitionKey) {
    return {
      reason: 'foreign_line',
      detail: 'The event belongs to another user than its record: its order would be lost.',
    };
  }
  return read;
};
