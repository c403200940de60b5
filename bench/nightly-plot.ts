/** A plot of two lines over days of history, both axes by powers of ten. */
export interface PlotPoint {
  readonly days: number;
  readonly flat: number;
  readonly totals: number;
}

const WIDTH = 640;
const HEIGHT = 320;
const LEFT = 70;
const BOTTOM = 45;
const TOP = 20;
const RIGHT = 150;

export const nightlyPlot = (points: readonly PlotPoint[]): string => {
  const most = Math.max(...points.flatMap(({ flat, totals }) => [flat, totals]), 1);
  const decades = Math.max(1, Math.ceil(Math.log10(most)));
  const [first, last] = [points[0]?.days ?? 1, points.at(-1)?.days ?? 1];
  const x = (days: number): number =>
    LEFT +
    ((WIDTH - LEFT - RIGHT) * Math.log(days / first)) / Math.max(Math.log(last / first), 1e-9);
  const y = (bytes: number): number =>
    HEIGHT - BOTTOM - ((HEIGHT - BOTTOM - TOP) * Math.log10(Math.max(bytes, 1))) / decades;
  const place = (value: number): string => value.toFixed(1);
  const line = (of: 'flat' | 'totals', colour: string, label: string): string => {
    const path = points.map((point) => `${place(x(point.days))},${place(y(point[of]))}`).join(' ');
    const end = y(points.at(-1)?.[of] ?? 1);
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>
<text x="${WIDTH - RIGHT + 8}" y="${place(end + 4)}" fill="${colour}">${label}</text>`;
  };
  const columns = points.map(
    ({ days }) =>
      `<text x="${place(x(days))}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${days}</text>`,
  );
  const rows = Array.from({ length: decades + 1 }, (_, power) => {
    const at = place(y(10 ** power));
    return `<line x1="${LEFT}" y1="${at}" x2="${WIDTH - RIGHT}" y2="${at}" stroke="#ddd"/>
<text x="${LEFT - 8}" y="${at}" text-anchor="end">10^${power} B</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${rows.join('\n')}
${columns.join('\n')}
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">days of history</text>
${line('flat', '#1f77b4', 'all but user_total')}
${line('totals', '#d62728', 'user_total')}
</svg>
`;
};
