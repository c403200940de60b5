import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigRefused, hopOf } from '../../../functions/core/tags/check-tags.ts';
import { compileTags } from '../../../functions/core/tags/compile.ts';
import {
  lifetime,
  over,
  type TagDefinition,
  tagVersion,
} from '../../../functions/core/tags/definition.ts';
import { encodeTags, foldTags, noTags } from '../../../functions/core/tags/fold.ts';
import type { TagCondition } from '../../../functions/core/tags/segment.ts';
import { days, hours, minutes, seconds } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';
import { arbitraryTag } from '../../support/arbitrary-tags.ts';
import { counted, NOW } from '../../support/counted-events.ts';

const tag: TagDefinition = {
  name: 'views_5m',
  measure: { op: 'count' },
  events: { names: ['Product Viewed'] },
  period: over({ minutes: 5 }),
  source: 'stream',
};
const compiling =
  (...tags: readonly TagDefinition[]) =>
  () =>
    compileTags({ tags, segments: { rules: [], otherwise: 'x' } });

test('a window moves by the smallest hop that leaves at most 96 tiles', () => {
  const table = [
    [minutes(5), seconds(10)],
    [minutes(16), seconds(10)],
    [minutes(17), seconds(30)],
    [hours(1), minutes(1)],
    [hours(8), minutes(5)],
    [hours(24), minutes(30)],
    [hours(48), minutes(30)],
    [days(3), days(1)],
    [days(30), days(1)],
  ] as const;
  for (const [length, hop] of table) expect(hopOf(length)).toBe(hop);
  for (const odd of [seconds(15), minutes(16.5), hours(60), seconds(0)]) {
    expect(hopOf(odd), `${odd}`).toBe(odd === minutes(16.5) ? seconds(30) : undefined);
  }
});

test('a version is of the meaning, not of the writing', () => {
  const { source, ...rest } = tag;
  expect(tagVersion({ source, ...rest })).toBe(tagVersion(tag));
  expect(tagVersion(tag)).toMatch(/^[0-9a-f]{8}$/);
  expect(tagVersion({ ...tag, period: over({ minutes: 6 }) })).not.toBe(tagVersion(tag));
});

test('the versions of the shipped tags are frozen: a change of one is a new tag to every store', () => {
  const { folded } = compileTags(config);
  expect(Object.fromEntries(folded.map((each) => [each.definition.name, each.version]))).toEqual({
    views_5m: '4bcc6409',
    views_24h: '2968c652',
    clicks_5m: '2aaaa17d',
    clicks_24h: '3f6b40ed',
    impressions_24h: '7afe4823',
    adds_24h: 'ff35d1b0',
    orders_30d: 'bc0d26bf',
    revenue_30d: '78643f23',
    orders_total: 'a4f32cd8',
    ltv_total: '847f4419',
    first_seen: 'd50d9c26',
    last_seen: 'f7ad14ae',
    days_since_order: 'ee16007a',
  });
});

const lifelong = { ...tag, period: lifetime() };
const plan = { op: 'last', field: 'properties.plan' } as const;
const top = { op: 'top', field: 'properties.plan' } as const;

test('what cannot be kept is refused in a sentence', () => {
  const sum = { op: 'sum', field: 'commerce.orders' } as const;
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ name: 'Views' }, /another name/],
    [{ name: 'segment_id' }, /another name/],
    [{ period: over({ minutes: 5 }), source: 'both' }, /only the stream/],
    [{ period: over({ hours: 48 }), source: 'batch' }, /only the stream/],
    [{ period: over({ hours: 60 }) }, /no multiple/],
    [{ period: { kind: 'over', length: 59_000 } }, /1 minute to 365 days/],
    [{ period: over({ days: 366 }), source: 'batch' }, /1 minute to 365 days/],
    [{ period: over({ days: 121 }), measure: sum, source: 'both' }, /only the nightly/],
    [{ period: over({ days: 121 }) }, /only the nightly/],
    [{ measure: { op: 'timeSince' } }, /lifetime/],
    [{ measure: plan, period: over({ days: 9 }), source: 'batch' }, /lifetime/],
    [{ measure: top, period: over({ days: 90 }) }, /nightly job alone/],
    [{ measure: top, period: lifetime(), source: 'both' }, /in the one or in the other/],
    [
      { measure: { ...plan, op: 'distinct' }, period: lifetime(), source: 'both' },
      /in the one or in the other/,
    ],
    [{ measure: { ...top, weights: { Viewed: 0 } }, period: lifetime() }, /weighs "Viewed"/],
    [
      { measure: { ...top, weights: { Viewed: 0.000_000_1 } }, period: lifetime() },
      /at most 6 decimals/,
    ],
    [
      { measure: { ...top, halfLife: { days: 7 } }, period: over({ days: 90 }), source: 'batch' },
      /what fades/,
    ],
    [{ measure: { ...top, halfLife: { hours: 23 } }, period: lifetime() }, /half-life outside/],
    [{ measure: { op: 'sum', field: 'properties.' } }, /reads "properties\."/],
    [{ measure: { op: 'sum', field: 'price' } }, /below properties, context/],
    [{ events: { where: [{ field: 'properties.a-b', exists: true }] } }, /a field is a path/],
    [{ events: { where: [{ field: 'properties.a', atLeast: 0.1 + 0.2 }] } }, /6 decimals/],
    [{ events: { where: [{ field: 'properties.a', in: [] }] } }, /empty list/],
    [{ events: { names: [] } }, /empty list/],
    [
      {
        ...lifelong,
        source: 'both',
        previously: { measure: tag.measure, events: tag.events, period: lifetime() },
      },
      /means previously what it means now/,
    ],
    [
      {
        ...lifelong,
        source: 'both',
        previously: { measure: tag.measure, events: {}, period: over({ days: 200 }) },
      },
      /only the nightly/,
    ],
  ];
  for (const [change, sentence] of refused) {
    const compile = compiling({ ...tag, ...change } as TagDefinition);
    expect(compile, JSON.stringify(change)).toThrow(ConfigRefused);
    expect(compile, JSON.stringify(change)).toThrow(sentence);
    expect(compile).toThrow(/^The tag "\w+" in tributary.config.ts [^.]*([.][^.]+)*\.$/);
  }
  expect(compiling(tag, tag)).toThrow(/twice/);
});

