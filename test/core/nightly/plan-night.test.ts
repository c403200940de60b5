import { expect, test } from 'vitest';
import {
  dayNumber,
  type Known,
  planNight,
  RunRefused,
  totalledVersions,
} from '../../../functions/core/nightly/plan-night.ts';
import type { LoadedRun } from '../../../functions/core/nightly/run.ts';
import { epochMs } from '../../../functions/core/time.ts';

const RUN = { runId: '1795500000000-ab12', attempt: 1, versions: [] };
const NOW = epochMs(Date.parse('2026-11-24T02:00:00.000Z'));

const loaded = (more: Partial<LoadedRun> = {}): LoadedRun => ({
  runId: '1795400000000-0000',
  cut: '2026-11-23',
  filled: ['a', 'b'],
  firstDay: '2026-05-01',
  listed: '2026-11-23',
  nights: [],
  ...more,
});

const known = (more: Partial<Known> = {}): Known => ({
  now: NOW,
  cut: dayNumber('2026-11-24'),
  loaded: loaded(),
  firstLanding: undefined,
  versions: ['a', 'b'],
  ...more,
});

test('a night curates from two days before the last cut, and adds up to three days before its own', () => {
  expect(planNight(RUN, known())).toEqual({
    runId: RUN.runId,
    attempt: 1,
    cut: '2026-11-24',
    watermark: '2026-11-23',
    today: '2026-11-24',
    firstDay: '2026-05-01',
    days: ['2026-11-21', '2026-11-22', '2026-11-23', '2026-11-24'],
    learnDays: ['2026-11-21', '2026-11-22', '2026-11-23', '2026-11-24'],
    totals: ['2026-11-21'],
    backfill: [],
    versions: ['a', 'b'],
    newVersions: [],
    allUsers: false,
    tend: [],
  });
});

test('a second run of the same day does the days again, and has no day to add', () => {
  const plan = planNight(RUN, known({ loaded: loaded({ cut: '2026-11-24' }) }));
  expect(plan.days).toEqual(['2026-11-22', '2026-11-23', '2026-11-24']);
  expect(plan.totals).toEqual([]);
});

test('after an outage every day is curated and added, none is skipped', () => {
  const plan = planNight(RUN, known({ loaded: loaded({ cut: '2026-11-10' }) }));
  expect(plan.days[0]).toBe('2026-11-08');
  expect(plan.days).toHaveLength(17);
  expect(plan.totals[0]).toBe('2026-11-08');
  expect(plan.totals.at(-1)).toBe('2026-11-21');
  // Every day that is added was curated by this run, or had been when the last one added its days.
  expect(plan.totals.every((day) => day >= (plan.days[0] ?? ''))).toBe(true);
});

test('the first run ever takes everything that has landed, for all versions and users', () => {
  const plan = planNight(RUN, known({ loaded: undefined, firstLanding: '2026-11-20' }));
  expect(plan.days).toEqual(
    ['16', '17', '18', '19', '20', '21', '22', '23', '24'].map((day) => `2026-11-${day}`),
  );
  expect(plan.totals.at(-1)).toBe('2026-11-21');
  expect(plan.totals[0]).toBe('2026-11-16');
  expect(plan).toMatchObject({ watermark: null, versions: ['a', 'b'], allUsers: true });
});

test('a platform without an event has a night too', () => {
  const plan = planNight(RUN, known({ loaded: undefined }));
  expect(plan).toMatchObject({ days: ['2026-11-24'], totals: [], firstDay: '2026-11-24' });
});

test('a version that is new waits for its backfill', () => {
  expect(planNight(RUN, known({ versions: ['a', 'b', 'c'] })).versions).toEqual(['a', 'b']);
});

test('a backfill takes all days in ranges of at most 90, and its totals from the first day on', () => {
  const run = { ...RUN, versions: ['c'] };
  const plan = planNight(run, known({ versions: ['a', 'c', 'b'] }));
  expect(plan).toMatchObject({ versions: ['a', 'c', 'b'], newVersions: ['c'], allUsers: true });
  expect(plan.backfill).toEqual([
    { from: '2026-05-01', to: '2026-07-29' },
    { from: '2026-07-30', to: '2026-10-27' },
    { from: '2026-10-28', to: '2026-11-20' },
  ]);
  expect(plan.totals[0]).toBe('2026-05-01');
  expect(plan.totals.at(-1)).toBe('2026-11-21');
  expect(totalledVersions(plan, '2026-11-20')).toEqual(['c']);
  expect(totalledVersions(plan, '2026-11-21')).toEqual(['a', 'c', 'b']);
});

test('a version that the config does not have cannot be filled', () => {
  expect(() => planNight({ ...RUN, versions: ['x'] }, known())).toThrow(RunRefused);
});

test('a version that a loaded run left out is no longer filled', () => {
  const plan = planNight(RUN, known({ loaded: loaded({ filled: ['b'] }) }));
  expect(plan.versions).toEqual(['b']);
});

test('on Sundays the tables are tended', () => {
  const sunday = known({ now: epochMs(Date.parse('2026-11-29T02:00:00.000Z')) });
  expect(planNight(RUN, sunday).tend).toHaveLength(12);
});

test('landing objects are kept 90 days: no older day is curated', () => {
  const plan = planNight(RUN, known({ loaded: loaded({ cut: '2026-06-01' }) }));
  expect(plan.days[0]).toBe('2026-08-22');
});

test('pairs are learnt from two days before the last lists, and of a hundred and twenty days at most', () => {
  const daysOf = (more: Partial<LoadedRun>) =>
    planNight(RUN, known({ loaded: loaded(more) })).learnDays;
  expect(daysOf({ listed: '2026-11-15' })[0]).toBe('2026-11-13');
  expect(daysOf({ listed: undefined })).toHaveLength(121);
  expect(daysOf({ listed: undefined, firstDay: '2026-11-20' })[0]).toBe('2026-11-20');
  expect(daysOf({ listed: '2026-01-01' })[0]).toBe('2026-07-27');
});
