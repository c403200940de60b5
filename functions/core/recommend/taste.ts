/** What a profile says of a user's taste, as of an instant. */
import type { Facets } from '../profile/facets.ts';
import { rankedInterests } from '../profile/interests.ts';
import type { Taste } from './ranking.ts';

export type Who = Pick<Taste, 'userId' | 'anonymousId' | 'region'>;

const NOBODY: Omit<Taste, keyof Who> = { history: [], bought: [], interests: [] };

/** Of a user whom nobody knows: none. */
export const tasteOf = (facets: Facets | undefined, who: Who): Taste => {
  if (facets === undefined) return { ...NOBODY, ...who };
  const ranked = rankedInterests(facets.interests);
  const best = ranked[0]?.[1].score ?? 0;
  return {
    ...who,
    history: facets.positives,
    bought: facets.bought,
    // Scores are kept as logarithms of base two: only what they differ by matters here.
    interests: ranked.map(([category, { score }]) => [category, 2 ** (score - best)]),
  };
};
