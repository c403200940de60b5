import { expect, test } from 'vitest';
import { RECORD_AGE_MARGIN_HOURS, sizeNamed, sizes } from '../../lib/config.ts';
import { monthlyFloor } from '../../lib/cost/floor.ts';
import { idleMinutesUsd } from '../../lib/cost/minutes.ts';
import { idleNightsUsd } from '../../lib/cost/nights.ts';

test('the command line decides the size, then the config file, then standard', () => {
  expect(sizeNamed('scale', 'starter').size).toBe('scale');
  expect(sizeNamed(undefined, 'starter').size).toBe('starter');
  expect(sizeNamed(undefined, undefined).size).toBe('standard');
});

test('an unknown size is refused with the ones there are', () => {
  expect(() => sizeNamed('huge')).toThrow(
    'unknown size "huge": take one of starter, standard, scale',
  );
});

test('every stream outlives the margin before its records are set aside', () => {
  for (const { streams } of Object.values(sizes)) {
    for (const { retentionHours } of Object.values(streams)) {
      expect(retentionHours - RECORD_AGE_MARGIN_HOURS).toBeGreaterThanOrEqual(22);
    }
  }
});

test('the floor is the sum of its lines, each of which costs something', () => {
  for (const config of Object.values(sizes)) {
    const { usd, lines } = monthlyFloor(config, { alarms: 21 });
    expect(lines.reduce((total, line) => total + line.usd, 0)).toBeCloseTo(usd, 10);
    expect(lines.filter((line) => line.usd <= 0)).toEqual([]);
  }
});

test('the floor of scale by hand: 348 shards, 328 of them kept longer, tables, nodes, endpoint, key, alarms, nights, minutes', () => {
  const byHand =
    348 * 10.95 +
    328 * 14.6 +
    2 * 730 * (500 * 0.00013 + 500 * 0.00065) +
    4 * 127.75 +
    14.6 +
    1 +
    2.1 +
    idleNightsUsd(sizes.scale) +
    idleMinutesUsd(sizes.scale);
  expect(monthlyFloor(sizes.scale, { alarms: 21 }).usd).toBeCloseTo(byHand, 6);
});
