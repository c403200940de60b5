import { dayNumber } from '../../functions/core/nightly/plan-night.ts';
import type { LakeRow } from '../../functions/core/nightly/user-line.ts';
import { oracleProfile } from '../../functions/core/profile/oracle.ts';
import type { StoredOff } from '../../functions/core/profile/stored-off.ts';
import type { TagDefinition } from '../../functions/core/tags/definition.ts';
import { epochMs, utcDayOf } from '../../functions/core/time.ts';
import { config } from '../../tributary.config.ts';
import { factOf } from './audit-at-rest.ts';
import type { Auditor } from './auditor.ts';
import { lakeOf } from './lake-oracle.ts';
import { definitionOf } from './lake-tags.ts';
import type { ReadLine } from './stated-memory.ts';
import type { TableModel } from './table-model.ts';
import { violated } from './violation.ts';

const DAY_MS = 86_400_000;

/** What the item `off` says of a tag at an instant. */
const offValue = (
  rows: readonly LakeRow[],
  { measure, period }: TagDefinition,
  nowMs: number,
): number | undefined => {
  const today = utcDayOf(epochMs(nowMs));
  const mine = rows.filter(
    ({ eventDay }) =>
      period.kind === 'lifetime' || dayNumber(eventDay) > today - period.length / DAY_MS,
  );
  const isInstant = measure.op === 'first' || measure.op === 'last' || measure.op === 'timeSince';
  if (!isInstant) return mine.reduce((sum, { amount }) => sum + (amount ?? 0), 0);
  const [instant] = mine.map((row) => row.instant ?? 0);
  if (instant === undefined || measure.op !== 'timeSince') return instant;
  return Math.max(0, Math.floor((nowMs - instant) / DAY_MS));
};

/** P8: what `off` says of a user is what the lines mean that arrived before its cut. */
export const auditOff = (
  key: string,
  { cut, tags }: StoredOff,
  lines: Iterable<ReadLine>,
  nowMs: number,
): void => {
  const facts = lakeOf(lines).flatMap(({ line, day, dup, again }, place) =>
    line.stub || dup || day >= cut ? [] : [factOf(line.event, place, !again)],
  );
  const { tags: expected } = oracleProfile(facts, epochMs(nowMs), config);
  const { rows, versions } = JSON.parse(tags) as {
    readonly rows: readonly LakeRow[];
    readonly versions: readonly string[];
  };
  for (const version of versions) {
    const definition = definitionOf(version);
    const mine = rows.filter((row) => row.version === version);
    const value = offValue(mine, definition, nowMs);
    if (value !== expected[definition.name])
      violated(
        'P8',
        `off of ${key} at cut ${cut} says ${definition.name} is ${value}, not ${expected[definition.name]}`,
      );
  }
};

/** After a night, of everybody. */
export const auditNight = (table: TableModel, { users }: Auditor, nowMs: number): void => {
  for (const [key, off] of table.offs)
    auditOff(key, off, users.get(key)?.lines.values() ?? [], nowMs);
};
