import { bundleFunctions } from '../bin/bundle.ts';
import type { Bench } from './bench.ts';
import { number, table } from './report.ts';

interface Bundles {
  readonly bundles: Readonly<Record<string, number>>;
}

export const bundles: Bench<Bundles> = {
  name: 'bundles',
  run: async () => {
    const made = await bundleFunctions();
    return { bundles: Object.fromEntries(made.map(({ name, bytes }) => [name, bytes])) };
  },
  section: ({ bundles: bytesOf }) => `## Bundles

${table(
  ['function', 'bytes, minified'],
  Object.entries(bytesOf).map(([name, bytes]) => [name, number(bytes)]),
)}`,
};
