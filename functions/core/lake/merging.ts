/** How narrow rows of one tag, user, event day and part become one. Any order gives the same. */

import {
  aggregate,
  call,
  cast,
  choose,
  column,
  double,
  isIn,
  literal,
  minus,
  nothing,
  plus,
} from '../query/build.ts';
import type { Aggregate, Expression, SqlType } from '../query/tree.ts';
import { AMOUNT_MAX } from '../tags/amount.ts';
import type { LakeTag } from '../tags/compile.ts';

export const HELD = ['amount', 'instant', 'tie', 'text', 'score'] as const;
export type Held = (typeof HELD)[number];
export const PLACE = ['tenant', 'profile_key', 'version', 'event_day', 'part'] as const;

export const HELD_TYPES: Readonly<Record<Held, SqlType>> = {
  amount: 'bigint',
  instant: 'bigint',
  tie: 'varchar',
  text: 'varchar',
  score: 'double',
};

/** Versions by how their rows merge. */
export interface MergeGroups {
  readonly sums: readonly string[];
  readonly least: readonly string[];
  readonly greatest: readonly string[];
  readonly earliest: readonly string[];
  readonly latest: readonly string[];
  /** What a field said, at the earliest or at the latest instant. */
  readonly saidFirst: readonly string[];
  readonly saidLast: readonly string[];
  readonly decayed: readonly string[];
}

export const isDecayed = ({ definition: { measure } }: LakeTag): boolean =>
  measure.op === 'top' && (measure as { readonly halfLife?: object }).halfLife !== undefined;

const isSaid = ({ definition: { measure } }: LakeTag): boolean =>
  (measure.op === 'first' || measure.op === 'last') && measure.field !== 'timestamp';

export const mergeGroups = (tags: readonly LakeTag[]): MergeGroups => {
  const having = (holds: (tag: LakeTag) => boolean): readonly string[] =>
    tags.filter(holds).map(({ version }) => version);
  const byOp = (...ops: readonly string[]): readonly string[] =>
    having((tag) => ops.includes(tag.definition.measure.op) && !isDecayed(tag));
  return {
    sums: byOp('count', 'sum', 'top'),
    least: byOp('min'),
    greatest: byOp('max', 'distinct'),
    earliest: byOp('first'),
    latest: byOp('last', 'timeSince'),
    saidFirst: having((tag) => isSaid(tag) && tag.definition.measure.op === 'first'),
    saidLast: having((tag) => isSaid(tag) && tag.definition.measure.op === 'last'),
    decayed: having(isDecayed),
  };
};

type Case = readonly [versions: readonly string[], value: Expression];

const byVersion = (version: Expression, cases: readonly Case[], type: SqlType): Expression => {
  const some = cases.filter(([versions]) => versions.length > 0);
  return some.length === 0
    ? nothing(type)
    : choose(some.map(([versions, value]) => [isIn(version, versions), value]));
};

const WIDE = 'decimal(38, 0)';
const bound = (sign: 1n | -1n): Expression => cast(literal(sign * BigInt(AMOUNT_MAX)), WIDE);

/** Amounts stay within what is exact, and no sum of them ends a query. */
const bounded = (wide: Expression): Expression =>
  cast(call('greatest', call('least', wide, bound(1n)), bound(-1n)), 'bigint');

