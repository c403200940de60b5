import { absorb } from '../functions/core/profile/absorb.ts';
import { decodeProfile, encodeProfile } from '../functions/core/profile/codec.ts';
import { compileProfile } from '../functions/core/profile/facets.ts';
import { type Envelope, type Line, readLine } from '../functions/core/profile/line.ts';
import type { StoredProfile } from '../functions/core/profile/stored-profile.ts';
import { config } from '../tributary.config.ts';

/** What one raw record of a user became. */
export interface UserRecord {
  readonly lines: readonly string[];
}

const definitions = compileProfile(config);

const readEvent = (text: string, partitionKey: string): Line => {
  const line = readLine(text, partitionKey);
  if (line.kind === 'unreadable') throw new Error(`a line cannot be read: ${text}`);
  return line;
};

export const envelopeOf = (partitionKey: string, { lines }: UserRecord): Envelope => {
  const read = lines.map((text) => readEvent(text, partitionKey));
  const [first] = read;
  if (first === undefined) throw new Error('an envelope has a line');
  const { stream, shard, sequence } = first.at;
  return { position: { stream, shard, sequence }, lines: read };
};

/** One write of a user's item: decode, judge, fold, effects, encode. */
export const foldInto = (
  stored: StoredProfile | undefined,
  partitionKey: string,
  records: readonly UserRecord[],
): StoredProfile => {
  const before = stored && decodeProfile(stored, definitions);
  const envelopes = records.map((record) => envelopeOf(partitionKey, record));
  const now = envelopes.at(-1)?.lines.at(-1)?.arrivedAt;
  if (now === undefined) throw new Error('a write has an envelope');
  const { after, verdicts } = absorb(before, envelopes, { definitions, now });
  const copy = verdicts.find(({ kind }) => kind === 'duplicate');
  if (after === undefined || copy !== undefined) throw new Error('every event is new here');
  return encodeProfile(after.profile, after.fx);
};
