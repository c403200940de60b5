import { expect, test } from 'vitest';
import { segmentOf } from '../../../functions/core/tags/segment.ts';
import { NOW } from '../../support/counted-events.ts';

const segments = {
  rules: [
    { name: 'pro', when: [{ tag: 'plan', in: ['pro', 'team'] }] },
    { name: 'free', when: [{ tag: 'plan', is: 'free' }] },
    { name: 'rich', when: [{ tag: 'spent', atLeast: 100 }] },
  ],
  otherwise: 'other',
};
const of = (tags: Readonly<Record<string, number | string>>, partial = false) =>
  segmentOf(
    segments,
    new Map(Object.entries(tags).map(([name, comparable]) => [name, { comparable, partial }])),
    NOW,
  );

test('texts are asked with is and in, numbers with bounds, and neither with the other', () => {
  expect(of({ plan: 'team' }).value).toBe('pro');
  expect(of({ plan: 'free' }).value).toBe('free');
  expect(of({ plan: 'gold' }).value).toBe('other');
  expect(of({ plan: 'gold', spent: 100 }).value).toBe('rich');
  expect(of({ spent: '1000' }).value).toBe('other');
  expect(of({}).value).toBe('other');
});

test('a segment that rests on a partial text is partial', () => {
  expect(of({ plan: 'free' }, true)).toEqual({ value: 'free', partial: true });
});
