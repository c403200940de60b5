/** The compiler checks this file: what cannot be kept cannot be written down. */
import { expect, test } from 'vitest';
import { lifetime, over, type TagDefinition } from '../../../functions/core/tags/definition.ts';

const name = 'tag';
const events = {};
const month = over({ days: 30 });
const stream = 'stream';
const both = 'both';
const batch = 'batch';
const plan = 'properties.plan';

const right: readonly TagDefinition[] = [
  { name, measure: { op: 'count' }, events, period: over({ minutes: 1 }), source: stream },
  { name, measure: { op: 'max', field: plan }, events, period: month, source: both },
  { name, measure: { op: 'distinct', field: plan }, events, period: month, source: stream },
  { name, measure: { op: 'last', field: plan }, events, period: lifetime(), source: both },
  { name, measure: { op: 'top', field: plan }, events, period: month, source: batch },
  {
    name,
    measure: { op: 'top', field: plan, halfLife: { days: 7 }, weights: { 'Product Viewed': 2 } },
    events: { where: [{ field: 'context.device.type', in: ['phone', 'tablet'] }] },
    period: lifetime(),
    source: stream,
  },
  {
    name,
    measure: { op: 'count' },
    events,
    period: month,
    source: both,
    previously: { measure: { op: 'count' }, events, period: over({ days: 29 }) },
  },
];

/** Each line is refused by the compiler, or the compiler complains that nothing was. */
const wrong: readonly TagDefinition[] = [
  // @ts-expect-error: the top of a window is not kept in the stream
  { name, measure: { op: 'top', field: plan }, events, period: month, source: stream },
  // @ts-expect-error: what stream and nightly each rank cannot be added up
  { name, measure: { op: 'top', field: plan }, events, period: lifetime(), source: both },
  // @ts-expect-error: nor can two counts of different values
  { name, measure: { op: 'distinct', field: plan }, events, period: month, source: both },
  // @ts-expect-error: an instant is over a lifetime
  { name, measure: { op: 'timeSince' }, events, period: month, source: stream },
  // @ts-expect-error: and so is what was said first
  { name, measure: { op: 'first', field: plan }, events, period: month, source: batch },
  // @ts-expect-error: what fades is over a lifetime
  {
    name,
    measure: { op: 'top', field: plan, halfLife: { days: 7 } },
    events,
    period: month,
    source: batch,
  },
  // @ts-expect-error: a sum is of a field
  { name, measure: { op: 'sum' }, events, period: month, source: stream },
  // @ts-expect-error: a field lies below one of the parts of an event
  { name, measure: { op: 'sum', field: 'price' }, events, period: month, source: stream },
  // @ts-expect-error: there is no such op
  { name, measure: { op: 'median', field: plan }, events, period: month, source: batch },
  // @ts-expect-error: nor such a place
  { name, measure: { op: 'count' }, events, period: month, source: 'lake' },
  // @ts-expect-error: nor such a kind of event
  { name, measure: { op: 'count' }, events: { kinds: ['order'] }, period: month, source: stream },
  {
    name,
    measure: { op: 'count' },
    // @ts-expect-error: a number is at least a number
    events: { where: [{ field: plan, atLeast: '3' }] },
    period: month,
    source: stream,
  },
  {
    name,
    measure: { op: 'count' },
    events,
    period: lifetime(),
    source: stream,
    // @ts-expect-error: the stream alone has no history to fill a new meaning from
    previously: { measure: { op: 'count' }, events, period: lifetime() },
  },
];

test('tags of every shape can be written, and wrong ones do not compile', () => {
  expect(right.length + wrong.length).toBeGreaterThan(0);
});
