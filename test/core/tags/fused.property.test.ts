import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstOfOrder, type OracleFact } from '../../../functions/core/profile/oracle.ts';
import { oracleTag } from '../../../functions/core/profile/tag-oracle.ts';
import { compileTags } from '../../../functions/core/tags/compile.ts';
import { lifetime, type TagDefinition } from '../../../functions/core/tags/definition.ts';
import { foldTags, noTags } from '../../../functions/core/tags/fold.ts';
import type { LakeRow } from '../../../functions/core/tags/lake-row.ts';
import { decodeOff, encodeOff, offFromRows } from '../../../functions/core/tags/off.ts';
import { readTags } from '../../../functions/core/tags/read.ts';
import { days, epochMs, startOfUtcDay, toUtcDate, utcDayOf } from '../../../functions/core/time.ts';
import { arbitraryLog, countedOf } from '../../support/arbitrary-logs.ts';
import { arbitraryTag } from '../../support/arbitrary-tags.ts';
import { factOf, NOW } from '../../support/counted-events.ts';

/** What the nightly says of these facts, worked out by the oracle day by day. */
const rowsOf = (
  tag: TagDefinition,
  version: string,
  facts: readonly OracleFact[],
  counted: ReadonlySet<OracleFact>,
): readonly LakeRow[] => {
  const { measure } = tag;
  const always = { ...tag, period: lifetime() } as TagDefinition;
  const row = { version, eventDay: '', part: '', score: null, tie: null, text: null };
  if (measure.op === 'timeSince' || measure.op === 'first' || measure.op === 'last') {
    const op = measure.op === 'first' ? 'first' : 'last';
    const instant = { ...always, measure: { op, field: 'timestamp' } } as TagDefinition;
    if (measure.op === 'timeSince' || measure.field === 'timestamp') {
      const at = oracleTag(instant, facts, counted, NOW);
      return at === undefined ? [] : [{ ...row, amount: null, instant: Number(at) }];
    }
    // The one fact whose absence would change what was said is found by asking of each alone.
    const alone = facts.filter((fact) => oracleTag(always, [fact], counted, NOW) !== undefined);
    const at = oracleTag(instant, alone, counted, NOW);
    const text = oracleTag(always, facts, counted, NOW);
    const ties = alone.filter(({ timestamp }) => timestamp === at).map(({ eventId }) => eventId);
    const tie = ties.toSorted((a, b) => (a < b ? -1 : 1)).at(op === 'first' ? 0 : -1) ?? null;
    if (text === undefined) return [];
    return [{ ...row, amount: null, instant: Number(at), tie, text: String(text) }];
  }
  const isLifetime = tag.period.kind === 'lifetime';
  const groups = Map.groupBy(facts, ({ timestamp }) =>
    isLifetime ? '' : toUtcDate(utcDayOf(timestamp)),
  );
  return [...groups].flatMap(([eventDay, some]) => {
    const amount = oracleTag(always, some, counted, NOW);
    return amount === undefined
      ? []
      : [{ ...row, eventDay, amount: Number(amount), instant: null }];
  });
};

test('with any cut inside the log, the nightly and the stream make what the oracle says of all', () => {
  let exact = 0;
  let split = 0;
  fc.assert(
    fc.property(
      arbitraryTag(['both']),
      arbitraryLog(NOW),
      fc.integer({ min: -1, max: 12 }),
      fc.constantFrom(0, days(1), days(4)),
      fc.integer({ min: 1, max: 12 }),
      (tag, log, cutAgo, later, batch) => {
        const now = epochMs(NOW + later);
        const cut = utcDayOf(NOW) - cutAgo;
        const events = countedOf(log);
        const facts = events.map(factOf);
        const counted = firstOfOrder(facts);
        const before = facts.filter(({ arrivedAt }) => (arrivedAt ?? 0) < startOfUtcDay(cut));
        const config = { tags: [tag], segments: { rules: [], otherwise: 'x' } };
        const { folded, lake, offered } = compileTags(config);
        const [known] = lake;
        if (known === undefined) throw new Error('the lake knows a tag in both');
        let tags = noTags(folded, epochMs(0));
        let newest = epochMs(0);
        for (let start = 0; start < events.length; start += batch) {
          const some = events.slice(start, start + batch);
          newest = epochMs(Math.max(newest, ...some.map(({ arrivedAt }) => arrivedAt)));
          tags = foldTags(tags, some, newest);
        }
        const rows = rowsOf(tag, known.version, before, counted);
        const off = decodeOff(encodeOff(offFromRows(rows, [known.version], lake)), lake);
        const [served] = readTags(tags, { runId: 'r', cut, tags: off }, offered, now);
        const expected = oracleTag(tag, facts, counted, now);
        const title = JSON.stringify({ tag, cutAgo });
        if (served?.partial === true) return;
        exact += 1;
        if (before.length > 0 && before.length < facts.length) split += 1;
        const value = served?.value;
        const said = value?.type === 'instant' ? value.at : undefined;
        const number = value !== undefined && 'amount' in value ? value.amount : said;
        expect(value?.type === 'string' ? value.text : number, title).toBe(expected);
        if (served !== undefined) expect(served.cut, title).toBe(cut);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(exact).toBeGreaterThan(1_800);
  expect(split).toBeGreaterThan(600);
});
