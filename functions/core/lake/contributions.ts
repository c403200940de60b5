/**
 * What each event adds to each tag, in one pass over the events: an event stands once beside each
 * tag, which is `n`, and stays where the tag counts it.
 */
import { DECAY_EPOCH } from '../profile/decayed.ts';
import {
  and,
  atLeast,
  atMost,
  call,
  cast,
  choose,
  column,
  columnsOf,
  double,
  equal,
  isNotNull,
  list,
  literal,
  minus,
  not,
  nothing,
  or,
  over,
  query,
  select,
  table,
  whole,
} from '../query/build.ts';
import type { Expression, Select, SqlType } from '../query/tree.ts';
import { MICROS } from '../tags/amount.ts';
import type { LakeTag } from '../tags/compile.ts';
import { spanMs, type TopMeasure } from '../tags/definition.ts';
import type { UtcDate } from './days.ts';
import { clipped, hashed } from './json-fields.ts';
import { HELD_TYPES, type Held } from './merging.ts';
import {
  checked,
  extracted,
  fieldsOf,
  listColumn,
  matchesFilter,
  numberColumn,
  ORDER_COLUMNS,
  readsLines,
  type TagFields,
  textColumn,
} from './tag-fields.ts';

export interface DayRange {
  readonly from: UtcDate;
  readonly to: UtcDate;
}

export const inRange = (of: string, { from, to }: DayRange): Expression =>
  and(
    atLeast(column(of, 'arrival_day'), literal(from)),
    atMost(column(of, 'arrival_day'), literal(to)),
  );

const EVENT_COLUMNS = [
  ...['tenant', 'profile_key', 'arrival_day', 'event_id', 'kind', 'name', 'happened_at'],
  ...['event_day', 'orders', 'revenue_micros', 'again'],
];

/** Events that count, with what the tags read in columns; a line is read only if a tag needs it. */
const readEvents = (range: DayRange, fields: TagFields): Select => {
  const counted = (columns: Readonly<Record<string, Expression>>): Select =>
    select({
      columns: { ...columnsOf('e', EVENT_COLUMNS), ...columns },
      from: table('events', 'e'),
      where: and(inRange('e', range), not(column('e', 'stub')), not(column('e', 'dup'))),
    });
  if (!readsLines(fields)) return counted({});
  const line = column('e', 'line');
  const parsed = counted({ line, j: call('try', call('json_parse', line)) });
  const read = select({
    columns: {
      ...columnsOf('p', EVENT_COLUMNS),
      ...extracted(column('p', 'line'), column('p', 'j'), fields),
    },
    from: query(parsed, 'p'),
  });
  return select({
    columns: { ...columnsOf('r', EVENT_COLUMNS), ...checked('r', fields) },
    from: query(read, 'r'),
  });
};

const isTag = (n: number): Expression => equal(column('u', 'n'), whole(n));

/** One value for each tag, by its place. */
const byTag = (
  tags: readonly LakeTag[],
  type: SqlType,
  value: (tag: LakeTag) => Expression | undefined,
): Expression => {
  const when = tags.flatMap((tag, place): (readonly [Expression, Expression])[] => {
    const of = value(tag);
    return of === undefined ? [] : [[isTag(place + 1), of]];
  });
  return when.length === 0 ? nothing(type) : choose(when);
};

const event = (name: string): Expression => column('f', name);

/** Millionths, by the event's name. */
const weight = (measure: TopMeasure): Expression => {
  const { weights } = measure;
  if (weights === undefined) return whole(MICROS);
  const cases = Object.entries(weights).map(([name, each]): readonly [Expression, Expression] => [
    equal(event('name'), literal(name)),
    whole(Math.round(each * MICROS)),
  ]);
  return cases.length === 0 ? nothing('bigint') : choose(cases);
};

const score = (measure: TopMeasure): Expression | undefined => {
  const { halfLife } = measure;
  if (halfLife === undefined) return undefined;
  const age = cast(minus(event('happened_at'), literal(BigInt(DECAY_EPOCH))), 'double');
  const size = over(cast(weight(measure), 'double'), double(MICROS));
  return {
    kind: 'binary',
    op: '+',
    left: call('log2', size),
    right: over(age, double(spanMs(halfLife))),
  };
};

const numberOf = (field: string, fields: TagFields): Expression => {
  const orders = ORDER_COLUMNS[field];
  if (orders === undefined) return numberColumn('f', fields, field);
  return choose([[not(event('again')), event(orders)]]);
};

