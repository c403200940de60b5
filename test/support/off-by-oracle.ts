/** What a run of the nightly job says of a user, by the oracle: day by day, and through storage. */
import { firstOfOrder, type OracleFact } from '../../functions/core/profile/oracle.ts';
import { type OracleValue, oracleTag } from '../../functions/core/profile/tag-oracle.ts';
import type { LakeTag } from '../../functions/core/tags/compile.ts';
import { lifetime, type TagDefinition } from '../../functions/core/tags/definition.ts';
import type { LakeRow } from '../../functions/core/tags/lake-row.ts';
import { decodeOff, encodeOff, type Off, offFromRows } from '../../functions/core/tags/off.ts';
import { compareText } from '../../functions/core/tags/said.ts';
import { type EpochMs, startOfUtcDay, toUtcDate, utcDayOf } from '../../functions/core/time.ts';

type Facts = readonly OracleFact[];

const NO_ROW = {
  eventDay: '',
  part: '',
  amount: null,
  instant: null,
  tie: null,
  text: null,
  score: null,
};

const ofLifetime = (definition: TagDefinition): TagDefinition =>
  ({ ...definition, period: lifetime() }) as TagDefinition;

/** The event that `first` or `last` of a field spoke of. */
const spoken = (
  definition: TagDefinition,
  facts: Facts,
  said: OracleValue,
): OracleFact | undefined => {
  const sign = definition.measure.op === 'first' ? 1 : -1;
  const alone = (fact: OracleFact) =>
    oracleTag(definition, [fact], new Set([fact]), fact.timestamp);
  return facts
    .filter((fact) => alone(fact) === said)
    .toSorted(
      (left, right) =>
        sign * (left.timestamp - right.timestamp || compareText(left.eventId, right.eventId)),
    )[0];
};

const valueRow = (
  { definition, version }: LakeTag,
  facts: Facts,
  counted: ReadonlySet<OracleFact>,
  now: EpochMs,
): readonly LakeRow[] => {
  const { measure } = definition;
  const isSince = measure.op === 'timeSince';
  const asked = (
    isSince ? { ...definition, measure: { op: 'last', field: 'timestamp' } } : definition
  ) as TagDefinition;
  const value = oracleTag(asked, facts, counted, now);
  if (value === undefined) return [];
  if (measure.op === 'top') return [{ ...NO_ROW, version, part: String(value), amount: 1 }];
  if (isSince) return [{ ...NO_ROW, version, instant: Number(value) }];
  if (measure.op !== 'first' && measure.op !== 'last') {
    return [{ ...NO_ROW, version, amount: Number(value) }];
  }
  if (measure.field === 'timestamp') return [{ ...NO_ROW, version, instant: Number(value) }];
  const fact = spoken(definition, facts, value);
  if (fact === undefined) throw new Error('nobody said it');
  const { timestamp, eventId } = fact;
  return [{ ...NO_ROW, version, instant: timestamp, tie: eventId, text: String(value) }];
};

const tileRows = (
  tag: LakeTag,
  facts: Facts,
  counted: ReadonlySet<OracleFact>,
  now: EpochMs,
): readonly LakeRow[] => {
  const { windowDays, definition } = tag;
  if (windowDays === undefined) return valueRow(tag, facts, counted, now);
  const days = [...new Set(facts.map(({ timestamp }) => utcDayOf(timestamp)))];
  return days
    .filter((day) => day > utcDayOf(now) - windowDays)
    .flatMap((day) => {
      const mine = facts.filter(({ timestamp }) => utcDayOf(timestamp) === day);
      const rows = valueRow({ ...tag, definition: ofLifetime(definition) }, mine, counted, now);
      return rows.map((row) => ({ ...row, eventDay: toUtcDate(day) }));
    });
};

/** Facts in order of arrival, each once; the run begins at `now` and counts what came before. */
export const offByOracle = (
  lake: readonly LakeTag[],
  facts: Facts,
  {
    cut,
    now,
    versions = lake.map(({ version }) => version),
  }: {
    readonly cut: number;
    readonly now: EpochMs;
    /** Which it has filled. */
    readonly versions?: readonly string[];
  },
): Off => {
  const counted = firstOfOrder(facts);
  const arrivedBefore = (at: EpochMs) => facts.filter(({ arrivedAt = 0 }) => arrivedAt < at);
  const [before, curated] = [arrivedBefore(startOfUtcDay(cut)), arrivedBefore(now)];
  const rows = lake.flatMap((tag) =>
    tag.definition.source === 'both'
      ? tileRows(tag, before, counted, now)
      : valueRow(tag, curated, counted, now),
  );
  const tags = decodeOff(encodeOff(offFromRows(rows, versions, lake)), lake);
  return { runId: `${now}-00aa`, cut, tags };
};
