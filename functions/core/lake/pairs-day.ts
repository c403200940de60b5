/**
 * `pairs_day`: what the events of a day of arrival add to each directed pair of items, in whole
 * millionths; a row without `dst` counts the item's own events. The stream's increments are the same
 * amounts, wherever a user's list goes back less than 64 items of events.
 */
import {
  aggregate,
  and,
  atLeast,
  atMost,
  below,
  call,
  cast,
  choose,
  column,
  columnsOf,
  equal,
  isNull,
  list,
  literal,
  minus,
  or,
  query,
  rising,
  select,
  table,
  unequal,
  whole,
} from '../query/build.ts';
import type { Expression, Order, Select, Statement } from '../query/tree.ts';
import {
  backwardAmount,
  basketAmount,
  EVENT_WEIGHTS,
  forwardAmount,
} from '../recommend/amounts.ts';
import {
  AMOUNT_UNIT,
  BASKET_LINES_NIGHTLY_MAX,
  type LearningPreset,
  REACH_MS,
  REPEAT_MS,
} from '../recommend/learning.ts';
import { days } from '../time.ts';
import { daysAfter, type UtcDate } from './days.ts';
import { POSITIVE_KEY } from './positives.ts';
import { replaceDay } from './replacing.ts';
import { sameKey } from './user-day.ts';

/** Items of a user's events that are looked back at. */
const LOOKED_BACK_MAX = 64;
const REACH_DAYS = REACH_MS / days(1);
const OWNER = ['tenant', 'profile_key'] as const;
const EVENT = [...OWNER, 'line_key'] as const;
const PAIR = ['tenant', 'src', 'dst'] as const;
const WIDE = 'decimal(38, 0)';

const all = (of: string, names: readonly string[]) => names.map((name) => column(of, name));
const inOrder = (of: string): readonly Order[] =>
  ['arrived_at', 'line_key', 'place'].map((name) => rising(column(of, name)));

/** Rows of the day and of so many before it, each with its place among its user's. */
const placed = (day: UtcDate, daysBefore: number): Select =>
  select({
    columns: {
      ...columnsOf('p', [...POSITIVE_KEY, 'arrival_day', 'arrived_at', 'place', 'weight', 'lines']),
      turn: {
        kind: 'window',
        of: { kind: 'rowNumber' },
        partition: all('p', OWNER),
        order: inOrder('p'),
      },
      before_at: {
        kind: 'window',
        of: { kind: 'lag', of: column('p', 'arrived_at') },
        partition: all('p', [...OWNER, 'item']),
        order: inOrder('p'),
      },
    },
    from: table('positives', 'p'),
    where: and(
      atLeast(column('p', 'arrival_day'), literal(daysAfter(day, -daysBefore))),
      atMost(column('p', 'arrival_day'), literal(day)),
    ),
  });

/** The same item again so soon only moves to the front. */
const isFresh = (of: string): Expression =>
  or(
    isNull(column(of, 'before_at')),
    atLeast(minus(column(of, 'arrived_at'), column(of, 'before_at')), whole(REPEAT_MS)),
  );

const fresh = (day: UtcDate, daysBefore: number): Select =>
  select({
    columns: columnsOf('q', [...POSITIVE_KEY, 'arrived_at', 'weight', 'lines', 'turn']),
    from: query(placed(day, daysBefore), 'q'),
    where: and(equal(column('q', 'arrival_day'), literal(day)), isFresh('q')),
  });

/** Items before each, by how far back they are met first. */
const met = (day: UtcDate): Select => {
  const isBefore = and(
    ...sameOwner('a', 'b'),
    equal(column('b', 'turn'), column('a', 'earlier')),
    unequal(column('b', 'line_key'), column('a', 'line_key')),
    atLeast(column('b', 'arrived_at'), minus(column('a', 'arrived_at'), whole(REACH_MS))),
  );
  const key = [...EVENT, 'item', 'weight'];
  return select({
    columns: {
      ...columnsOf('a', key),
      other: column('b', 'item'),
      back: aggregate('min', column('a', 'back')),
    },
    from: query(lookedBack(day), 'a'),
    joins: [{ kind: 'inner', source: query(placed(day, REACH_DAYS), 'b'), on: isBefore }],
    groupBy: [...all('a', key), column('b', 'item')],
  });
};

const sameOwner = (left: string, right: string): readonly Expression[] =>
  OWNER.map((name) => equal(column(left, name), column(right, name)));

