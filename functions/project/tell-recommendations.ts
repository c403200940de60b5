/**
 * Tells whoever reads updates that a user's best items have changed. A user whose turn it is not
 * is looked at with the next change; so is one beyond what a batch has time for.
 */
import { recommend } from '../core/recommend/recommend.ts';
import type { RecommendConfig } from '../core/recommend/settings.ts';
import { tasteOf } from '../core/recommend/taste.ts';
import { isNews, recommendationsUpdate, TOP_ITEMS_MAX } from '../core/recommend/update.ts';
import { epochMs } from '../core/time.ts';
import type { StreamRecord } from '../ports/event-stream.ts';
import type { TopItems } from '../ports/top-items.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import type { GatherLearnt } from '../runtime/gather-learnt.ts';
import { isBreakerOpen } from '../runtime/guarded-stream.ts';
import type { CatalogueOf } from '../runtime/newest-catalogues.ts';
import type { ProfileVersion, UserChange } from './read-changes.ts';

export interface Recommending {
  readonly tops: TopItems;
  readonly catalogueOf: CatalogueOf;
  readonly gather: GatherLearnt;
  readonly config: RecommendConfig;
}

export interface RecommendedCounts {
  /** Users whose best items were told. */
  readonly recommended: number;
  /** Users whose turn it was, of whom nothing could be said. */
  readonly recommendationsSkipped: number;
}

export interface TellingPorts {
  /** Whether each was put, in order. */
  readonly put: (records: readonly StreamRecord[]) => Promise<readonly boolean[]>;
  readonly now: () => number;
  readonly fault: (message: string, fault: unknown) => void;
}

/** Of one batch. */
export const RECOMMENDED_MAX = 50;
const USERS_AT_ONCE = 8;

interface Mine {
  readonly originKey: string;
  readonly user: string;
  readonly latest: ProfileVersion;
}

interface News {
  readonly mine: Mine;
  readonly items: readonly string[];
  readonly record: StreamRecord;
}

export const tellRecommendations = (
  recommending: Recommending | undefined,
  { put, now, fault }: TellingPorts,
) => {
  const newsOf = async (
    { catalogueOf, gather, config }: Recommending,
    tenant: string,
    mine: Mine,
    before: readonly string[],
  ): Promise<News | undefined> => {
    const { user, latest, originKey: partitionKey } = mine;
    const [at, taste] = [epochMs(now()), tasteOf(latest.facets, { userId: user })];
    const catalogue = await catalogueOf(tenant);
    const { learnt } = await gather(tenant, taste, catalogue, at);
    const asked = { limit: TOP_ITEMS_MAX, exclude: new Set<string>(), now: at };
    // What is shown to be tried out is no news: it changes with the hour.
    const items = recommend({ taste, learnt, asked, config: { ...config, explore: 0 } });
    if (!isNews(before, items)) return undefined;
    const update = recommendationsUpdate(user, latest, items);
    const record = { partitionKey, data: `${JSON.stringify(update)}\n` };
    return { mine, items: items.map(({ item }) => item), record };
  };

  const tellTenant = async (
    ours: Recommending,
    tenant: string,
    all: readonly Mine[],
    deadlineMs: number,
  ): Promise<RecommendedCounts> => {
    const claimed = await ours.tops.claim(
      tenant,
      all.slice(0, RECOMMENDED_MAX).map(({ user }) => user),
    );
    const news: News[] = [];
    let skipped = Math.max(0, all.length - RECOMMENDED_MAX);
    const due = all.filter(({ user }) => claimed.has(user));
    await eachBounded(due, USERS_AT_ONCE, async (mine) => {
      if (now() >= deadlineMs) {
        skipped += 1;
        return;
      }
      const one = await newsOf(ours, tenant, mine, claimed.get(mine.user) ?? []);
      if (one !== undefined) news.push(one);
    });
    const stored = await put(news.map(({ record }) => record));
    const told = news.filter((_, place) => stored[place]);
    // Told first: what is not remembered is told once more.
    await eachBounded(told, USERS_AT_ONCE, ({ mine, items }) =>
      ours.tops.put(tenant, mine.user, items),
    );
    return {
      recommended: told.length,
      recommendationsSkipped: skipped + news.length - told.length,
    };
  };

  /** Never fails: nothing of this holds up what is told of profiles. */
  return async (changes: readonly UserChange[], deadlineMs: number): Promise<RecommendedCounts> => {
    const sum = { recommended: 0, recommendationsSkipped: 0 };
    if (recommending === undefined) return sum;
    const known = changes.flatMap(({ latest, originKey, origin, gone }) =>
      latest === undefined || gone ? [] : [{ originKey, latest, ...origin }],
    );
    for (const [tenant, mine] of Map.groupBy(known, (each) => each.tenant)) {
      try {
        const counts = await tellTenant(recommending, tenant, mine, deadlineMs);
        sum.recommended += counts.recommended;
        sum.recommendationsSkipped += counts.recommendationsSkipped;
      } catch (cause) {
        if (!isBreakerOpen(cause)) fault('recommendations were not told', cause);
        sum.recommendationsSkipped += mine.length;
      }
    }
    return sum;
  };
};
