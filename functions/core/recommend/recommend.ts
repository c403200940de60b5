/**
 * Retrieval, ranking and rules, one after the other. Sources speak for items, their scores are
 * blended, boosts and mixing order the best, and what is new and what is pinned takes its place.
 * While anything may be offered, the answer is not empty.
 */
import { type Allowed, allowedTo, fits } from './allowed.ts';
import { type Count, openBallot } from './ballot.ts';
import { explore } from './explore.ts';
import { foremost } from './foremost.ts';
import { mix } from './mix.ts';
import type { Asked, Candidate, Learnt, Recommendation, Taste } from './ranking.ts';
import { BOOST_MAX, BOOST_MIN, type RecommendConfig } from './settings.ts';
import { speakBought, speakHistory } from './speak-history.ts';
import { speakCategories, speakTrending } from './speak-shop.ts';

export const LIMIT_MAX = 100;
export const EXCLUDED_MAX = 200;
/** What mixing chooses from. */
const POOL_MIN = 60;
const POOL_PER_PLACE = 3;
/** Of the newest, where sources leave places open: room for a turn of many categories. */
const FILLERS_MIN = 200;
/** Where too few of the best can be had. */
const LOOK_FURTHER = 4;

export interface Asking {
  readonly taste: Taste;
  readonly learnt: Learnt;
  readonly asked: Asked;
  readonly config: RecommendConfig;
}

type Ruled = Omit<Recommendation, 'position'>;

const boosted = (
  { learnt, config }: Asking,
  item: string,
): { readonly factor: number; readonly rules: readonly string[] } => {
  const offered = config.rules.length === 0 ? undefined : learnt.catalogue.find(item);
  if (offered === undefined) return { factor: 1, rules: [] };
  let factor = 1;
  const rules: string[] = [];
  for (const rule of config.rules) {
    if (!('boost' in rule.do) || !fits(rule, offered)) continue;
    factor *= rule.do.boost;
    rules.push(rule.name);
  }
  return { factor: Math.min(BOOST_MAX, Math.max(BOOST_MIN, factor)), rules };
};

/** What all ask for counts half beside what this user is known to care about. */
const BESIDE_INTERESTS = 0.5;

const weightsFor = ({ interests }: Taste, { weights }: RecommendConfig) =>
  interests.length === 0 ? weights : { ...weights, trending: weights.trending * BESIDE_INTERESTS };

/** What every source says, before anybody asks the catalogue. */
const countOf = (asking: Asking, { isExcluded }: Allowed): Count => {
  const { taste, learnt, asked, config } = asking;
  const ballot = openBallot(isExcluded);
  speakHistory(ballot, taste, learnt, config);
  speakBought(ballot, taste, learnt, asked.now);
  speakCategories(ballot, taste, learnt);
  speakTrending(ballot, taste, learnt);
  return ballot.count(weightsFor(taste, config));
};

/**
 * The best that sources speak for. A lookup in a catalogue of a hundred thousand costs more than
 * scoring does: unless rules boost, only the best are looked up, and more where those will not do.
 */
const ranked = (asking: Asking, allowed: Allowed): readonly Ruled[] => {
  const { asked, config } = asking;
  const { items, scores, saidOf } = countOf(asking, allowed);
  if (config.rules.length > 0) {
    for (const [place, item] of items.entries()) {
      scores[place] = (scores[place] ?? 0) * boosted(asking, item).factor;
    }
  }
  const isBefore = (left: number, right: number): boolean => {
    const [more, less] = [scores[left] ?? 0, scores[right] ?? 0];
    return more === less ? (items[left] ?? '') < (items[right] ?? '') : more > less;
  };
  const isMeant = (place: number): boolean =>
    (scores[place] ?? 0) > 0 && allowed.mayBeOffered(items[place] ?? '');
  const pool = Math.max(POOL_MIN, POOL_PER_PLACE * asked.limit);
  let best: readonly number[] = [];
  for (let most = pool; best.length < pool; most *= LOOK_FURTHER) {
    best = foremost(items.length, most, isBefore).filter(isMeant).slice(0, pool);
    if (most >= items.length) break;
  }
  return best.map((place) => {
    const { item, source, share, voice } = saidOf(place);
    const { rules } = boosted(asking, item);
    return { item, score: scores[place] ?? 0, source, weight: share, reason: voice, rules };
  });
};

const bare = ({ item, source, reason }: Pick<Candidate, 'item' | 'source' | 'reason'>): Ruled => ({
  item,
  score: 0,
  source,
  weight: 0,
  reason,
  rules: [],
});

