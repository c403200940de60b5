/**
 * What is loaded: of each user who is to be loaded one line, with the tiles of all versions. Rows of
 * `user_total`, of the days after them, and marks of who was touched pass through as one stream, so
 * that each table is read once.
 */
import {
  above,
  aggregate,
  and,
  atLeast,
  atMost,
  below,
  call,
  choose,
  column,
  columnsOf,
  double,
  equal,
  falling,
  isIn,
  literal,
  not,
  nothing,
  or,
  query,
  rising,
  select,
  table,
  times,
  unequal,
  whole,
} from '../query/build.ts';
import type { Expression, Select, Statement } from '../query/tree.ts';
import type { LakeTag } from '../tags/compile.ts';
import { daysAfter } from './days.ts';
import { greatestScore, HELD, HELD_TYPES, mergedRows, mergeGroups, PLACE } from './merging.ts';
import type { RunWindow } from './run-window.ts';

/** Days before the cut that are in `user_day` alone, because nights still make them anew. */
export const UNTOTALLED_DAYS = 3;
/** Days before the last cut in which late objects may have changed a user. */
const LATE_DAYS = 2;
/** What a `top` serves. */
const TOP_NAMES = 3;
const RANK_STEPS = 1e9;

const versionsOf = (tags: readonly LakeTag[], holds: (tag: LakeTag) => boolean) =>
  tags.filter(holds).map(({ version }) => version);

const isBatch = ({ definition }: LakeTag): boolean => definition.source === 'batch';
const isOp = (tag: LakeTag, op: string): boolean => tag.definition.measure.op === op;

/** The first event day that a window of so many days has, as of today. */
const firstDay = ({ today }: RunWindow, windowDays: number): string =>
  daysAfter(today, 1 - windowDays);

const isOf = (of: string, version: string): Expression =>
  equal(column(of, 'version'), literal(version));

const inWindow = (of: string, run: RunWindow, tags: readonly LakeTag[]): Expression =>
  or(
    isIn(
      column(of, 'version'),
      versionsOf(tags, ({ windowDays }) => windowDays === undefined),
    ),
    ...tags.flatMap(({ version, windowDays }) =>
      windowDays === undefined
        ? []
        : [
            and(
              isOf(of, version),
              atLeast(column(of, 'event_day'), literal(firstDay(run, windowDays))),
            ),
          ],
    ),
  );

/** Days that have left the window of a value which is not computed from tiles at read. */
const hasLeft = (of: string, run: RunWindow, tags: readonly LakeTag[]): Expression => {
  const { watermark } = run;
  if (watermark === null) return literal(false);
  return or(
    ...tags.flatMap((tag) => {
      const { version, windowDays } = tag;
      if (windowDays === undefined || !isBatch(tag)) return [];
      return [
        and(
          isOf(of, version),
          atLeast(column(of, 'event_day'), literal(daysAfter(watermark, 1 - windowDays))),
          below(column(of, 'event_day'), literal(firstDay(run, windowDays))),
        ),
      ];
    }),
  );
};

/** Users of whom any line has arrived, copies and stubs included: their cut moves. */
const touched = ({ watermark, today }: RunWindow): Select =>
  select({
    columns: {
      ...columnsOf('e', ['tenant', 'profile_key']),
      ...Object.fromEntries(['version', 'event_day', 'part'].map((name) => [name, literal('')])),
      ...Object.fromEntries(HELD.map((name) => [name, nothing(HELD_TYPES[name])])),
      summed: literal(''),
      day: literal(''),
      touches: literal(true),
    },
    from: table('events', 'e'),
    where: and(
      ...(watermark === null
        ? []
        : [atLeast(column('e', 'arrival_day'), literal(daysAfter(watermark, -LATE_DAYS)))]),
      atMost(column('e', 'arrival_day'), literal(today)),
    ),
    groupBy: [column('e', 'tenant'), column('e', 'profile_key')],
  });

interface Rows {
  readonly of: string;
  readonly from: 'user_total' | 'user_day';
  /** The column of the day through which a row is summed, and of the day of which it is. */
  readonly summed: Expression;
  readonly day: Expression;
  readonly where: Expression;
}

/** A row outside of its window is only a mark. */
const rowsOf = (
  { of, from, summed, day, where }: Rows,
  run: RunWindow,
  tags: readonly LakeTag[],
): Select => {
  const counts = inWindow(of, run, tags);
  const wanted = run.allUsers ? [] : [or(counts, hasLeft(of, run, tags))];
  return select({
    columns: {
      ...columnsOf(of, ['tenant', 'profile_key']),
      version: choose([[counts, column(of, 'version')]], literal('')),
      ...columnsOf(of, ['event_day', 'part', ...HELD]),
      summed,
      day,
      touches: run.allUsers ? literal(true) : not(counts),
    },
    from: table(from, of),
    where: and(where, ...wanted),
  });
};

const totals = (run: RunWindow, tags: readonly LakeTag[]): Select =>
  rowsOf(
    {
      of: 't',
      from: 'user_total',
      summed: column('t', 'through'),
      day: literal(''),
      where: isIn(column('t', 'version'), run.versions),
    },
    run,
    tags,
  );

