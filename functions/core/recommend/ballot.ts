/** Where sources speak for items, whose scores are added up source by source and then weighed. */
import { BLENDED_SOURCES, type BlendedSource } from './settings.ts';

const SOURCES = BLENDED_SOURCES.length;
const FIRST_PLACES = 1_024;
const TURNED_AWAY = -1;

/** One source's entry to the ballot: what it says is added up, and its loudest voice is kept. */
export type Speak = (item: string, amount: number, voice: string) => void;

export interface Said {
  readonly item: string;
  /** The blend of all sources. */
  readonly score: number;
  readonly source: BlendedSource;
  /** What that source adds to the score. */
  readonly share: number;
  readonly voice: string;
}

/** What the sources said, weighed. */
export interface Count {
  readonly items: readonly string[];
  /** By the place of an item. */
  readonly scores: Float64Array;
  readonly saidOf: (place: number) => Said;
}

export interface Ballot {
  readonly speaker: (source: BlendedSource) => Speak;
  /** What the source's scores are divided by at least; else by the greatest among candidates. */
  readonly scaleBy: (source: BlendedSource, greatest: number) => void;
  readonly count: (weights: Readonly<Record<BlendedSource, number>>) => Count;
}

/**
 * Reused, for an answer needs tens of thousands of cells; nothing in them outlives the count, and
 * two ballots are never open at once.
 */
const cells = {
  sums: new Float64Array(FIRST_PLACES * SOURCES),
  loudest: new Float64Array(FIRST_PLACES * SOURCES),
  spokenBy: new Int32Array(FIRST_PLACES * SOURCES),
  /** Places of the ballot before, which are not empty. */
  used: 0,
};

const makeRoom = (places: number): void => {
  if (places * SOURCES <= cells.sums.length) return;
  const length = cells.sums.length * 2;
  const { sums, loudest, spokenBy } = cells;
  cells.sums = new Float64Array(length);
  cells.loudest = new Float64Array(length);
  cells.spokenBy = new Int32Array(length);
  cells.sums.set(sums);
  cells.loudest.set(loudest);
  cells.spokenBy.set(spokenBy);
};

/** Who is excluded is turned away at the first word, and so sets no scale. */
export const openBallot = (isExcluded: (item: string) => boolean): Ballot => {
  const places = new Map<string, number>();
  const items: string[] = [];
  const voices: string[] = [];
  const voiceNumbers = new Map<string, number>();
  const scales = new Float64Array(SOURCES);
  cells.sums.fill(0, 0, cells.used * SOURCES);
  cells.loudest.fill(0, 0, cells.used * SOURCES);
  cells.used = 0;

  const enter = (item: string): number => {
    if (isExcluded(item)) {
      places.set(item, TURNED_AWAY);
      return TURNED_AWAY;
    }
    const place = items.push(item) - 1;
    places.set(item, place);
    makeRoom(items.length);
    cells.used = items.length;
    return place;
  };

  let last = '';
  let numberOfLast = -1;
  /** A source says many words in one voice before the next. */
  const numberOf = (voice: string): number => {
    if (voice === last) return numberOfLast;
    const known = voiceNumbers.get(voice) ?? voices.push(voice) - 1;
    voiceNumbers.set(voice, known);
    [last, numberOfLast] = [voice, known];
    return known;
  };

  const speaker = (source: BlendedSource): Speak => {
    const index = BLENDED_SOURCES.indexOf(source);
    return (item, amount, voice) => {
      const place = places.get(item) ?? enter(item);
      if (place === TURNED_AWAY || !(amount > 0)) return;
      const at = place * SOURCES + index;
      const { sums, loudest, spokenBy } = cells;
      sums[at] = (sums[at] ?? 0) + amount;
      if (amount <= (loudest[at] ?? 0)) return;
      loudest[at] = amount;
      spokenBy[at] = numberOf(voice);
    };
  };

  /** Weight over scale, source by source. */
  const factorsOf = (weights: Readonly<Record<BlendedSource, number>>): Float64Array => {
    const greatest = scales.slice();
    const { sums } = cells;
    for (let index = 0; index < SOURCES; index += 1) {
      let most = greatest[index] ?? 0;
      for (let at = index; at < items.length * SOURCES; at += SOURCES) {
        const sum = sums[at] ?? 0;
        if (sum > most) most = sum;
      }
      greatest[index] = most;
    }
    return greatest.map((scale, index) => {
      const source = BLENDED_SOURCES[index];
      return scale === 0 || source === undefined ? 0 : weights[source] / scale;
    });
  };

  const count = (weights: Readonly<Record<BlendedSource, number>>): Count => {
    const factors = factorsOf(weights);
    const shareOf = (place: number, index: number): number =>
      (factors[index] ?? 0) * (cells.sums[place * SOURCES + index] ?? 0);
    const scores = new Float64Array(items.length);
    const { sums } = cells;
    for (let index = 0; index < SOURCES; index += 1) {
      const factor = factors[index] ?? 0;
      if (factor === 0) continue;
      for (let place = 0; place < items.length; place += 1) {
        scores[place] = (scores[place] ?? 0) + factor * (sums[place * SOURCES + index] ?? 0);
      }
    }
    const saidOf = (place: number): Said => {
      let most = 0;
      for (let index = 1; index < SOURCES; index += 1) {
        if (shareOf(place, index) > shareOf(place, most)) most = index;
      }
      return {
        item: items[place] ?? '',
        score: scores[place] ?? 0,
        source: BLENDED_SOURCES[most] ?? 'trending',
        share: shareOf(place, most),
        voice: voices[cells.spokenBy[place * SOURCES + most] ?? 0] ?? '',
      };
    };
    return { items, scores, saidOf };
  };

  return {
    speaker,
    scaleBy: (source, greatest) => {
      scales[BLENDED_SOURCES.indexOf(source)] = greatest;
    },
    count,
  };
};