const amount =
  (fields: TagFields) =>
  ({ definition: { measure } }: LakeTag): Expression | undefined => {
    switch (measure.op) {
      case 'count':
      case 'distinct':
        return whole(1);
      case 'sum':
      case 'min':
      case 'max':
        return numberOf(measure.field, fields);
      case 'top': {
        const top = measure as TopMeasure;
        return top.halfLife === undefined ? weight(top) : undefined;
      }
      default:
        return undefined;
    }
  };

const saidField = ({ definition: { measure } }: LakeTag): string | undefined =>
  (measure.op === 'first' || measure.op === 'last') && measure.field !== 'timestamp'
    ? measure.field
    : undefined;

const isPick = ({ definition: { measure } }: LakeTag): boolean =>
  measure.op === 'first' || measure.op === 'last' || measure.op === 'timeSince';

const heldBy = (tags: readonly LakeTag[], fields: TagFields): Record<Held, Expression> => ({
  amount: byTag(tags, HELD_TYPES.amount, amount(fields)),
  instant: byTag(tags, HELD_TYPES.instant, (tag) =>
    isPick(tag) ? event('happened_at') : undefined,
  ),
  tie: byTag(tags, HELD_TYPES.tie, (tag) =>
    saidField(tag) === undefined ? undefined : event('event_id'),
  ),
  text: byTag(tags, HELD_TYPES.text, (tag) => {
    const field = saidField(tag);
    return field === undefined ? undefined : clipped(textColumn('f', fields, field));
  }),
  score: byTag(tags, HELD_TYPES.score, ({ definition: { measure } }) =>
    measure.op === 'top' ? score(measure as TopMeasure) : undefined,
  ),
});

/** Null: none; else a row for each of them. */
const partsOf = (tags: readonly LakeTag[], fields: TagFields): Expression => {
  const listed = tags.flatMap((tag, place): (readonly [Expression, Expression])[] => {
    const { measure } = tag.definition;
    return measure.op === 'top' || measure.op === 'distinct'
      ? [[isTag(place + 1), listColumn('f', fields, measure.field)]]
      : [];
  });
  return listed.length === 0 ? list(literal('')) : choose(listed, list(literal('')));
};

const partOf = (tags: readonly LakeTag[]): Expression => {
  const part = column('p', 'part');
  const having = (op: string): readonly string[] =>
    tags.filter((tag) => tag.definition.measure.op === op).map(({ version }) => version);
  const version = column('c', 'version');
  return choose(
    [
      [{ kind: 'in', of: version, texts: having('top') }, clipped(part)],
      [{ kind: 'in', of: version, texts: having('distinct') }, hashed(part)],
    ],
    part,
  );
};

/** Rows with the columns of `user_day`, not yet merged. */
export const contributions = (range: DayRange, tags: readonly LakeTag[]): Select => {
  const fields = fieldsOf(tags);
  const counted = tags.map((tag, place) =>
    and(isTag(place + 1), matchesFilter('f', fields, tag.definition.events)),
  );
  const held = heldBy(tags, fields);
  const byEvent = select({
    columns: {
      ...columnsOf('f', ['tenant', 'profile_key', 'arrival_day']),
      version: byTag(tags, 'varchar', ({ version }) => literal(version)),
      event_day: byTag(tags, 'varchar', ({ windowDays }) =>
        windowDays === undefined ? literal('') : event('event_day'),
      ),
      parts: partsOf(tags, fields),
      ...held,
    },
    from: query(readEvents(range, fields), 'f'),
    joins: [
      {
        kind: 'unnest',
        of: call('sequence', whole(1), whole(Math.max(1, tags.length))),
        as: 'u',
        column: 'n',
      },
    ],
    where: or(...counted),
  });
  // An event without the field, or whose number is unread, or that weighs nothing, says nothing.
  const says = or(
    ...(['amount', 'score', 'text'] as const).map((name) => isNotNull(column('c', name))),
    and(isNotNull(column('c', 'instant')), { kind: 'isNull', of: column('c', 'tie') }),
  );
  return select({
    columns: {
      ...columnsOf('c', ['tenant', 'profile_key', 'version', 'event_day']),
      part: partOf(tags),
      ...columnsOf('c', ['arrival_day', 'amount', 'instant', 'tie', 'text', 'score']),
    },
    from: query(byEvent, 'c'),
    joins: [{ kind: 'unnest', of: column('c', 'parts'), as: 'p', column: 'part' }],
    where: says,
  });
};
