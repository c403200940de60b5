import { expect, test } from 'vitest';
import {
  addToSketch,
  decodeSketch,
  encodeSketch,
  estimateOf,
  estimateWithout,
  newSketch,
  SKETCH_ERROR_PERCENT,
  SKETCH_EXACT_MAX,
  type Sketch,
  unionOf,
} from '../../../functions/core/analytics/sketch.ts';
import { hash48 } from '../../../functions/core/hash.ts';

const sketchOf = (group: string, count: number, from = 0): Sketch => {
  const sketch = newSketch();
  for (let n = from; n < from + count; n += 1) addToSketch(sketch, hash48(`${group}-${n}`));
  return sketch;
};

test('up to 256 different things are counted, however often each comes', () => {
  for (const count of [0, 1, 255, SKETCH_EXACT_MAX]) {
    const sketch = sketchOf('user', count);
    for (let n = 0; n < count; n += 1) addToSketch(sketch, hash48(`user-${n}`));
    expect(estimateOf(sketch)).toEqual({ value: count, errorPercent: 0 });
  }
  expect(estimateOf(sketchOf('user', SKETCH_EXACT_MAX + 1)).errorPercent).toBe(
    SKETCH_ERROR_PERCENT,
  );
});

test('the union of what was counted is counted, and of what was estimated estimated', () => {
  const halves = unionOf([sketchOf('user', 250), sketchOf('user', 250, 200)]);
  expect(estimateOf(halves)).toEqual({ value: 450, errorPercent: 0 });
  const union = unionOf([sketchOf('user', 600), sketchOf('user', 10, 595)]);
  expect(encodeSketch(union)).toBe(encodeSketch(sketchOf('user', 605)));
});

/** Signed errors in percent over many groups of as many different users. */
const errorsAt = (count: number, groups: number): readonly number[] =>
  Array.from({ length: groups }, (_, group) => {
    const { value } = estimateOf(sketchOf(`group ${group}`, count));
    return (100 * (value - count)) / count;
  });

test.each([
  [SKETCH_EXACT_MAX + 1, 300],
  [1_000, 300],
  [5_000, 150],
  [20_000, 60],
])('estimates of %i users are unbiased and off by what is said', (count, groups) => {
  const errors = errorsAt(count, groups);
  const within = (percent: number): number =>
    errors.filter((error) => Math.abs(error) <= percent).length / groups;
  const mean = errors.reduce((sum, error) => sum + error, 0) / groups;
  // The mean of so many is itself off by a standard error over their root: three of those.
  expect(Math.abs(mean)).toBeLessThan((3 * SKETCH_ERROR_PERCENT) / Math.sqrt(groups));
  expect(within(SKETCH_ERROR_PERCENT)).toBeGreaterThan(0.6);
  expect(within(2 * SKETCH_ERROR_PERCENT)).toBeGreaterThan(0.92);
  expect(within(3.5 * SKETCH_ERROR_PERCENT)).toBe(1);
  // It is no better than that either: who says so would promise what nobody measured.
  expect(within(SKETCH_ERROR_PERCENT / 4)).toBeLessThan(0.5);
});

test('carts are those who added and did not buy', () => {
  expect(estimateWithout(sketchOf('u', 10), sketchOf('u', 4, 8))).toEqual({
    value: 8,
    errorPercent: 0,
  });
  const { value, errorPercent } = estimateWithout(sketchOf('u', 2_000), sketchOf('u', 500));
  expect(Math.abs(value - 1_500) / 15).toBeLessThan(2 * errorPercent);
  expect(estimateWithout(sketchOf('u', 500), sketchOf('u', 3_000)).errorPercent).toBe(100);
});

test('a sketch is read as it was written, and nonsense is refused', () => {
  for (const count of [0, 3, SKETCH_EXACT_MAX, 2_000]) {
    const text = encodeSketch(sketchOf('u', count));
    expect(encodeSketch(decodeSketch(text))).toBe(text);
    expect(JSON.stringify(text)).toHaveLength(text.length + 2);
  }
  for (const nonsense of ['', 'e1', 'ezzzzzzzzzzzz', 'r', `r${'~'.repeat(1_024)}`, 'x']) {
    expect(() => decodeSketch(nonsense)).toThrow();
  }
});
