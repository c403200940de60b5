/** `positives`: the items of events that speak for them, a narrow row each, by the day of arrival. */
import { ITEM_ID_BYTES_MAX } from '../profile/recent-items.ts';
import {
  aggregate,
  and,
  atMost,
  call,
  cast,
  choose,
  column,
  columnsOf,
  equal,
  isIn,
  list,
  literal,
  not,
  query,
  rising,
  select,
  table,
  unequal,
  whole,
} from '../query/build.ts';
import type { Expression, Select, Statement } from '../query/tree.ts';
import { BASKET_LINES_NIGHTLY_MAX, POSITIVE_WEIGHTS } from '../recommend/learning.ts';
import type { UtcDate } from './days.ts';
import { instantIn, scalarAt } from './json-fields.ts';
import { replaceDay } from './replacing.ts';

/** A line of an event is the newer, the later it stands in the event. */
export const POSITIVE_KEY = ['tenant', 'profile_key', 'line_key', 'item'] as const;
const HELD = ['arrived_at', 'place', 'weight', 'lines'] as const;
const OF_EVENT = ['tenant', 'profile_key', 'line_key', 'arrived_at', 'weight'] as const;

const HEX_DIGITS_PER_BYTE = 2;

/** Events that count: no copies, and no order that was counted before. */
const events = (day: UtcDate): Select =>
  select({
    columns: {
      ...columnsOf('e', ['tenant', 'profile_key', 'line_key', 'arrived_at', 'name']),
      j: call('try', call('json_parse', column('e', 'line'))),
    },
    from: table('events', 'e'),
    where: and(
      equal(column('e', 'arrival_day'), literal(day)),
      isIn(column('e', 'name'), Object.keys(POSITIVE_WEIGHTS)),
      ...['stub', 'dup', 'again'].map((flag) => not(column('e', flag))),
    ),
  });

const x: Expression = { kind: 'parameter', name: 'x' };
const lambda = (body: Expression): Expression => ({ kind: 'lambda', parameter: 'x', body });

/** Ids of the event's lines in their order; null where a line has none. */
const lineIds = (json: Expression): Expression => {
  const lines = cast(call('json_extract', json, literal('$.commerce.items')), 'array(json)');
  const ids = call(
    'transform',
    lines,
    lambda(call('json_extract_scalar', x, literal('$.productId'))),
  );
  const none = call('filter', list(literal('')), lambda(literal(false)));
  return call('coalesce', call('try', ids), none);
};

const read = (day: UtcDate): Select =>
  select({
    columns: {
      ...columnsOf('e', ['tenant', 'profile_key', 'line_key']),
      arrived_at: instantIn(column('e', 'arrived_at')),
      weight: choose(
        Object.entries(POSITIVE_WEIGHTS).map(([name, weight]) => [
          equal(column('e', 'name'), literal(name)),
          whole(weight),
        ]),
      ),
      product: scalarAt(column('e', 'j'), 'properties.product_id'),
      ids: lineIds(column('e', 'j')),
    },
    from: query(events(day), 'e'),
  });

/** A row for the event's own product, and one for each of its lines. */
const named = (day: UtcDate): Select => {
  const n = column('u', 'n');
  const ofLine = call('element_at', column('r', 'ids'), call('greatest', n, whole(1)));
  return select({
    columns: {
      ...columnsOf('r', OF_EVENT),
      n,
      item: choose([[equal(n, whole(0)), column('r', 'product')]], ofLine),
    },
    from: query(read(day), 'r'),
    joins: [
      {
        kind: 'unnest',
        of: call('sequence', whole(0), call('cardinality', column('r', 'ids'))),
        as: 'u',
        column: 'n',
      },
    ],
  });
};

/** Each item once, at the first place that names it. */
const distinct = (day: UtcDate): Select => {
  const item = column('n', 'item');
  const bytes = call('length', call('to_hex', call('to_utf8', item)));
  return select({
    columns: {
      ...columnsOf('n', [...OF_EVENT, 'item']),
      n: aggregate('min', column('n', 'n')),
    },
    from: query(named(day), 'n'),
    where: and(
      unequal(item, literal('')),
      atMost(bytes, whole(HEX_DIGITS_PER_BYTE * ITEM_ID_BYTES_MAX)),
    ),
    groupBy: [...OF_EVENT, 'item'].map((name) => column('n', name)),
  });
};

const placed = (day: UtcDate): Select => {
  const partition = ['tenant', 'profile_key', 'line_key'].map((name) => column('d', name));
  return select({
    columns: {
      ...columnsOf('d', [...OF_EVENT, 'item']),
      place: {
        kind: 'window',
        of: { kind: 'rowNumber' },
        partition,
        order: [rising(column('d', 'n'))],
      },
      items: { kind: 'window', of: aggregate('count'), partition, order: [] },
    },
    from: query(distinct(day), 'd'),
  });
};

export const positives = (day: UtcDate): Statement =>
  replaceDay({
    into: 'positives',
    day,
    key: POSITIVE_KEY,
    held: HELD,
    fresh: select({
      columns: {
        ...columnsOf('p', [...OF_EVENT, 'item', 'place']),
        lines: call('least', column('p', 'items'), whole(BASKET_LINES_NIGHTLY_MAX)),
      },
      from: query(placed(day), 'p'),
      where: atMost(column('p', 'place'), whole(BASKET_LINES_NIGHTLY_MAX)),
    }),
  });
