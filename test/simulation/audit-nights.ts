import type { EnrichedEvent } from '../../functions/core/event/event.ts';
import { dayNumber } from '../../functions/core/nightly/plan-night.ts';
import type { LakeRow } from '../../functions/core/nightly/user-line.ts';
import { decodeProfile } from '../../functions/core/profile/codec.ts';
import type { ProfileDefinitions } from '../../functions/core/profile/facets.ts';
import { type OracleFact, oracleProfile } from '../../functions/core/profile/oracle.ts';
import type { StoredOff } from '../../functions/core/profile/stored-off.ts';
import type { TagDefinition } from '../../functions/core/tags/definition.ts';
import type { TagState } from '../../functions/core/tags/fold.ts';
import { epochMs, utcDayOf } from '../../functions/core/time.ts';
import { config } from '../../tributary.config.ts';
import { factOf } from './audit-at-rest.ts';
import type { Auditor, UserLedger } from './auditor.ts';
import type { Faults } from './faults.ts';
import { dayOf, lakeOf } from './lake-oracle.ts';
import { definitionOf } from './lake-tags.ts';
import { type ReadLine, StatedMemory } from './stated-memory.ts';
import type { TableModel } from './table-model.ts';
import { violated } from './violation.ts';

const DAY_MS = 86_400_000;
const bothTags = { ...config, tags: config.tags.filter(({ source }) => source === 'both') };

interface OffTags {
  readonly rows: readonly LakeRow[];
  readonly versions: readonly string[];
}

const firstDayIn = ({ period }: TagDefinition, nowMs: number): number =>
  period.kind === 'lifetime' ? -Infinity : utcDayOf(epochMs(nowMs)) - period.length / DAY_MS + 1;

const isInstant = ({ measure }: TagDefinition): boolean =>
  measure.op === 'first' || measure.op === 'last' || measure.op === 'timeSince';

/** Two instants as a tag has them, either of which may be missing. */
const instantOf = (
  tag: TagDefinition,
  nowMs: number,
  instants: readonly (number | undefined)[],
): number | undefined => {
  const known = instants.filter((instant) => instant !== undefined);
  if (known.length === 0) return undefined;
  const { op } = tag.measure;
  const instant = op === 'first' ? Math.min(...known) : Math.max(...known);
  return op === 'timeSince' ? Math.max(0, Math.floor((nowMs - instant) / DAY_MS)) : instant;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

/** What the item `off` says of a tag at an instant. */
const offValue = (
  rows: readonly LakeRow[],
  tag: TagDefinition,
  nowMs: number,
): number | undefined => {
  if (isInstant(tag))
    return instantOf(
      tag,
      nowMs,
      rows.map(({ instant }) => instant ?? undefined),
    );
  const first = firstDayIn(tag, nowMs);
  const mine = rows.filter(({ eventDay }) => eventDay === '' || dayNumber(eventDay) >= first);
  return sum(mine.map(({ amount }) => amount ?? 0));
};

/** What the lines mean that arrived before a day, each event once. */
const lakeFacts = (lines: Iterable<ReadLine>, beforeDay: number): readonly OracleFact[] =>
  lakeOf(lines).flatMap(({ line, day, dup, again }, place) =>
    line.stub || dup || day >= beforeDay ? [] : [factOf(line.event, place, !again)],
  );

/** P8: what `off` says of a user is what the lines mean that arrived before its cut. */
export const auditOff = (
  key: string,
  { cut, tags }: StoredOff,
  lines: Iterable<ReadLine>,
  nowMs: number,
): void => {
  const facts = lakeFacts(lines, cut);
  const { tags: expected } = oracleProfile(facts, epochMs(nowMs), bothTags);
  const { rows, versions } = JSON.parse(tags) as OffTags;
  for (const version of versions) {
    const tag = definitionOf(version);
    const mine = rows.filter((row) => row.version === version);
    const value = offValue(mine, tag, nowMs);
    const { [tag.name]: meant } = expected;
    if (value !== meant)
      violated('P8', `off of ${key} at cut ${cut} says ${tag.name} is ${value}, not ${meant}`);
  }
};

export interface Counted {
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

interface Served {
  readonly value: number | undefined;
  readonly partial: boolean;
}

/** Off's tiles in the window, and those of `rt` that arrived no earlier than the cut. */
const servedOf = (
  { tag: { definition }, held, since }: TagState,
  off: { readonly rows: readonly LakeRow[]; readonly cut: number } | undefined,
  nowMs: number,
): Served => {
  const offRows = off?.rows ?? [];
  if (held.kind === 'instant') {
    const fromOff = offRows.map(({ instant }) => instant ?? undefined);
    const value = instantOf(definition, nowMs, [held.value, ...fromOff]);
    return { value, partial: off === undefined && since > 0 };
  }
  if (held.kind !== 'days') return { value: undefined, partial: true };
  const first = firstDayIn(definition, nowMs);
  const tiles = held.value.tiles.filter(
    ({ eventDay, arrivalDay }) =>
      (definition.period.kind === 'lifetime' || eventDay >= first) &&
      arrivalDay >= (off?.cut ?? -Infinity),
  );
  return {
    value: sum(tiles.map(({ amount }) => amount)) + (offValue(offRows, definition, nowMs) ?? 0),
    partial: off === undefined ? since > 0 : tiles.some(({ mixed }) => mixed),
  };
};

export interface Audited {
  readonly table: TableModel;
  readonly auditor: Auditor;
  readonly definitions: ProfileDefinitions;
  readonly faults: Faults;
}

/** Tags of a user by name, as they are served now. */
export const servedTags = (
  { table, definitions }: Pick<Audited, 'table' | 'definitions'>,
  key: string,
  nowMs: number,
): ReadonlyMap<string, Served> => {
  const stored = table.profiles.get(key);
  if (stored === undefined) return new Map();
  const off = table.offs.get(key);
  const { rows, versions }: OffTags =
    off === undefined ? { rows: [], versions: [] } : JSON.parse(off.tags);
  const { states } = decodeProfile(stored, definitions).facets.tags;
  return new Map(
    states
      .filter(({ tag }) => tag.definition.source === 'both')
      .map((state) => {
        const { version, definition } = state.tag;
        const mine = rows.filter((row) => row.version === version);
        const held = off && versions.includes(version) ? { cut: off.cut, rows: mine } : undefined;
        return [definition.name, servedOf(state, held, nowMs)];
      }),
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
  const facts = meantSince(user, audited.table.offs.get(key)?.cut ?? -Infinity);
  const { tags: expected } = oracleProfile(facts, epochMs(nowMs), bothTags);
  for (const [name, { value, partial }] of served) {
    if (partial) audited.faults.count('served tag is partial');
    else if (value !== expected[name])
      violated('P8', `${name} of ${key} is served as ${value}, not ${expected[name]}`);
  }
};

/** After a night, of everybody. */
export const auditNight = (audited: Audited, nowMs: number): void => {
  for (const user of audited.auditor.users) {
    const [key, { lines }] = user;
    const off = audited.table.offs.get(key);
    if (off !== undefined) auditOff(key, off, lines.values(), nowMs);
    auditServed(audited, user, nowMs);
  }
};
