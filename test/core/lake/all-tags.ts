/** A tag of every op and period that the lake fills. */
import { compileTags } from '../../../functions/core/tags/compile.ts';
import { lifetime, over, type TagDefinition } from '../../../functions/core/tags/definition.ts';

const orders = { names: ['Order Completed', 'Order Cancelled', 'Order Refunded'] };
const week = over({ days: 7 });

export const DEFINITIONS = [
  { name: 'views', measure: { op: 'count' }, events: {}, period: week, source: 'both' },
  {
    ...{ name: 'revenue', period: lifetime(), source: 'both', events: orders },
    measure: { op: 'sum', field: 'commerce.revenueMicros' },
  },
  {
    ...{ name: 'orders', period: lifetime(), source: 'batch', events: orders },
    measure: { op: 'sum', field: 'commerce.orders' },
  },
  {
    ...{ name: 'least', period: week, source: 'both' },
    measure: { op: 'min', field: 'properties.price' },
    events: {
      where: [
        { field: 'properties.price', atLeast: -2.5 },
        { field: 'properties.plan', in: ["it's", 5] },
      ],
    },
  },
  {
    ...{ name: 'most', period: week, source: 'batch' },
    measure: { op: 'max', field: 'properties.price' },
    events: { where: [{ field: 'properties.plan', exists: true }] },
  },
  {
    ...{ name: 'plans', period: week, source: 'batch', events: {} },
    measure: { op: 'distinct', field: 'properties.plan' },
  },
  {
    ...{ name: 'favourite', period: week, source: 'batch', events: { kinds: ['track'] } },
    measure: {
      op: 'top',
      field: 'enrichment.categoryVector',
      weights: { 'Product Viewed': 1, 'Order Completed': 2.5 },
    },
  },
  {
    ...{ name: 'fading', period: lifetime(), source: 'batch', events: {} },
    measure: { op: 'top', field: 'properties.labels', halfLife: { days: 7 } },
  },
  {
    ...{ name: 'first_plan', period: lifetime(), source: 'both', events: {} },
    measure: { op: 'first', field: 'properties.plan' },
  },
  {
    ...{ name: 'last_plan', period: lifetime(), source: 'batch', events: {} },
    measure: { op: 'last', field: 'properties.plan' },
  },
  {
    ...{ name: 'first_seen', period: lifetime(), source: 'both', events: {} },
    measure: { op: 'first', field: 'timestamp' },
  },
  {
    ...{ name: 'since_order', period: lifetime(), source: 'both', events: orders },
    measure: { op: 'timeSince' },
  },
] as const satisfies readonly TagDefinition[];

export const TAGS = compileTags({
  tags: DEFINITIONS,
  segments: { rules: [], otherwise: 'none' },
});
export const VERSIONS = TAGS.lake.map(({ version }) => version);

export const versionOf = (name: (typeof DEFINITIONS)[number]['name']): string =>
  TAGS.lake.find(({ definition }) => definition.name === name)?.version ?? '';
