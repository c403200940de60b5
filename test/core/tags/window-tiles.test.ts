import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  boundWindow,
  decodeWindow,
  encodeWindow,
  readWindow,
  tilesMaxOf,
  windowTileOf,
  windowTiles,
} from '../../../functions/core/tags/window-tiles.ts';
import { epochMs, minutes, seconds } from '../../../functions/core/time.ts';
import { instantsBefore, NOW } from '../../support/counted-events.ts';

const shape = { length: minutes(5), hop: seconds(10) };
const bounds = { ...shape, tilesMax: tilesMaxOf(shape) };
const once = (at: number) => ({
  tiles: new Map([[windowTileOf(epochMs(at), shape.hop), 1]]),
  floor: 0,
});

test('an event leaves its window after the window and one hop, with no new event', () => {
  const start = epochMs(NOW - (NOW % 10_000));
  const read = (at: number) => readWindow(once(start), shape, epochMs(at)).amount;
  expect(read(start + 310_000 - 1)).toBe(1);
  expect(read(start + 310_000)).toBe(0);
});

test('what the fold forgets, no reader at or after the newest arrival wants', () => {
  fc.assert(
    fc.property(
      fc.array(instantsBefore(NOW)),
      fc.integer({ min: -60_000, max: 400_000 }),
      (times, later) => {
        const whole = times.map(once).reduce(windowTiles.merge, windowTiles.empty);
        const bounded = boundWindow(whole, bounds, NOW);
        const now = epochMs(NOW + later);
        expect(readWindow(bounded, shape, now)).toEqual({
          ...readWindow(whole, shape, now),
          cut: false,
        });
        expect(decodeWindow(encodeWindow(bounded))).toEqual({
          ...bounded,
          tiles: new Map([...bounded.tiles].sort(([a], [b]) => a - b)),
        });
      },
    ),
  );
});

test('an event dated 2030 wipes nothing', () => {
  const both = windowTiles.merge(once(NOW), once(Date.UTC(2030, 0, 1)));
  expect(readWindow(boundWindow(both, bounds, NOW), shape, NOW)).toMatchObject({ cut: false });
  expect(boundWindow(both, bounds, NOW).tiles.size).toBe(2);
});

test('tiles beyond the bound leave a floor, and the window says that it is cut', () => {
  const base = windowTileOf(NOW, shape.hop);
  const tiles = new Map(Array.from({ length: bounds.tilesMax + 1 }, (_, i) => [base + i, 1]));
  const bounded = boundWindow({ tiles, floor: 0 }, bounds, NOW);
  expect(bounded.tiles.size).toBe(bounds.tilesMax);
  expect(bounded.floor).toBe(base + 1);
  expect(readWindow(bounded, shape, NOW).cut).toBe(true);
  const windowFrom = (first: number) => epochMs((first - 1) * shape.hop + shape.length + shape.hop);
  expect(readWindow(bounded, shape, windowFrom(bounded.floor)).cut).toBe(false);
  expect(readWindow(bounded, shape, epochMs(windowFrom(bounded.floor) - 1)).cut).toBe(true);
});