/** Tags that the stream has too end at the cut; others take all that is there. */
const days = (run: RunWindow, tags: readonly LakeTag[]): Select => {
  const arrival = column('d', 'arrival_day');
  return rowsOf(
    {
      of: 'd',
      from: 'user_day',
      summed: literal(''),
      day: arrival,
      where: and(
        above(arrival, literal(daysAfter(run.cut, -UNTOTALLED_DAYS))),
        atMost(arrival, literal(run.today)),
        or(
          isIn(column('d', 'version'), versionsOf(tags, isBatch)),
          and(
            isIn(
              column('d', 'version'),
              versionsOf(tags, (tag) => !isBatch(tag)),
            ),
            below(arrival, literal(run.cut)),
          ),
        ),
      ),
    },
    run,
    tags,
  );
};

const PASSED = ['summed', 'day', 'touches'] as const;

/** A day counts unless its row's total has it already: whatever a run before this one has added. */
const counted = (run: RunWindow, tags: readonly LakeTag[]): Select => {
  const through: Expression = {
    kind: 'window',
    of: aggregate('max', column('a', 'summed')),
    partition: PLACE.map((name) => column('a', name)),
    order: [],
  };
  const placed = select({
    columns: { ...columnsOf('a', [...PLACE, ...HELD, ...PASSED]), through },
    from: query({ kind: 'union', of: [touched(run), totals(run, tags), days(run, tags)] }, 'a'),
  });
  const values = versionsOf(tags, isBatch);
  const key = ['tenant', 'profile_key', 'version', 'part'];
  return select({
    columns: {
      ...columnsOf('c', ['tenant', 'profile_key', 'version', 'part', ...HELD, 'touches']),
      event_day: choose(
        [[isIn(column('c', 'version'), ['', ...values]), literal('')]],
        column('c', 'event_day'),
      ),
      greatest_score: greatestScore('c', mergeGroups(tags), key),
    },
    from: query(placed, 'c'),
    where: or(
      equal(column('c', 'day'), literal('')),
      above(column('c', 'day'), column('c', 'through')),
    ),
  });
};

const merged = (run: RunWindow, tags: readonly LakeTag[]): Select =>
  select({
    columns: {
      ...columnsOf('m', PLACE),
      ...mergedRows('m', mergeGroups(tags), column('m', 'greatest_score')),
      touches: aggregate('bool_or', column('m', 'touches')),
    },
    from: query(counted(run, tags), 'm'),
    groupBy: PLACE.map((name) => column('m', name)),
  });

const ranked = (run: RunWindow, tags: readonly LakeTag[]): Select => {
  const partition = ['tenant', 'profile_key', 'version'].map((name) => column('r', name));
  const rounded = call('round', times(column('r', 'score'), double(RANK_STEPS)));
  return select({
    columns: {
      ...columnsOf('r', [...PLACE, ...HELD, 'touches']),
      place: {
        kind: 'window',
        of: { kind: 'rowNumber' },
        partition,
        order: [falling(column('r', 'amount')), falling(rounded), rising(column('r', 'part'))],
      },
      kinds: { kind: 'window', of: aggregate('count'), partition, order: [] },
    },
    from: query(merged(run, tags), 'r'),
  });
};

const tile = (distinct: readonly string[]): Expression => {
  const isCount = isIn(column('k', 'version'), distinct);
  const value = (name: string): Expression => column('k', name);
  return {
    kind: 'row',
    fields: [
      { name: 'version', type: 'varchar', of: value('version') },
      { name: 'event_day', type: 'varchar', of: value('event_day') },
      { name: 'part', type: 'varchar', of: choose([[isCount, literal('')]], value('part')) },
      { name: 'amount', type: 'bigint', of: choose([[isCount, value('kinds')]], value('amount')) },
      { name: 'instant', type: 'bigint', of: value('instant') },
      { name: 'tie', type: 'varchar', of: value('tie') },
      { name: 'text', type: 'varchar', of: value('text') },
      { name: 'score', type: 'double', of: value('score') },
    ],
  };
};

export const runPartition = ({ runId, attempt }: RunWindow): string => `${runId}/${attempt}`;

export const unloadTags = (run: RunWindow, bucket: string, tags: readonly LakeTag[]): Statement => {
  const distinct = versionsOf(tags, (tag) => isOp(tag, 'distinct'));
  const top = versionsOf(tags, (tag) => isOp(tag, 'top'));
  const version = column('k', 'version');
  const kept = or(
    not(isIn(version, [...distinct, ...top])),
    and(isIn(version, distinct), equal(column('k', 'place'), whole(1))),
    and(isIn(version, top), atMost(column('k', 'place'), whole(TOP_NAMES))),
  );
  const tiles = {
    ...aggregate('array_agg', tile(distinct)),
    filter: unequal(version, literal('')),
    order: ['version', 'event_day', 'place'].map((name) => rising(column('k', name))),
  };
  return {
    kind: 'unload',
    to: `s3://${bucket}/nightly/${runPartition(run)}/`,
    query: select({
      columns: { ...columnsOf('k', ['tenant', 'profile_key']), tiles },
      from: query(ranked(run, tags), 'k'),
      where: kept,
      groupBy: [column('k', 'tenant'), column('k', 'profile_key')],
      having: aggregate('bool_or', column('k', 'touches')),
    }),
  };
};
