import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CommutativeMonoid } from '../../functions/core/tags/monoid.ts';

/** Every aggregate of a profile is held to these laws; a new one costs one line. */
export const commutativeMonoidLaws = <T>(
  name: string,
  { empty, merge }: CommutativeMonoid<T>,
  values: fc.Arbitrary<T>,
  /** What is compared; for floats, a value rounded to what they promise. */
  shown: (value: T) => unknown = (value) => value,
): void => {
  const law = (title: string, equation: (a: T, b: T, c: T) => readonly [T, T]) =>
    test(`${name}: ${title}`, () => {
      fc.assert(
        fc.property(values, values, values, (a, b, c) => {
          const [left, right] = equation(a, b, c);
          expect(shown(left)).toEqual(shown(right));
        }),
      );
    });

  law('empty is neutral on the left', (a) => [merge(empty, a), a]);
  law('empty is neutral on the right', (a) => [merge(a, empty), a]);
  law('order does not matter', (a, b) => [merge(a, b), merge(b, a)]);
  law('grouping does not matter', (a, b, c) => [merge(merge(a, b), c), merge(a, merge(b, c))]);
};
