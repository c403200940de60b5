/** A picture of shares with their intervals: a bar for each ranking, a group for each target. */
import type { Estimate } from './evaluation.ts';

export interface Bar {
  readonly label: string;
  readonly ours: boolean;
  readonly estimate: Estimate;
}

export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 720;
const LEFT = 240;
const RIGHT = 70;
const ROW = 24;
const TITLE = 34;
const BOTTOM = 12;
const OURS = '#1f77b4';
const OTHERS = '#9aa5b1';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const place = (value: number): string => value.toFixed(1);

export const barsPicture = (groups: readonly BarGroup[]): string => {
  const most = Math.max(
    ...groups.flatMap(({ bars }) => bars.map(({ estimate }) => estimate.high)),
    Number.EPSILON,
  );
  const x = (value: number): number => LEFT + ((WIDTH - LEFT - RIGHT) * value) / most;
  const barAt = ({ label, ours, estimate }: Bar, top: number): string => {
    const { mean, low, high } = estimate;
    const middle = place(top + ROW / 2);
    return `<text x="${LEFT - 8}" y="${place(top + ROW / 2 + 4)}" text-anchor="end">${escaped(label)}</text>
<rect x="${LEFT}" y="${place(top + 4)}" width="${place(x(mean) - LEFT)}" height="${ROW - 8}" fill="${ours ? OURS : OTHERS}"/>
<line x1="${place(x(low))}" y1="${middle}" x2="${place(x(high))}" y2="${middle}" stroke="#222" stroke-width="1.5"/>
<text x="${place(x(high) + 6)}" y="${place(top + ROW / 2 + 4)}">${mean.toFixed(3)}</text>`;
  };
  let top = 0;
  const parts = groups.flatMap(({ title, bars }) => {
    const head = `<text x="${LEFT}" y="${top + TITLE - 10}" font-weight="bold">${escaped(title)}</text>`;
    top += TITLE;
    return [
      head,
      ...bars.map((bar) => {
        top += ROW;
        return barAt(bar, top - ROW);
      }),
    ];
  });
  const height = top + BOTTOM;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${height}" fill="#fff"/>
${parts.join('\n')}
</svg>
`;
};
