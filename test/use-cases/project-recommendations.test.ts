/** What `project` tells of a user's best items, and that nothing waits for it. */
import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import { memoryItemLists } from '../../functions/adapters/memory-item-lists.ts';
import { memoryTopItems } from '../../functions/adapters/memory-top-items.ts';
import { recommendConfigOf } from '../../functions/core/recommend/settings.ts';
import { TOP_ITEMS_MAX } from '../../functions/core/recommend/update.ts';
import type { EventStream } from '../../functions/ports/event-stream.ts';
import { type TopItems, TURN_MS } from '../../functions/ports/top-items.ts';
import { type ProjectCounts, project } from '../../functions/project/project.ts';
import { RECOMMENDED_MAX } from '../../functions/project/tell-recommendations.ts';
import { gatherLearnt } from '../../functions/runtime/gather-learnt.ts';
import { NOW } from '../support/counted-events.ts';
import { changeRecord, definitions, storedFacets, type Told } from '../support/profile-changes.ts';
import { shelf, shelfItem } from '../support/shelf.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };
const stock = Array.from({ length: 20 }, (_, place) =>
  shelfItem(`item-${place}`, { categories: [place % 2 === 0 ? 'TECH' : 'TOYS'] }),
);

const projecting = (more: { readonly updates?: EventStream; readonly tops?: TopItems } = {}) => {
  const world = { nowMs: NOW as number, stock };
  const stream = memoryEventStream();
  const counts: ProjectCounts[] = [];
  const faults: string[] = [];
  const now = () => world.nowMs;
  const fault = (message: string) => {
    faults.push(message);
  };
  const handle = project({
    updates: more.updates ?? stream,
    recommending: {
      tops: more.tops ?? memoryTopItems(now),
      catalogueOf: async () => shelf(...world.stock),
      gather: gatherLearnt({ lists: memoryItemLists(), now, fault }),
      config: recommendConfigOf({ preset: 'commerce' }),
    },
    definitions,
    now,
    sleep: async () => undefined,
    report: { counted: (each) => counts.push(each), fault },
  });
  let place = 0;
  const run = (...told: readonly Told[]) =>
    handle({ Records: told.map((one) => changeRecord(one, place++)) }, CONTEXT);
  const updates = () =>
    stream
      .records()
      .map(({ data }) => JSON.parse(String(data)))
      .filter(({ part }) => part === 'recommendations');
  return { world, run, updates, counts, faults };
};

const version = (user: string, seen: number): Told => ({
  user,
  version: seen,
  facets: storedFacets(seen),
});

test('a user whose best items changed is told of, at most once in five seconds', async () => {
  const { run, updates, world, counts } = projecting();
  await run(version('u', 1));
  const [first] = updates();
  expect(first).toMatchObject({ userId: 'u', part: 'recommendations', version: 1 });
  expect(first.items).toHaveLength(TOP_ITEMS_MAX);
  expect(first.items[0]).toEqual({
    itemId: expect.any(String),
    score: expect.any(Number),
    reason: expect.stringMatching(/^(because|trending)/),
  });
  expect(first.items.map(({ itemId }: { itemId: string }) => itemId)).not.toContain('item-1');

  await run(version('u', 2));
  expect(updates()).toHaveLength(1);
  world.nowMs += TURN_MS;
  await run(version('u', 3));
  expect(updates().map((each) => each.version)).toEqual([1, 3]);
  expect(counts.map(({ recommended }) => recommended)).toEqual([1, 0, 1]);
});

test('what has not changed is not told again, though its turn has come', async () => {
  const { run, updates, world } = projecting();
  world.stock = [shelfItem('only')];
  await run(version('u', 1));
  world.nowMs += TURN_MS;
  await run(version('u', 2));
  expect(updates()).toHaveLength(1);
});

test('a redelivered version is no change', async () => {
  const { run, updates, world } = projecting();
  await run(version('u', 1));
  world.nowMs += TURN_MS;
  world.stock = stock.slice(5);
  await run(version('u', 1));
  expect(updates()).toHaveLength(1);
});

test('a batch looks at so many users; the others wait for their next change', async () => {
  const { run, updates, counts } = projecting();
  await run(...Array.from({ length: RECOMMENDED_MAX + 3 }, (_, n) => version(`u${n}`, 1)));
  expect(updates()).toHaveLength(RECOMMENDED_MAX);
  expect(counts[0]).toMatchObject({ published: RECOMMENDED_MAX + 3, recommendationsSkipped: 3 });
});

test('what fails here fails no batch', async () => {
  const tops = { claim: () => Promise.reject(new Error('away')), put: async () => undefined };
  const { run, counts, faults } = projecting({ tops });
  expect(await run(version('u', 1))).toEqual({ batchItemFailures: [] });
  expect(counts[0]).toMatchObject({ published: 1, recommended: 0, recommendationsSkipped: 1 });
  expect(faults).toEqual(['recommendations were not told']);
});

test('what was told and not remembered is told once more, and fails no batch', async () => {
  let forgets = true;
  let clock = 0;
  const kept = memoryTopItems(() => clock);
  const tops: TopItems = {
    claim: kept.claim,
    put: (...given) => (forgets ? Promise.reject(new Error('away')) : kept.put(...given)),
  };
  const { run, updates, world, faults } = projecting({ tops });
  expect(await run(version('u', 1))).toEqual({ batchItemFailures: [] });
  expect(faults).toEqual(['recommendations were not told']);
  [forgets, clock] = [false, TURN_MS];
  world.nowMs += TURN_MS;
  await run(version('u', 2));
  expect(updates().map((each) => each.version)).toEqual([1, 2]);
});

test('what could not be put is not remembered: the next change tells it', async () => {
  let refuses = true;
  const stream = memoryEventStream();
  const updates: EventStream = {
    put: async (records) =>
      refuses && records.some(({ data }) => String(data).includes('"recommendations"'))
        ? Promise.reject(new Error('throttled'))
        : stream.put(records),
  };
  const { run, counts, world } = projecting({ updates });
  await run(version('u', 1));
  expect(counts[0]).toMatchObject({ recommended: 0, recommendationsSkipped: 1 });
  refuses = false;
  world.nowMs += TURN_MS;
  await run(version('u', 2));
  expect(counts[1]).toMatchObject({ recommended: 1 });
});
