import { expect, test } from 'vitest';
import { hopOf } from '../../../functions/core/tags/check-tags.ts';
import { compileTags } from '../../../functions/core/tags/compile.ts';
import {
  lifetime,
  over,
  type TagDefinition,
  tagVersion,
} from '../../../functions/core/tags/definition.ts';
import { days, hours, minutes, seconds } from '../../../functions/core/time.ts';
import { config } from '../../../tributary.config.ts';

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

test('what cannot be kept is refused in a sentence', () => {
  const sum = { op: 'sum', field: 'commerce.orders' } as const;
  const refused: readonly (readonly [object, RegExp])[] = [
    [{ name: 'Views' }, /another name/],
    [{ name: 'segment_id' }, /another name/],
    [{ period: over({ minutes: 5 }), source: 'both' }, /only the stream/],
    [{ period: over({ hours: 60 }) }, /no multiple/],
    [{ period: over({ days: 121 }), measure: sum, source: 'both' }, /only the nightly/],
    [{ measure: { op: 'timeSince' } }, /lifetime/],
    [
      {
        measure: { op: 'top', field: 'enrichment.categoryVector', weights: {} },
        period: over({ days: 90 }),
      },
      /nightly/,
    ],
  ];
  for (const [change, sentence] of refused)
    expect(compiling({ ...tag, ...change } as TagDefinition)).toThrow(sentence);
  expect(compiling(tag, tag)).toThrow(/twice/);
  const many = Array.from({ length: 25 }, (_, index) => ({ ...tag, name: `t${index}` }));
  expect(compiling(...many)).toThrow(/holds 24/);
  expect(() =>
    compileTags({
      tags: [{ ...tag, period: lifetime() }],
      segments: { rules: [{ name: 's', when: [{ tag: 'nope', atLeast: 1 }] }], otherwise: 'x' },
    }),
  ).toThrow(/"nope"/);
});