const named = (count: number, shape: object): readonly TagDefinition[] =>
  Array.from({ length: count }, (_, index) => ({ ...tag, ...shape, name: `t${index}` }));

test('tags that cannot fit into a profile at their smallest are refused, fewer are kept', () => {
  expect(compiling(...named(30, {}))).not.toThrow();
  expect(compiling(...named(50, {}))).toThrow(
    /50 tags that the stream keeps, of 1552 bytes at their smallest; a profile holds 1536/,
  );
});

test('what the nightly may have to say of a user fits, or is refused', () => {
  const sums = { measure: { op: 'sum', field: 'properties.price' }, period: over({ days: 120 }) };
  expect(compiling(...named(5, { ...sums, source: 'both' }))).not.toThrow();
  expect(compiling(...named(6, { ...sums, source: 'both' }))).toThrow(/nightly job fills/);
  expect(compiling(...named(6, { ...sums, source: 'batch' }))).not.toThrow();
});

test('the bounds are true: the tags of the fullest accepted config fit, whatever comes', () => {
  const said = { ...lifelong, measure: plan, source: 'stream', events: {} };
  const { folded } = compileTags({
    tags: [...named(41, said)],
    segments: { rules: [], otherwise: 'x' },
  });
  expect(compiling(...named(44, said))).toThrow(/at their smallest/);
  const evil = Array.from({ length: 40 }, (_, index) => {
    const { event, ...rest } = counted({ at: NOW + index, eventId: '\u0001'.repeat(100) }, index);
    return { ...rest, event: { ...event, properties: { plan: '\u0002'.repeat(64) } } };
  });
  const stored = encodeTags(foldTags(noTags(folded, NOW), evil, NOW));
  expect(Buffer.byteLength(JSON.stringify(stored))).toBeLessThanOrEqual(1_536);
});

test('a segment asks a defined tag, and for what its value is', () => {
  const asking = (when: TagCondition) => () =>
    compileTags({
      tags: [lifelong, { ...lifelong, name: 'plan', measure: plan, events: {} }],
      segments: { rules: [{ name: 's', when: [when] }], otherwise: 'x' },
    });
  expect(asking({ tag: 'nope', atLeast: 1 })).toThrow(/"nope", which is not defined/);
  expect(asking({ tag: 'plan', atLeast: 1 })).toThrow(
    /"plan" what one asks of a number value, and it has a text value/,
  );
  expect(asking({ tag: 'views_5m', is: 'gold' })).toThrow(
    /of a text value, and it has a number value/,
  );
  expect(asking({ tag: 'views_5m', agoAtMost: { days: 1 } })).toThrow(/of a time value/);
  expect(asking({ tag: 'plan', in: ['gold', 'silver'] })).not.toThrow();
});

test('a changed tag is folded and filled in both meanings, and offered once', () => {
  const changed: TagDefinition = {
    name: 'views',
    measure: { op: 'count' },
    events: { names: ['Product Viewed'] },
    period: lifetime(),
    source: 'both',
    previously: { measure: { op: 'count' }, events: {}, period: lifetime() },
  };
  const { previously: _, ...now } = changed as TagDefinition & { previously: object };
  const before = { ...now, events: {} } as TagDefinition;
  const { folded, lake, offered } = compileTags({
    tags: [changed],
    segments: { rules: [], otherwise: 'x' },
  });
  const versions = [tagVersion(now as TagDefinition), tagVersion(before)];
  expect(folded.map(({ version }) => version)).toEqual(versions);
  expect(lake.map(({ version }) => version)).toEqual(versions);
  expect(offered.map(({ version, previous }) => [version, previous?.version])).toEqual([versions]);
});

test('arbitrary tags of the tests compile', () => {
  fc.assert(
    fc.property(arbitraryTag(), (each) => {
      expect(compiling(each)).not.toThrow();
    }),
  );
});
