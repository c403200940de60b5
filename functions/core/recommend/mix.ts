/** The order of a page: best first, while each further item of a category keeps less of its score. */

/** What can be put on a page, before it has a place. */
export interface Mixable {
  readonly item: string;
  readonly score: number;
}

export interface Mixing {
  readonly wanted: number;
  /** What each further item of a category keeps. */
  readonly diversity: number;
  readonly categoryOf: (item: string) => string | undefined;
}

/** Greedy; of equal scores the one that came first. The score is what the item had at its turn. */
export const mix = <T extends Mixable>(
  candidates: readonly T[],
  { wanted, diversity, categoryOf }: Mixing,
): readonly T[] => {
  const left = candidates.map((candidate) => ({
    candidate,
    kept: candidate.score,
    category: categoryOf(candidate.item),
  }));
  const page: T[] = [];
  while (page.length < wanted && left.length > 0) {
    let best = 0;
    for (const [place, { kept }] of left.entries()) {
      if (kept > (left[best]?.kept ?? 0)) best = place;
    }
    const [taken] = left.splice(best, 1);
    if (taken === undefined) break;
    page.push({ ...taken.candidate, score: taken.kept });
    if (taken.category === undefined || diversity === 1) continue;
    for (const other of left) if (other.category === taken.category) other.kept *= diversity;
  }
  return page;
};
