/** Whatever fails, and however often a batch comes again, what is left is what the oracle says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFacets, encodeFacets } from '../../functions/core/profile/facets.ts';
import { encodeTags } from '../../functions/core/tags/fold.ts';
import type { ProfileStore } from '../../functions/ports/profile-store.ts';
import { aggregating, type EnrichedText, recordsOf } from '../support/aggregating.ts';
import { definitions, requestOf, sentEvent, sequenceOf } from '../support/enriched-lines.ts';

const USERS = ['ann', 'bob', 'cyd'];

/** What becomes of one call of a port. */
type Fate = 'well' | 'fails' | 'happens and fails' | 'happens and conflicts' | 'loses';
const fates = fc.infiniteStream(
  fc.constantFrom<Fate>(
    'well',
    'well',
    'well',
    'well',
    'fails',
    'happens and fails',
    'happens and conflicts',
    'loses',
  ),
);

/** Until the faults stop, each call meets the next fate. */
const faulty = (store: ProfileStore, fate: () => Fate): ProfileStore => {
  const write =
    <
      A extends readonly [Parameters<ProfileStore['load']>[0], ...unknown[]],
      S extends { kind: string },
    >(
      call: (...args: A) => Promise<S>,
      winner: (...args: A) => Promise<S>,
    ) =>
    async (...args: A): Promise<S> => {
      const next = fate();
      if (next === 'fails') throw new Error('before its effect');
      if (next === 'loses') return winner(...args);
      const saved = await call(...args);
      if (next === 'happens and fails') throw new Error('after its effect');
      return next === 'happens and conflicts' ? winner(...args) : saved;
    };
  return {
    load: async (origin) => {
      if (fate() === 'fails') throw new Error('the read failed');
      return store.load(origin);
    },
    loadTraits: (origin) => store.loadTraits(origin),
    save: write(store.save, async (origin) => ({
      kind: 'conflict',
      winner: await store.load(origin),
    })),
    saveTraits: write(store.saveTraits, async (origin) => ({
      kind: 'conflict',
      winner: await store.loadTraits(origin),
    })),
  };
};

/** Requests of three users over a small pool of ids, so that copies and re-cuts come by themselves. */
const requests = fc.array(
  fc.record({
    user: fc.constantFrom(...USERS),
    from: fc.nat(30),
    count: fc.integer({ min: 1, max: 30 }),
  }),
  { minLength: 3, maxLength: 14 },
);

const eventOf = (user: string, n: number) =>
  sentEvent(`id-${n}`, {
    userId: user,
    ...(n % 10 === 0
      ? { event: null, type: 'identify', traits: { level: n, [`trait-${n}`]: 'x' } }
      : {}),
    timestamp: `2026-11-24T11:${String(10 + (n % 50)).padStart(2, '0')}:00Z`,
  });

type Requests = readonly { readonly user: string; readonly from: number; readonly count: number }[];

const recordsIn = (all: Requests): readonly EnrichedText[] =>
  recordsOf(
    all.flatMap(({ user, from, count }, n) =>
      requestOf(
        Array.from({ length: count }, (_, index) => eventOf(user, from + index)),
        `request-${n}`,
      ),
    ),
  );

const distinct = (all: Requests, user: string): Set<number> =>
  new Set(
    all
      .filter((request) => request.user === user)
      .flatMap(({ from, count }) => Array.from({ length: count }, (_, index) => from + index)),
  );

const sentBy = (all: Requests, user: string): number =>
  all.filter((request) => request.user === user).reduce((sum, { count }) => sum + count, 0);

const placeIn = (records: readonly EnrichedText[], sequence: string): number =>
  records.findIndex((_, place) => sequenceOf(place) === sequence);

/** Lambda: from the lowest number named again; now and then more than that, or cut in two. */
const deliver = async (
  world: ReturnType<typeof aggregating>,
  records: readonly EnrichedText[],
  chance: () => number,
): Promise<void> => {
  let start = 0;
  for (let call = 0; start < records.length; call += 1) {
    if (call > 500) throw new Error('it does not come to rest');
    const from = Math.max(0, start - (chance() % 5));
    const to = Math.min(records.length, start + 1 + (chance() % 8));
    const failed = await world.run(records.slice(from, to), { from });
    start = failed === undefined ? to : Math.max(from, placeIn(records, failed));
  }
};

test('any mix of failures and redeliveries converges to the oracle', async () => {
  const met = new Set<Fate>();
  await fc.assert(
    fc.asyncProperty(
      requests,
      fates,
      fc.infiniteStream(fc.nat(99)),
      fc.integer({ min: 0, max: 120 }),
      async (all, stream, chances, faultsMax) => {
        let faults = faultsMax;
        const fate = (): Fate => {
          faults -= 1;
          if (faults < 0) return 'well';
          const next = stream.next().value;
          met.add(next);
          return next;
        };
        const world = aggregating({ profiles: (store) => faulty(store, fate) });
        const records = recordsIn(all);
        await deliver(world, records, () => chances.next().value);
        const calm = aggregating();
        expect(await calm.run(records)).toBeUndefined();
        for (const user of USERS) {
          const ids = distinct(all, user);
          const applied = ids.size;
          expect(world.totals(user)).toEqual({
            applied,
            duplicate: sentBy(all, user) - applied,
            parked: 0,
          });
          if (applied === 0) continue;
          const item = world.itemOf(user);
          const facets = decodeFacets(item.facets, definitions);
          const expected = decodeFacets(calm.itemOf(user).facets, definitions);
          expect(encodeTags(facets.tags)).toEqual(encodeTags(expected.tags));
          expect(facets.items).toEqual(expected.items);
          expect(facets.sessions).toEqual(expected.sessions);
          expect(item.memory).toEqual(calm.itemOf(user).memory);
          expect(item.duplicates).toBe(sentBy(all, user) - applied);
          const told = [...ids].filter((n) => n % 10 === 0);
          const traits: Record<string, unknown> = Object.fromEntries(
            told.map((n) => [`trait-${n}`, 'x']),
          );
          // Event time goes round at the 50th: the latest minute of the hour told last.
          const newest = told
            .toSorted((left, right) => (left % 50) - (right % 50) || left - right)
            .at(-1);
          if (newest !== undefined) traits.level = newest;
          expect(world.traitsOf(user)).toEqual(traits);
        }
        expect(
          encodeFacets(decodeFacets(world.itemOf(all[0]?.user ?? '').facets, definitions)),
        ).toBe(world.itemOf(all[0]?.user ?? '').facets);
      },
    ),
    { numRuns: 60 },
  );
  expect(met.size).toBe(5);
});
