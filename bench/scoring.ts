import { catalogueOf } from '../functions/core/catalogue/snapshot.ts';
import type { Catalogue, OfferedItem } from '../functions/core/recommend/catalogue.ts';
import { HISTORY_MAX } from '../functions/core/recommend/learning.ts';
import { NEIGHBOURS_MAX, type Weighted } from '../functions/core/recommend/lists.ts';
import type { Learnt, Taste } from '../functions/core/recommend/ranking.ts';
import { recommend } from '../functions/core/recommend/recommend.ts';
import { recommendConfigOf } from '../functions/core/recommend/settings.ts';
import { TREND_ITEMS_MAX, type Trends } from '../functions/core/recommend/trends.ts';
import { days, epochMs, hours } from '../functions/core/time.ts';
import { type Random, seeded } from '../simulate/random.ts';
import type { Bench } from './bench.ts';
import { quantile } from './measure.ts';
import { number, table } from './report.ts';

const ITEMS = 100_000;
const CATEGORIES = 50;
/** Made once and asked for in turn, as a process holds the rows of what is asked for. */
const USERS = 200;
const WARM_UP_ROUNDS = 5;
const ROUNDS = 10;
const NOW = epochMs(Date.UTC(2026, 0, 1));
const BOUGHT = 16;
const REGION = 'EMEA';

interface Kind {
  readonly name: string;
  readonly history: number;
  /** By co-visitation, of the night. */
  readonly neighbours: number;
  /** Alike, and of increments: as many again each. */
  readonly isFull: boolean;
}

const KINDS: readonly Kind[] = [
  { name: 'nobody', history: 0, neighbours: 0, isFull: false },
  { name: '10 items × 50 neighbours', history: 10, neighbours: 50, isFull: false },
  {
    name: `${HISTORY_MAX} items × ${NEIGHBOURS_MAX} neighbours`,
    ...{ history: HISTORY_MAX, neighbours: NEIGHBOURS_MAX, isFull: false },
  },
  {
    name: `the same, with as many alike, as many increments, and demand of five scopes`,
    ...{ history: HISTORY_MAX, neighbours: NEIGHBOURS_MAX, isFull: true },
  },
];

const idOf = (place: number): string => `product-${String(place).padStart(6, '0')}`;
const categoryOf = (place: number): string => `CATEGORY ${place % CATEGORIES}`;

const bigCatalogue = (): Catalogue =>
  catalogueOf(
    'bench',
    Array.from(
      { length: ITEMS },
      (_, place): OfferedItem => ({
        id: idOf(place),
        categories: [categoryOf(place)],
        available: place % 20 !== 0,
        attributes: {},
        createdAt: epochMs(NOW - hours(place)),
      }),
    ),
  );

/** Few items are met often, as in a shop. */
const anyItem = (random: Random): string => idOf(Math.floor(ITEMS * random.next() ** 3));

const weightedItems = (random: Random, count: number): readonly Weighted[] => {
  const items = new Set<string>();
  while (items.size < count) items.add(anyItem(random));
  return [...items].map((item, rank): Weighted => [item, (count - rank) * (1 + random.next())]);
};

const trendsOf = (random: Random, scope: string): Trends => ({
  scope,
  at: NOW,
  hot: weightedItems(random, TREND_ITEMS_MAX),
  popular: weightedItems(random, TREND_ITEMS_MAX),
});

const somebody = (random: Random, catalogue: Catalogue, { history, neighbours, isFull }: Kind) => {
  const seen = weightedItems(random, history).map(([item], age) => ({
    item,
    arrivedAt: NOW - hours(age),
  }));
  const bought = seen.slice(0, BOUGHT).map(({ item }) => ({
    ...{ item, weight: 1 + random.next() },
    boughtAt: epochMs(NOW - days(100 * random.next())),
  }));
  const interests = [0, 1, 2, 3].map((place): Weighted => [`category ${place}`, 1 / (1 + place)]);
  const taste: Taste = {
    ...{ history: seen, bought, userId: `user-${random.next()}`, region: REGION },
    interests: history === 0 ? [] : interests,
  };
  const lists = seen.map(({ item }) => {
    const pairs = weightedItems(random, neighbours);
    const similar = weightedItems(random, isFull ? neighbours : 0);
    return [item, { events: 100, pairs, similar, repurchaseDays: 30 }] as const;
  });
  const deltas = (isFull ? seen : []).map(
    ({ item }) => [item, { events: 5, pairs: weightedItems(random, neighbours) }] as const,
  );
  const named = interests.map(([name]) => `category:${name.toUpperCase()}`);
  const scopes = ['all', ...(isFull ? [`region:${REGION}`, ...named] : [])];
  const learnt: Learnt = {
    lists: new Map(lists),
    deltas: new Map(deltas),
    trends: new Map(scopes.map((scope) => [scope, trendsOf(random, scope)])),
    catalogue,
  };
  return { taste, learnt };
};

interface Scoring {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const config = recommendConfigOf({ preset: 'commerce' });
const asked = { limit: 10, exclude: new Set<string>(), now: NOW };
const rounded = (value: number): number => Number(value.toPrecision(3));

const score = (random: Random, catalogue: Catalogue, kind: Kind): Scoring => {
  const ms: number[] = [];
  const users = Array.from({ length: USERS }, () => somebody(random, catalogue, kind));
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const { taste, learnt } of users) {
      const before = performance.now();
      const items = recommend({ taste, learnt, asked, config });
      const took = performance.now() - before;
      if (items.length !== asked.limit) throw new Error('a page of this catalogue is full');
      if (round >= WARM_UP_ROUNDS) ms.push(took);
    }
  }
  return { p50Ms: rounded(quantile(ms, 0.5)), p99Ms: rounded(quantile(ms, 0.99)) };
};

interface Results {
  readonly kinds: Readonly<Record<string, Scoring>>;
}

const run = async (): Promise<Results> => {
  const [random, catalogue] = [seeded(1), bigCatalogue()];
  return {
    kinds: Object.fromEntries(KINDS.map((kind) => [kind.name, score(random, catalogue, kind)])),
  };
};

export const scoring: Bench<Results> = {
  name: 'scoring',
  run,
  section: ({ kinds }) => `## Scoring recommendations

${number(USERS)} users of each kind in turn, ${ROUNDS} times over, in one process; wall time of \`recommend\` alone, from what is gathered to ten items.
The catalogue has ${number(ITEMS)} items in ${CATEGORIES} categories; neighbours are those of the nightly lists by co-visitation; what is in demand
at all is two lists of ${TREND_ITEMS_MAX}; up to ${BOUGHT} items were bought. Aim: p99 ≤ 2 ms at ${HISTORY_MAX} × ${NEIGHBOURS_MAX}.

${table(
  ['history', 'p50', 'p99'],
  Object.entries(kinds).map(([name, { p50Ms, p99Ms }]) => [name, `${p50Ms} ms`, `${p99Ms} ms`]),
)}
`,
};
