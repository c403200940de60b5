/** What accuracy does not say: how much of the catalogue is shown, how known it is, how unequally. */

export interface Variety {
  /** The share of the catalogue that anybody was shown among the first 10, and the first 20. */
  readonly coverage10: number;
  readonly coverage20: number;
  /** Mean −log₂ of how often an item of the first 10 was had before the part began. */
  readonly novelty: number;
  /** Of how often items are among the first 10: 0 where all are alike, 1 where one has all. */
  readonly gini: number;
}

export interface Shown {
  readonly add: (items: readonly string[]) => void;
  readonly variety: () => Variety;
}

const FIRST = 10;
const SECOND = 20;

export const giniOf = (counts: readonly number[]): number => {
  const sorted = counts.toSorted((left, right) => left - right);
  const total = sorted.reduce((sum, count) => sum + count, 0);
  if (total === 0) return 0;
  const weighed = sorted.reduce((sum, count, index) => sum + (index + 1) * count, 0);
  return (2 * weighed) / (sorted.length * total) - (sorted.length + 1) / sorted.length;
};

/** `known`: how often each item was had before; one more for each, so that none is impossible. */
export const shown = (catalogue: number, known: ReadonlyMap<string, number>): Shown => {
  const times = new Map<string, number>();
  const further = new Set<string>();
  const all = [...known.values()].reduce((sum, count) => sum + count, catalogue);
  let novelty = 0;
  let places = 0;
  return {
    add: (items) => {
      for (const item of items.slice(0, FIRST)) {
        times.set(item, (times.get(item) ?? 0) + 1);
        novelty -= Math.log2((1 + (known.get(item) ?? 0)) / all);
        places += 1;
      }
      for (const item of items.slice(0, SECOND)) further.add(item);
    },
    variety: () => ({
      coverage10: times.size / catalogue,
      coverage20: further.size / catalogue,
      novelty: places === 0 ? 0 : novelty / places,
      gini: giniOf([
        ...times.values(),
        ...Array.from({ length: Math.max(0, catalogue - times.size) }, () => 0),
      ]),
    }),
  };
};