/** What fills a page that sources leave open: the newest, then what was just seen. */
const filling = (
  { taste, learnt, asked }: Asking,
  { mayBeOffered, mayBeSeenAgain }: Allowed,
  taken: ReadonlySet<string>,
): readonly Ruled[] => {
  const pool = Math.max(FILLERS_MIN, POOL_PER_PLACE * asked.limit);
  const found: Ruled[] = [];
  for (const item of learnt.catalogue.newest) {
    if (found.length === pool) break;
    if (!taken.has(item) && mayBeOffered(item))
      found.push(bare({ item, source: 'new', reason: 'new_for_you' }));
  }
  const again = taste.history.filter(({ item }) => !mayBeOffered(item) && mayBeSeenAgain(item));
  const seen = again.map(({ item }) =>
    bare({ item, source: 'personal', reason: `because_you_viewed:${item}` }),
  );
  return [...found, ...seen];
};

/**
 * Mixed by place, for they have no score: the last of them is still worth more than the second of
 * a category, so that each category has its turn before any has another.
 */
const mixedByOrder = (asking: Asking, fillers: readonly Ruled[], wanted: number) => {
  const { learnt, config } = asking;
  const categoryOf = (item: string) => learnt.catalogue.find(item)?.categories[0];
  const step = (1 - config.diversity) / Math.max(1, fillers.length);
  const byOrder = fillers.map((each, place) => ({ ...each, score: 1 - step * place }));
  const page = mix(byOrder, { wanted, diversity: config.diversity, categoryOf });
  return page.map((each) => ({ ...each, score: 0 }));
};

/** A page, but for what has a place of its own. */
const page = (asking: Asking, allowed: Allowed): readonly Ruled[] => {
  const { learnt, asked, config } = asking;
  const categoryOf = (item: string) => learnt.catalogue.find(item)?.categories[0];
  const spokenFor = ranked(asking, allowed);
  const wanted = asked.limit;
  const best = mix(spokenFor, { wanted, diversity: config.diversity, categoryOf });
  if (best.length === wanted) return best;
  const taken = new Set(best.map(({ item }) => item));
  const more = filling(asking, allowed, taken);
  return [...best, ...mixedByOrder(asking, more, wanted - best.length)];
};

const withPlaces = (
  { asked }: Asking,
  rest: readonly Ruled[],
  placed: ReadonlyMap<number, Ruled>,
): readonly Recommendation[] => {
  const own = new Set([...placed.values()].map(({ item }) => item));
  const others = rest.filter(({ item }) => !own.has(item));
  const found: Ruled[] = [];
  let next = 0;
  for (let place = 0; place < asked.limit; place += 1) {
    // Where the others end, what has a later place moves up.
    const one = placed.get(place) ?? others[next++];
    if (one !== undefined) found.push(one);
  }
  return found.map((each, place) => ({ ...each, position: place + 1 }));
};

/** What rules pin: for each place the first rule's best item, of those that may be offered. */
const pinned = (
  { learnt, config, asked }: Asking,
  { mayBeSeenAgain }: Allowed,
  rest: readonly Ruled[],
): ReadonlyMap<number, Ruled> => {
  const placed = new Map<number, Ruled>();
  const taken = new Set<string>();
  for (const rule of config.rules) {
    if (!('pin' in rule.do) || rule.do.pin > asked.limit || placed.has(rule.do.pin - 1)) continue;
    const fitsRule = (item: string): boolean => {
      const offered = learnt.catalogue.find(item);
      return (
        offered !== undefined && !taken.has(item) && fits(rule, offered) && mayBeSeenAgain(item)
      );
    };
    const best = rest.find(({ item }) => fitsRule(item));
    const item = best?.item ?? learnt.catalogue.newest.find(fitsRule);
    if (item === undefined) continue;
    taken.add(item);
    const spoken = best ?? bare({ item, source: 'pinned', reason: 'new_for_you' });
    placed.set(rule.do.pin - 1, {
      ...spoken,
      source: 'pinned',
      rules: [...spoken.rules, rule.name],
    });
  }
  return placed;
};

export const recommend = (asking: Asking): readonly Recommendation[] => {
  const { taste, learnt, asked, config } = asking;
  const allowed = allowedTo(taste, learnt, asked, config);
  const rest = page(asking, allowed);
  const placed = new Map(pinned(asking, allowed, rest));
  const used = new Set([...placed.values()].map(({ item }) => item));
  const isNew = (item: string): boolean => !used.has(item) && allowed.mayBeOffered(item);
  const news = explore(taste, learnt, asked, { perPage: config.explore, mayBeOffered: isNew });
  for (const { place, item } of news) {
    if (!placed.has(place)) placed.set(place, bare({ item, source: 'new', reason: 'new_for_you' }));
  }
  return withPlaces(asking, rest, placed);
};
