/** Names as small numbers, so that sums can stand in arrays. */
export interface Numbered {
  /** Of a name met first the next one. */
  readonly numberOf: (name: string) => number;
  readonly known: (name: string) => number | undefined;
  readonly nameOf: (number: number) => string;
  readonly size: () => number;
}

export const numbered = (): Numbered => {
  const names: string[] = [];
  const numbers = new Map<string, number>();
  return {
    numberOf: (name) => {
      const known = numbers.get(name);
      if (known !== undefined) return known;
      numbers.set(name, names.length);
      return names.push(name) - 1;
    },
    known: (name) => numbers.get(name),
    nameOf: (number) => names[number] ?? '',
    size: () => names.length,
  };
};