const lookedBack = (day: UtcDate): Select =>
  select({
    columns: {
      ...columnsOf('f', [...POSITIVE_KEY, 'arrived_at', 'weight']),
      back: column('k', 'back'),
      earlier: minus(column('f', 'turn'), column('k', 'back')),
    },
    from: query(fresh(day, REACH_DAYS), 'f'),
    joins: [
      {
        kind: 'unnest',
        of: call('sequence', whole(1), whole(LOOKED_BACK_MAX)),
        as: 'k',
        column: 'back',
      },
    ],
    where: below(column('k', 'back'), column('f', 'turn')),
  });

const ranked = (day: UtcDate): Select =>
  select({
    columns: {
      ...columnsOf('m', [...EVENT, 'item', 'weight', 'other']),
      rank: {
        kind: 'window',
        of: { kind: 'rowNumber' },
        partition: all('m', [...EVENT, 'item']),
        order: [rising(column('m', 'back'))],
      },
    },
    from: query(met(day), 'm'),
  });

/** By the event's weight, of the place in a list that begins at 1. */
const amountAt = (
  of: string,
  place: Expression,
  amounts: (weight: number) => readonly number[],
): Expression =>
  choose(
    EVENT_WEIGHTS.map((weight) => [
      equal(column(of, 'weight'), whole(weight)),
      call('element_at', list(...amounts(weight).map(whole)), place),
    ]),
  );

const upTo = (count: number, of: (place: number) => number): readonly number[] =>
  Array.from({ length: count }, (_, index) => of(index + 1));

/** Items of the event itself keep their rank and get nothing: its basket says it. */
const neighbours = (day: UtcDate, preset: LearningPreset): Select => {
  const { neighboursMax } = preset;
  const isForward = equal(column('w', 'way'), whole(1));
  const amounts = (amount: typeof forwardAmount) => (weight: number) =>
    upTo(neighboursMax, (rank) => amount(preset, weight, rank));
  const rank = column('r', 'rank');
  const ownRows = select({
    columns: columnsOf('o', POSITIVE_KEY),
    from: table('positives', 'o'),
    where: equal(column('o', 'arrival_day'), literal(day)),
  });
  return select({
    columns: {
      tenant: column('r', 'tenant'),
      src: choose([[isForward, column('r', 'other')]], column('r', 'item')),
      dst: choose([[isForward, column('r', 'item')]], column('r', 'other')),
      amount: choose(
        [[isForward, amountAt('r', rank, amounts(forwardAmount))]],
        amountAt('r', rank, amounts(backwardAmount)),
      ),
    },
    from: query(ranked(day), 'r'),
    joins: [
      {
        kind: 'left',
        source: query(ownRows, 'o'),
        on: and(sameKey('r', 'o', EVENT), equal(column('r', 'other'), column('o', 'item'))),
      },
      { kind: 'unnest', of: list(whole(1), whole(2)), as: 'w', column: 'way' },
    ],
    where: and(atMost(rank, whole(neighboursMax)), isNull(column('o', 'item'))),
  });
};

const baskets = (day: UtcDate): Select => {
  const amounts = (weight: number): readonly number[] =>
    upTo(BASKET_LINES_NIGHTLY_MAX, (items) => basketAmount(weight, items));
  return select({
    columns: {
      tenant: column('i', 'tenant'),
      src: column('i', 'item'),
      dst: column('j', 'item'),
      amount: amountAt('j', column('j', 'lines'), amounts),
    },
    from: table('positives', 'i'),
    joins: [
      {
        kind: 'inner',
        source: query(fresh(day, 1), 'j'),
        on: and(sameKey('i', 'j', EVENT), unequal(column('i', 'item'), column('j', 'item'))),
      },
    ],
    where: equal(column('i', 'arrival_day'), literal(day)),
  });
};

const counts = (day: UtcDate): Select =>
  select({
    columns: {
      tenant: column('c', 'tenant'),
      src: column('c', 'item'),
      dst: literal(''),
      amount: whole(AMOUNT_UNIT),
    },
    from: query(fresh(day, 1), 'c'),
  });

export const pairsDay = (day: UtcDate, preset: LearningPreset): Statement =>
  replaceDay({
    into: 'pairs_day',
    day,
    key: PAIR,
    held: ['amount'],
    fresh: select({
      columns: {
        ...columnsOf('s', PAIR),
        amount: cast(aggregate('sum', cast(column('s', 'amount'), WIDE)), 'bigint'),
      },
      from: query({ kind: 'union', of: [neighbours(day, preset), baskets(day), counts(day)] }, 's'),
      groupBy: all('s', PAIR),
    }),
  });
