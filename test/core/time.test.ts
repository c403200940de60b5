import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  EPOCH_MS_MAX,
  epochMs,
  floorTo,
  fromRfc3339,
  minutes,
  toRfc3339,
  toUtcDate,
  utcDayOf,
} from '../../functions/core/time.ts';

const YEAR_0_MS = -62_167_219_200_000;
/** Half of them within a second of a day's edge, where calendars go wrong. */
const instants = fc.oneof(
  fc.integer({ min: YEAR_0_MS, max: EPOCH_MS_MAX }),
  fc
    .tuple(fc.integer({ min: -719_528, max: 2_932_896 }), fc.integer({ min: -1_000, max: 1_000 }))
    .map(([day, off]) => Math.max(YEAR_0_MS, Math.min(EPOCH_MS_MAX, day * 86_400_000 + off))),
);

test('the calendar without a clock agrees with the runtime on every instant it can write', () => {
  fc.assert(
    fc.property(instants, (at) => {
      const text = new Date(at).toISOString();
      expect(toRfc3339(epochMs(at))).toBe(text);
      expect(fromRfc3339(text)).toBe(at);
    }),
    { numRuns: 5_000 },
  );
});

describe('reading RFC 3339', () => {
  test.each([
    ['2026-11-21', '2026-11-21T00:00:00.000Z'],
    ['2026-11-21T09:40', '2026-11-21T09:40:00.000Z'],
    ['2026-11-21 09:40:01', '2026-11-21T09:40:01.000Z'],
    ['2026-11-21T09:40:01.5Z', '2026-11-21T09:40:01.500Z'],
    ['2026-11-21T09:40:01.123456789Z', '2026-11-21T09:40:01.123Z'],
    ['2026-11-21T09:40:00+02:30', '2026-11-21T07:10:00.000Z'],
    ['2026-11-21T23:40:00-0100', '2026-11-22T00:40:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ])('%s is %s', (text, instant) => {
    const at = fromRfc3339(text);
    expect(at === undefined ? undefined : toRfc3339(at)).toBe(instant);
  });

  test.each([
    '',
    'now',
    '2026-13-01',
    '2026-02-29',
    '2026-00-10',
    '2026-01-32',
    '2026-01-01T24:00',
    '2026-01-01T00:60',
    '20260101',
    '2026-01-01T00:00:00ZZ',
  ])('%j is no instant', (text) => {
    expect(fromRfc3339(text)).toBeUndefined();
  });
});

test('an instant lies in the tile that starts at or before it and ends after it', () => {
  fc.assert(
    fc.property(instants, (at) => {
      const start = floorTo(epochMs(at), minutes(30));
      expect(start <= at && at < start + minutes(30)).toBe(true);
      expect(toUtcDate(utcDayOf(epochMs(at)))).toBe(new Date(at).toISOString().slice(0, 10));
    }),
  );
});

test('where a digit is expected, nothing else is one', () => {
  const canonical = '2026-11-21T09:40:07.123Z';
  for (let place = 0; place < canonical.length; place += 1) {
    for (const other of ['/', ':', '-', 'Z', '٣', 'x']) {
      if (canonical[place] === other) continue;
      const changed = canonical.slice(0, place) + other + canonical.slice(place + 1);
      expect(fromRfc3339(changed), changed).toBeUndefined();
    }
  }
});
