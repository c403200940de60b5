import type { EnrichedEvent } from '../../functions/core/event/event.ts';
import { decodeProfile } from '../../functions/core/profile/codec.ts';
import type { ProfileDefinitions } from '../../functions/core/profile/facets.ts';
import { type OracleFact, oracleProfile } from '../../functions/core/profile/oracle.ts';
import type { StoredOff } from '../../functions/core/profile/stored-off.ts';
import { noTags } from '../../functions/core/tags/fold.ts';
import { decodeOff, type Off } from '../../functions/core/tags/off.ts';
import { readTags, type ServedValue } from '../../functions/core/tags/read.ts';
import { epochMs } from '../../functions/core/time.ts';
import { config } from '../../tributary.config.ts';
import { factOf } from './audit-at-rest.ts';
import type { Auditor, UserLedger } from './auditor.ts';
import type { Faults } from './faults.ts';
import { lakeTags } from './lake-compiled.ts';
import { dayOf, lakeOf } from './lake-oracle.ts';
import { type ReadLine, StatedMemory } from './stated-memory.ts';
import type { TableModel } from './table-model.ts';
import { violated } from './violation.ts';

const bothTags = { ...config, tags: config.tags.filter(({ source }) => source === 'both') };
const bothNames = new Set(bothTags.tags.map(({ name }) => name));

/** What the lines mean that arrived before a day, each event once. */
const lakeFacts = (lines: Iterable<ReadLine>, beforeDay: number): readonly OracleFact[] =>
  lakeOf(lines).flatMap(({ line, day, dup, again }, place) =>
    line.stub || dup || day >= beforeDay ? [] : [factOf(line.event, place, !again)],
  );

interface Counted {
  readonly event: EnrichedEvent;
  readonly orderCounts: boolean;
  readonly day: number;
}

/** What the stream has counted of a user by now, copies that slipped included. */
const streamCounted = ({ landed, lines, passed }: UserLedger): readonly Counted[] => {
  const records = new Map<string, ReadLine[]>();
  for (const key of landed.slice(0, passed)) {
    const record = key.slice(0, key.lastIndexOf('/'));
    const line = lines.get(key);
    if (line === undefined) continue;
    const held = records.get(record);
    if (held === undefined) records.set(record, [line]);
    else held.push(line);
  }
  const memory = new StatedMemory(() => undefined);
  return [...records.values()].flatMap((record) =>
    memory.fatesOf(record).flatMap(({ kind, orderCounts }, place) => {
      const line = record[place];
      if (kind !== 'applied' || line === undefined || line.stub) return [];
      return [{ event: line.event, orderCounts, day: dayOf(line) }];
    }),
  );
};

export interface Audited {
  readonly table: Pick<TableModel, 'profiles' | 'offs'>;
  readonly auditor: Auditor;
  readonly definitions: ProfileDefinitions;
  readonly faults: Faults;
}

export interface Served {
  readonly value: number | undefined;
  readonly partial: boolean;
}

const plain = (value: ServedValue): number => {
  if (value.type === 'instant') return value.at;
  return value.type === 'string' ? Number.NaN : value.amount;
};

const offIn = (stored: StoredOff | undefined): Off | undefined =>
  stored && { ...stored, tags: decodeOff(stored.tags, lakeTags.lake) };

/** Tags of a user by name that stream and nightly share, as the shipped reading fuses them now. */
export const servedTags = (
  { table, definitions }: Pick<Audited, 'table' | 'definitions'>,
  key: string,
  nowMs: number,
): ReadonlyMap<string, Served> => {
  const stored = table.profiles.get(key);
  if (stored === undefined) return new Map();
  const { tags } = decodeProfile(stored, definitions).facets;
  const read = readTags(tags, offIn(table.offs.get(key)), lakeTags.offered, epochMs(nowMs));
  return new Map(
    read
      .filter(({ name }) => bothNames.has(name))
      .map(({ name, value, partial }) => [name, { value: plain(value), partial }]),
  );
};

