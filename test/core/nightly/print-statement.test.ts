import { expect, test } from 'vitest';
import { dayNumber, planNight } from '../../../functions/core/nightly/plan-night.ts';
import { requestOf } from '../../../functions/core/nightly/print-statement.ts';
import { epochMs } from '../../../functions/core/time.ts';

const plan = planNight(
  { runId: '1795500000000-ab12', attempt: 1, versions: ['c'] },
  {
    now: epochMs(Date.parse('2026-11-24T02:00:00.000Z')),
    cut: dayNumber('2026-11-24'),
    loaded: {
      ...{ runId: '1795400000000-0000', cut: '2026-11-23', filled: ['a', 'b'] },
      ...{ firstDay: '2026-11-01', nights: [] },
    },
    firstLanding: undefined,
    versions: ['a', 'b', 'c'],
  },
);

test('each statement gets the versions that it is about', () => {
  const versionsOf = (asked: Parameters<typeof requestOf>[0]) =>
    Object(requestOf(asked, plan)).versions;
  expect(versionsOf({ kind: 'userDay', day: '2026-11-24' })).toEqual(['a', 'b', 'c']);
  expect(versionsOf({ kind: 'userDayOfRange', from: '2026-11-01', to: '2026-11-20' })).toEqual([
    'c',
  ]);
  // Days that the others have in their totals are added up for the new one alone.
  expect(versionsOf({ kind: 'userTotal', day: '2026-11-20' })).toEqual(['c']);
  expect(versionsOf({ kind: 'userTotal', day: '2026-11-21' })).toEqual(['a', 'b', 'c']);
  expect(versionsOf({ kind: 'curate', day: '2026-11-24' })).toBeUndefined();
});

test('what loads and what judges is about the run', () => {
  for (const kind of ['tags', 'guard', 'loaded', 'drift'] as const) {
    expect(requestOf({ kind }, plan)).toEqual({ kind, run: plan });
  }
  expect(requestOf({ kind: 'vacuum', table: 'events' }, plan)).toEqual({
    ...{ kind: 'vacuum', table: 'events' },
  });
});
