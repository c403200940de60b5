/** Counts by name, of a bounded number of names; what comes when it is full is counted as `other`. */
import { invariant } from '../invariant.ts';
import { jsonBytes } from '../tags/text-bytes.ts';

export interface BoundedCounts {
  readonly byName: Map<string, number>;
  other: number;
}

export const newCounts = (): BoundedCounts => ({ byName: new Map(), other: 0 });

export interface CountsBound {
  readonly namesMax: number;
  /** As it lies in the row, with escapes and without quotes. */
  readonly nameBytesMax: number;
}

const QUOTES = 2;

/** A name that is in stays in, also at zero, so that what is taken off is taken off where it was. */
export const addCount = (
  counts: BoundedCounts,
  name: string,
  count: number,
  { namesMax, nameBytesMax }: CountsBound,
): void => {
  const known = counts.byName.get(name);
  if (known !== undefined) counts.byName.set(name, known + count);
  else if (counts.byName.size < namesMax && jsonBytes(name) - QUOTES <= nameBytesMax) {
    counts.byName.set(name, count);
  } else counts.other += count;
};

export const mergeCounts = (parts: readonly BoundedCounts[]): BoundedCounts => {
  const sum = newCounts();
  for (const { byName, other } of parts) {
    for (const [name, count] of byName) sum.byName.set(name, (sum.byName.get(name) ?? 0) + count);
    sum.other += other;
  }
  return sum;
};

export type StoredCounts = readonly [names: readonly (readonly [string, number])[], other: number];

export const storedCounts = ({ byName, other }: BoundedCounts): StoredCounts => [
  [...byName],
  other,
];

export const loadedCounts = (stored: StoredCounts): BoundedCounts => {
  invariant(Array.isArray(stored) && Array.isArray(stored[0]), 'stored counts are a list');
  for (const [name, count] of stored[0]) {
    invariant(
      typeof name === 'string' && Number.isSafeInteger(count),
      'a stored count is a number',
    );
  }
  invariant(Number.isSafeInteger(stored[1]), 'other counts are a number');
  return { byName: new Map(stored[0]), other: stored[1] };
};
