/**
 * What waits in the spill queue while the stream is away: a message holds the envelopes of one
 * user, in order, as JSON. SQS takes characters of XML 1.0 only and replaces the others in silence.
 */
import * as z from 'zod';

export interface Spillable {
  readonly partitionKey: string;
  readonly data: string;
}

export interface SpillMessage {
  readonly body: string;
  readonly bytes: number;
  /** Places of its envelopes in the list that was cut. */
  readonly places: readonly number[];
}

/** SQS takes 1 MiB a message and a call; the rest is room for the names around a body. */
export const SPILL_MESSAGE_BYTES_MAX = 1_000_000;

const messageShape = z.object({
  partitionKey: z.string().min(1).max(256),
  envelopes: z.array(z.string().min(1)).min(1),
});

/** JSON escapes control characters and lone surrogates itself; these two it lets through. */
const escaped = (json: string): string =>
  json.replace(/[\uFFFE\uFFFF]/g, (character) => (character === '\uFFFE' ? '\\ufffe' : '\\uffff'));

const bodyOf = (partitionKey: string, envelopes: readonly string[]): string =>
  escaped(JSON.stringify({ partitionKey, envelopes }));

const encoder = new TextEncoder();
const bytesOf = (text: string): number => encoder.encode(text).length;

interface Filling {
  readonly partitionKey: string;
  readonly envelopes: string[];
  readonly places: number[];
  bytes: number;
}

/** As few messages as hold them; the envelopes of one user follow each other in theirs. */
export const cutSpill = (
  envelopes: readonly Spillable[],
  bytesMax: number = SPILL_MESSAGE_BYTES_MAX,
): readonly SpillMessage[] => {
  const done: Filling[] = [];
  const open = new Map<string, Filling>();
  for (const [place, { partitionKey, data }] of envelopes.entries()) {
    const ownBytes = bytesOf(escaped(JSON.stringify(data))) + 1;
    let filling = open.get(partitionKey);
    if (filling === undefined || filling.bytes + ownBytes > bytesMax) {
      const bytes = bytesOf(bodyOf(partitionKey, []));
      filling = { partitionKey, envelopes: [], places: [], bytes };
      open.set(partitionKey, filling);
      done.push(filling);
    }
    filling.envelopes.push(data);
    filling.places.push(place);
    filling.bytes += ownBytes;
  }
  return done.map(({ partitionKey, envelopes: lines, places }) => {
    const body = bodyOf(partitionKey, lines);
    return { body, bytes: bytesOf(body), places };
  });
};

/** Undefined for a message that this platform did not write. */
export const readSpill = (body: string): readonly Spillable[] | undefined => {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return undefined;
  }
  const { data: message } = messageShape.safeParse(json);
  return message?.envelopes.map((data) => ({ partitionKey: message.partitionKey, data }));
};
