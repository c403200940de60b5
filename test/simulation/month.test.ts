import { expect, test } from 'vitest';
import { simulateMonth } from './month.ts';

const DAYS = 30;

test('a month with all faults on: drift is 0 after each night whose cut is its own midnight', async () => {
  const nights = await simulateMonth(8, 0.02, DAYS);
  const lines = nights.map(
    ({ night, cut, tags, before, after, partial }) =>
      `night of ${night}, cut ${cut}: of ${tags} tags ${before} wrong before it, ${after} after it, ${partial} partial`,
  );
  console.log(lines.join('\n'));
  expect(new Set(nights.map(({ night }) => night)).size).toBeGreaterThanOrEqual(DAYS);
  // A delivery that is late holds the cut back: then that day's copies wait for one night more.
  const own = nights.filter(({ night, cut }) => night === cut);
  expect(own.length).toBeGreaterThan(DAYS / 2);
  expect(own.filter(({ after }) => after > 0)).toEqual([]);
  expect(nights.at(-1)).toMatchObject({ after: 0, partial: 0 });
  // Copies did slip, or this shows nothing.
  expect(nights.filter(({ before }) => before > 0).length).toBeGreaterThanOrEqual(5);
}, 240_000);