/** Aggregates over rows called `of`, of one group; `greatest` is the greatest of its scores. */
export const mergedRows = (
  of: string,
  groups: MergeGroups,
  greatest: Expression,
): Record<Held, Expression> => {
  const value = (name: Held): Expression => column(of, name);
  const version = column(of, 'version');
  const when: Expression = {
    kind: 'row',
    fields: [
      { name: 'happened', type: 'bigint', of: call('coalesce', value('instant'), literal(0n)) },
      { name: 'tie', type: 'varchar', of: call('coalesce', value('tie'), literal('')) },
      { name: 'said', type: 'varchar', of: call('coalesce', value('text'), literal('')) },
    ],
  };
  const sum = aggregate('sum', cast(value('amount'), WIDE));
  const said = (name: 'tie' | 'text'): readonly Case[] => [
    [groups.saidFirst, aggregate('min_by', value(name), when)],
    [groups.saidLast, aggregate('max_by', value(name), when)],
  ];
  const share = call('power', double(2), minus(value('score'), greatest));
  return {
    amount: byVersion(
      version,
      [
        [groups.sums, bounded(sum)],
        [groups.least, aggregate('min', value('amount'))],
        [groups.greatest, aggregate('max', value('amount'))],
      ],
      'bigint',
    ),
    instant: byVersion(
      version,
      [
        [groups.earliest, aggregate('min', value('instant'))],
        [groups.latest, aggregate('max', value('instant'))],
      ],
      'bigint',
    ),
    tie: byVersion(version, said('tie'), 'varchar'),
    text: byVersion(version, said('text'), 'varchar'),
    score: byVersion(
      version,
      [[groups.decayed, plus(aggregate('max', greatest), call('log2', aggregate('sum', share)))]],
      'double',
    ),
  };
};

/** The greatest score of the rows that will merge: so that no power of two is too great. */
export const greatestScore = (
  of: string,
  groups: MergeGroups,
  key: readonly string[],
): Expression => {
  if (groups.decayed.length === 0) return nothing('double');
  const max: Aggregate = aggregate('max', column(of, 'score'));
  return {
    kind: 'window',
    of: max,
    partition: key.map((name) => column(of, name)),
    order: [],
  };
};

/** What two rows of one key become: the one called `left` is kept, the other comes to it. */
export const mergedPair = (
  left: string,
  right: string,
  groups: MergeGroups,
): Record<Held, Expression> => {
  const version = column(right, 'version');
  const both = (name: Held): readonly [Expression, Expression] => [
    column(left, name),
    column(right, name),
  ];
  const [amount, more] = both('amount');
  const [score, other] = both('score');
  const distance = call('abs', minus(score, other));
  const sum = plus(cast(amount, WIDE), cast(more, WIDE));
  const later = comesBefore(left, right);
  const saidOf = (name: 'tie' | 'text'): readonly Case[] => {
    const [mine, its] = both(name);
    return [
      [groups.saidFirst, choose([[later, mine]], its)],
      [groups.saidLast, choose([[later, its]], mine)],
    ];
  };
  return {
    amount: byVersion(
      version,
      [
        [groups.sums, bounded(sum)],
        [groups.least, call('least', amount, more)],
        [groups.greatest, call('greatest', amount, more)],
      ],
      'bigint',
    ),
    instant: byVersion(
      version,
      [
        [groups.earliest, call('least', ...both('instant'))],
        [groups.latest, call('greatest', ...both('instant'))],
      ],
      'bigint',
    ),
    tie: byVersion(version, saidOf('tie'), 'varchar'),
    text: byVersion(version, saidOf('text'), 'varchar'),
    score: byVersion(
      version,
      [
        [
          groups.decayed,
          plus(
            call('greatest', score, other),
            call('log2', plus(double(1), call('power', double(2), minus(double(0), distance)))),
          ),
        ],
      ],
      'double',
    ),
  };
};

/** By (instant, event's id, text): whether the left one is the earlier. */
const comesBefore = (left: string, right: string): Expression => {
  const pairs = (['instant', 'tie', 'text'] as const).map(
    (name) => [column(left, name), column(right, name)] as const,
  );
  const compare = (op: '<' | '=', [a, b]: readonly [Expression, Expression]): Expression => ({
    kind: 'binary',
    op,
    left: a,
    right: b,
  });
  return {
    kind: 'or',
    of: pairs.map((pair, place) => ({
      kind: 'and',
      of: [...pairs.slice(0, place).map((each) => compare('=', each)), compare('<', pair)],
    })),
  };
};
