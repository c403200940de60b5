/** A page for a taste: what is known is gathered, ranked, and asked whether it can still be had. */

import type { ListsPointer } from '../core/recommend/lists.ts';
import type { Recommendation, Taste } from '../core/recommend/ranking.ts';
import { recommend } from '../core/recommend/recommend.ts';
import type { RecommendConfig } from '../core/recommend/settings.ts';
import type { EpochMs } from '../core/time.ts';
import type { Missing } from '../runtime/gather-learnt.ts';
import type { PersonalizePorts } from './ports.ts';

export interface Page {
  readonly items: readonly Recommendation[];
  readonly lists?: ListsPointer | undefined;
  readonly catalogue: string;
  readonly without: readonly Missing[];
}

export interface PageAsk {
  readonly tenant: string;
  readonly taste: Taste;
  readonly limit: number;
  readonly exclude: ReadonlySet<string>;
  readonly now: EpochMs;
  readonly config: RecommendConfig;
}

/** What is gone leaves room for others, which may be gone too; after so many looks it leaves a gap. */
const LOOKS_MAX = 3;

export const page = async (ports: PersonalizePorts, ask: PageAsk): Promise<Page> => {
  const { tenant, taste, limit, now, config } = ask;
  const catalogue = await ports.catalogueOf(tenant);
  const { learnt, pointer, without } = await ports.gather(tenant, taste, catalogue, now);
  const gone = new Set<string>();
  let known = true;
  let items: readonly Recommendation[] = [];
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const asked = { limit, now, exclude: new Set([...ask.exclude, ...gone]) };
    items = recommend({ taste, learnt, asked, config });
    // Where there is no catalogue, no row says anything.
    if (catalogue.size === 0 || items.length === 0) break;
    const answer = await ports.stillAvailable(
      tenant,
      items.map(({ item }) => item),
    );
    known &&= answer.known;
    if (answer.gone.size === 0) break;
    for (const item of answer.gone) gone.add(item);
  }
  const left = items.filter(({ item }) => !gone.has(item));
  return {
    items: left.map((each, index) => ({ ...each, position: index + 1 })),
    lists: pointer,
    catalogue: catalogue.version,
    without: known ? without : [...without, 'availability'],
  };
};
