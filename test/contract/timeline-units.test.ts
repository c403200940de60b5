/** What the timeline costs, as `docs/operating.md` says it: write units of a row by its events. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { rowSizes } from '../../bench/timeline-size.ts';

const ROW = /^\| (\d+) \| ([\d.]+) \| ([\d.]+) \| ([\d,]+) \|$/gm;

test('the table of write units in docs/operating.md is what the simulator’s events take', () => {
  const document = readFileSync(new URL('../../docs/operating.md', import.meta.url), 'utf8');
  const [, table = ''] = document.split('<!-- timeline units: begin -->');
  const told = [...(table.split('<!-- timeline units: end -->')[0] ?? '').matchAll(ROW)].map(
    ([, ...cells]) => cells.map((cell) => Number(cell.replace(',', ''))),
  );
  expect(told.map(([events]) => events)).toEqual([1, 5, 10, 25]);
  for (const [events = 0, ...figures] of told) {
    const { unitsPerRow, unitsPerEvent, meanBytes } = rowSizes(events);
    const measured = [unitsPerRow, unitsPerEvent, meanBytes];
    // zlib is not the same on every processor.
    for (const [place, figure] of figures.entries()) {
      const ratio = figure / (measured[place] ?? 0);
      expect(Math.abs(ratio - 1), `${events}: ${figure} is ${measured[place]}`).toBeLessThan(0.1);
    }
  }
});
