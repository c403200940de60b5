import type { Measured } from './bench.ts';
import type { Figure } from './measure.ts';

/** The figures of the stages, which `npm run cost` reads too. */
export interface Results extends Measured {
  /** By stage, then by events a request. */
  readonly eventPath: Readonly<Record<string, Readonly<Record<string, Figure>>>>;
}

export const number = (value: number): string => value.toLocaleString('en-US');

export const table = (
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

/** CPU seconds per million, events/s per core, spread. */
export const figureCells = (figure: Figure): readonly string[] => [
  String(figure.cpuSecondsPerMillionEvents),
  number(figure.eventsPerSecondPerCore),
  `± ${Math.round(figure.spread * 50)} %`,
];

export const FIGURE_HEAD = ['CPU seconds per million events', 'events/s per core', 'spread'];

/** `docs/performance.md`, from the results alone: nobody edits it by hand. */
export const performanceDocument = (sections: readonly string[]): string => `# Performance

Written by \`npm run bench\` from \`bench/results/*.json\`; do not edit by hand. One subject alone:
\`npm run bench -- --only pure-path\`. A ratio between two rows travels to another machine; a figure
by itself does not.

${sections.join('\n')}`;
