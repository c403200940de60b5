/** Random definitions that compile, of every op, over events of `arbitrary-logs.ts`. */
import fc from 'fast-check';
import type {
  EventFilter,
  FieldFilter,
  FieldPath,
  Measure,
  Period,
  TagDefinition,
  TagSource,
} from '../../functions/core/tags/definition.ts';
import { lifetime, over } from '../../functions/core/tags/definition.ts';
import { LOG_NAMES } from './arbitrary-logs.ts';

const NUMBER_FIELDS: readonly FieldPath[] = ['properties.price', 'properties.plan'];
const ORDER_FIELDS: readonly FieldPath[] = ['commerce.orders', 'commerce.revenueMicros'];
const TEXT_FIELDS: readonly FieldPath[] = [
  'properties.plan',
  'properties.deep.flag',
  'properties.price',
  'enrichment.deviceType',
  'context.device.type',
];
const LIST_FIELDS: readonly FieldPath[] = [
  'enrichment.categoryVector',
  'properties.labels',
  'properties.plan',
];

const filters: fc.Arbitrary<FieldFilter> = fc.oneof(
  fc.record({ field: fc.constantFrom(...TEXT_FIELDS), exists: fc.boolean() }),
  fc.constantFrom<FieldFilter>(
    { field: 'properties.plan', is: 'gold' },
    { field: 'properties.plan', is: '' },
    { field: 'properties.plan', is: "o'hara" },
    { field: 'properties.plan', is: 5 },
    { field: 'properties.plan', in: ['gold', 'silver', '\u{1f600}'] },
    { field: 'properties.price', is: 19.99 },
    { field: 'properties.price', is: '19.99' },
    { field: 'properties.price', in: [1, 0.1, 'true'] },
    { field: 'properties.price', atLeast: 1 },
    { field: 'properties.price', atMost: -1 },
    { field: 'properties.price', atLeast: 0.1 },
    { field: 'properties.deep.flag', is: true },
    { field: 'properties.nothing.here', exists: false },
    { field: 'enrichment.deviceType', in: ['MOBILE'] },
    { field: 'commerce.orders', atLeast: 1 },
  ),
);

const events: fc.Arbitrary<EventFilter> = fc.record(
  {
    kinds: fc.constantFrom(['page' as const], ['track' as const, 'identify' as const]),
    names: fc.uniqueArray(fc.constantFrom(...LOG_NAMES.filter((name) => name !== '')), {
      minLength: 1,
      maxLength: 3,
    }),
    where: fc.array(filters, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: [] },
);

const amounts: fc.Arbitrary<Measure> = fc.oneof(
  fc.constant({ op: 'count' as const }),
  fc.record({
    op: fc.constantFrom('sum' as const, 'min' as const, 'max' as const),
    field: fc.constantFrom(...NUMBER_FIELDS, ...ORDER_FIELDS),
  }),
);
const instants: fc.Arbitrary<Measure> = fc.oneof(
  fc.constant({ op: 'timeSince' as const }),
  fc.record({
    op: fc.constantFrom('first' as const, 'last' as const),
    field: fc.constantFrom('timestamp' as const, ...TEXT_FIELDS),
  }),
);
const distincts: fc.Arbitrary<Measure> = fc.record({
  op: fc.constant('distinct' as const),
  field: fc.constantFrom(...TEXT_FIELDS, ...LIST_FIELDS),
});
const weights = { 'Product Viewed': 1, 'Product Clicked': 2.5, 'Order Completed': 0.000_001 };
const tops = (halfLives: boolean): fc.Arbitrary<Measure> =>
  fc.record(
    {
      op: fc.constant('top' as const),
      field: fc.constantFrom(...LIST_FIELDS),
      weights: fc.constant(weights),
      ...(halfLives && { halfLife: fc.constantFrom({ days: 7 }, { days: 1 }) }),
    },
    { requiredKeys: ['op', 'field'] },
  );

const short: fc.Arbitrary<Period> = fc
  .constantFrom({ minutes: 1 }, { minutes: 5 }, { minutes: 48 }, { hours: 8 }, { hours: 48 })
  .map(over);
const long = (daysMax: number): fc.Arbitrary<Period> =>
  fc
    .constantFrom(...[3, 7, 30, 120, 365].filter((each) => each <= daysMax))
    .map((days) => over({ days }));
const always: fc.Arbitrary<Period> = fc.constant(lifetime());

const made = (
  source: TagSource,
  measure: fc.Arbitrary<Measure>,
  ...periods: readonly fc.Arbitrary<Period>[]
): fc.Arbitrary<TagDefinition> =>
  fc
    .tuple(measure, events, fc.oneof(...periods))
    .map(
      ([each, filter, period]) =>
        ({ name: 'tag', measure: each, events: filter, period, source }) as TagDefinition,
    );

const bySource: Readonly<Record<TagSource, fc.Arbitrary<TagDefinition>>> = {
  stream: fc.oneof(
    made('stream', amounts, short, long(120), always),
    made('stream', instants, always),
    made('stream', distincts, short, long(120), always),
    made('stream', tops(true), always),
  ),
  both: fc.oneof(made('both', amounts, long(120), always), made('both', instants, always)),
  batch: fc.oneof(
    made('batch', amounts, long(365), always),
    made('batch', instants, always),
    made('batch', distincts, long(365), always),
    made('batch', tops(false), long(365), always),
    made('batch', tops(true), always),
  ),
};

/** Every one of them compiles. */
export const arbitraryTag = (
  sources: readonly TagSource[] = ['stream', 'batch', 'both'],
): fc.Arbitrary<TagDefinition> => fc.oneof(...sources.map((source) => bySource[source]));
