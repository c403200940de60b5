import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutAt, type Lags, type Reading } from '../../../functions/core/nightly/cut.ts';
import { epochMs, toUtcDate } from '../../../functions/core/time.ts';

const MINUTE = 60_000;
const at = (text: string) => epochMs(Date.parse(text));
const reading = (text: string, value: number): Reading => ({ at: at(text), value });
const dayOf = (text: string) => Date.parse(text) / 86_400_000;

const NOW = at('2026-11-24T02:00:00.000Z');
const TODAY = dayOf('2026-11-24');
const calm: Lags = {
  iteratorAgeMs: [reading('2026-11-24T01:58:00.000Z', 1_000)],
  readLagMs: [reading('2026-11-24T01:58:00.000Z', 0)],
  freshnessMs: [reading('2026-11-24T01:58:00.000Z', 60_000)],
  incoming: [reading('2026-11-24T01:58:00.000Z', 10)],
};

test('a calm pipeline at two in the morning: the cut is this midnight', () => {
  expect(cutAt(NOW, calm, undefined)).toEqual({ day: TODAY, unknown: [] });
});

test('five minutes after midnight the day before is not over for certain', () => {
  const quiet = { ...calm, iteratorAgeMs: [], readLagMs: [], freshnessMs: [], incoming: [] };
  expect(cutAt(at('2026-11-24T00:05:00.000Z'), quiet, undefined).day).toBe(TODAY);
  expect(cutAt(at('2026-11-24T00:04:59.999Z'), quiet, undefined).day).toBe(TODAY - 1);
});

test('each of the three lags is taken off', () => {
  for (const name of ['iteratorAgeMs', 'readLagMs', 'freshnessMs'] as const) {
    const behind = { ...calm, [name]: [reading('2026-11-24T01:58:00.000Z', 2 * 3_600_000)] };
    expect(cutAt(NOW, behind, undefined).day).toBe(TODAY - 1);
  }
  const together: Lags = {
    ...calm,
    iteratorAgeMs: [reading('2026-11-24T01:58:00.000Z', 40 * MINUTE)],
    readLagMs: [reading('2026-11-24T01:58:00.000Z', 40 * MINUTE)],
    freshnessMs: [reading('2026-11-24T01:58:00.000Z', 35 * MINUTE)],
  };
  expect(cutAt(NOW, together, undefined).day).toBe(TODAY);
  const more = { ...together, readLagMs: [reading('2026-11-24T01:58:00.000Z', 40 * MINUTE + 1)] };
  expect(cutAt(NOW, more, undefined).day).toBe(TODAY - 1);
});

test('of the last 15 minutes the largest lag counts, an older one does not', () => {
  const was = (minute: string) => ({
    ...calm,
    iteratorAgeMs: [
      ...calm.iteratorAgeMs,
      reading(`2026-11-24T01:${minute}:00.000Z`, 3 * 3_600_000),
    ],
  });
  expect(cutAt(NOW, was('46'), undefined).day).toBe(TODAY - 1);
  expect(cutAt(NOW, was('45'), undefined).day).toBe(TODAY);
});

test('a lag that nobody told of is 0 where nothing has come in since, else the old cut stays', () => {
  const silent: Lags = {
    ...calm,
    iteratorAgeMs: [reading('2026-11-23T20:00:00.000Z', 5_000)],
    incoming: [reading('2026-11-23T20:00:00.000Z', 7)],
  };
  expect(cutAt(NOW, silent, TODAY - 3)).toEqual({ day: TODAY, unknown: [] });
  const stuck = {
    ...silent,
    incoming: [...silent.incoming, reading('2026-11-23T20:01:00.000Z', 1)],
  };
  expect(cutAt(NOW, stuck, TODAY - 3)).toEqual({ day: TODAY - 3, unknown: ['iteratorAgeMs'] });
});

test('without an old cut, what came in since a lag was last known is not counted on', () => {
  const stuck: Lags = {
    ...calm,
    iteratorAgeMs: [reading('2026-11-22T20:00:00.000Z', 5_000)],
    incoming: [reading('2026-11-23T00:04:00.000Z', 1), reading('2026-11-23T21:00:00.000Z', 1)],
  };
  expect(cutAt(NOW, stuck, undefined)).toEqual({ day: TODAY - 2, unknown: ['iteratorAgeMs'] });
  const never = { ...stuck, iteratorAgeMs: [], readLagMs: [], freshnessMs: [] };
  expect(toUtcDate(cutAt(NOW, never, undefined).day)).toBe('2026-11-22');
});

const readings = fc.array(
  fc.record({
    at: fc
      .integer({ min: NOW - 1_500 * MINUTE, max: NOW })
      .map((ms) => epochMs(ms - (ms % MINUTE))),
    value: fc.integer({ min: 0, max: 200_000_000 }),
  }),
  { maxLength: 6 },
);

test('the cut never goes back, and is never after now', () => {
  fc.assert(
    fc.property(
      fc.record({
        iteratorAgeMs: readings,
        readLagMs: readings,
        freshnessMs: readings,
        incoming: readings,
      }),
      fc.option(fc.integer({ min: TODAY - 5, max: TODAY }), { nil: undefined }),
      (lags, old) => {
        const { day } = cutAt(NOW, lags, old);
        expect(day).toBeLessThanOrEqual(TODAY);
        expect(day).toBeGreaterThanOrEqual(old ?? day);
      },
    ),
  );
});