/** What arrived before the cut, each event once, and what the stream has counted since. */
const meantSince = (user: UserLedger, cut: number): readonly OracleFact[] => {
  const before = lakeFacts(user.lines.values(), cut);
  const since = streamCounted(user).filter(({ day }) => day >= cut);
  const copies = before.length + user.lines.size;
  return [
    ...before,
    ...since.map(({ event, orderCounts }, place) => factOf(event, copies + place, orderCounts)),
  ];
};

const compare = (
  served: ReadonlyMap<string, Served>,
  facts: readonly OracleFact[],
  key: string,
  nowMs: number,
): void => {
  const { tags: expected } = oracleProfile(facts, epochMs(nowMs), bothTags);
  for (const name of bothNames) {
    const { value, partial } = served.get(name) ?? { value: undefined, partial: false };
    if (!partial && value !== expected[name])
      violated('P8', `${name} of ${key} is served as ${value}, not ${expected[name]}`);
  }
};

/** Days of arrival are merged once they are so far apart; only a merged one can be in part. */
const DAYS_APART_MAX = 8;

const mayBePartial = (user: UserLedger): boolean => {
  const days = streamCounted(user).map(({ day }) => day);
  return Math.max(...days) - Math.min(...days) > DAYS_APART_MAX;
};

/**
 * P8: each served tag that is not `partial` is what arrived before the cut, each event once, and
 * what the stream has counted since. So it is the oracle's but for copies that slipped, and events
 * that were redriven, since the cut.
 */
export const auditServed = (
  audited: Audited,
  [key, user]: readonly [string, UserLedger],
  nowMs: number,
): void => {
  const served = servedTags(audited, key, nowMs);
  if (served.size === 0) return;
  if ([...served.values()].some(({ partial }) => partial) && !mayBePartial(user))
    violated('P8', `${key} is served as partial, and nothing of it was merged`);
  compare(served, meantSince(user, audited.table.offs.get(key)?.cut ?? -Infinity), key, nowMs);
};

/** P8: what `off` alone says of a user is what the lines mean that arrived before its cut. */
export const auditOff = (
  key: string,
  stored: StoredOff,
  lines: Iterable<ReadLine>,
  nowMs: number,
): void => {
  const read = readTags(
    noTags(lakeTags.folded, epochMs(0)),
    offIn(stored),
    lakeTags.offered,
    epochMs(nowMs),
  );
  const served = new Map(
    read.map(({ name, value }) => [name, { value: plain(value), partial: false }]),
  );
  compare(served, lakeFacts(lines, stored.cut), `off ${key}`, nowMs);
};

/** After a night, of everybody. */
export const auditNight = (audited: Audited, nowMs: number): void => {
  audited.faults.count('night is loaded');
  for (const user of audited.auditor.users) auditServed(audited, user, nowMs);
};

/** Once everything is in the lake and two nights have passed: of everybody, drift is 0. */
export const auditLastNight = ({ table, auditor }: Audited, nowMs: number): void => {
  for (const [key, { lines }] of auditor.users) {
    const off = table.offs.get(key);
    if (off === undefined) violated('P8', `${key} is in the lake and was never loaded`);
    else auditOff(key, { ...off, cut: Infinity }, lines.values(), nowMs);
  }
};

/**
 * Served tags that are not what each event once means: until the night of its day, copies that
 * slipped past the stream's memory. Two runs of the night leave none.
 */
export const driftOf = (
  audited: Audited,
  nowMs: number,
): { readonly tags: number; readonly wrong: number; readonly partial: number } => {
  let [tags, wrong, partial] = [0, 0, 0];
  for (const [key, { lines }] of audited.auditor.users) {
    const served = servedTags(audited, key, nowMs);
    const facts = lakeFacts(lines.values(), Infinity);
    const { tags: meant } = oracleProfile(facts, epochMs(nowMs), bothTags);
    for (const [name, { value, partial: isPartial }] of served) {
      tags += 1;
      if (isPartial) partial += 1;
      else if (value !== meant[name]) wrong += 1;
    }
  }
  return { tags, wrong, partial };
};
