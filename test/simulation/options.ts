import { parseArgs } from 'node:util';

/** Whole numbers given as `--name value`. */
export const numbersGiven = <const K extends string>(
  defaults: Readonly<Record<K, number>>,
): Record<K, number> => {
  const names = Object.keys(defaults) as K[];
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ options });
  const read = names.map((name) => {
    const value = Number(values[name] ?? defaults[name]);
    if (!Number.isInteger(value) || value < 0) throw new Error(`--${name} takes a whole number`);
    return [name, value] as const;
  });
  return Object.fromEntries(read) as Record<K, number>;
};
