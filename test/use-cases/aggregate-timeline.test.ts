/** The rows that `aggregate` leaves of what arrived: after the profile, once, and never at its cost. */
import { expect, test } from 'vitest';
import type { Origin } from '../../functions/core/event/event.ts';
import {
  type ReadTimelineRow,
  readTimelineRow,
  TIMELINE_KEPT_MS,
} from '../../functions/core/profile/timeline.ts';
import type { ProfileStore } from '../../functions/ports/profile-store.ts';
import type { TimelineStore } from '../../functions/ports/timeline.ts';
import { type Aggregating, aggregating, recordsOf } from '../support/aggregating.ts';
import {
  NOW,
  positionOf,
  requestOf,
  sentEvent,
  sentEvents,
  sequenceOf,
  stubText,
} from '../support/enriched-lines.ts';

const USER = 'u';
const events = (count: number, prefix = 'e') => sentEvents(count, prefix, { userId: USER });
const kept = (more: Aggregating = {}) => aggregating({ timeline: (memory) => memory, ...more });
type World = ReturnType<typeof aggregating>;

const rowsOf = (world: World, user = USER): readonly ReadTimelineRow[] =>
  [...(world.timeline.users.get(`main#${user}`)?.values() ?? [])].map(readTimelineRow);
const effectsIn = (rows: readonly ReadTimelineRow[]) =>
  rows.map(({ lines }) => lines.map(({ effect }) => effect));
const idsIn = (rows: readonly ReadTimelineRow[]) =>
  rows.map(({ lines }) => lines.map(({ text }) => JSON.parse(text).eventId));

/** Each call meets the next fate; afterwards all goes well. */
const failing =
  (...fates: readonly ('fails' | 'happens and fails' | 'well')[]) =>
  (memory: TimelineStore): TimelineStore => {
    const next = fates.values();
    return {
      putIfAbsent: async (origin: Origin, row) => {
        const fate = next.next().value ?? 'well';
        if (fate === 'fails') throw new Error('the table failed');
        const put = await memory.putIfAbsent(origin, row);
        if (fate === 'happens and fails') throw new Error('the answer was lost');
        return put;
      },
    };
  };

test('an envelope is one row: its lines as they stood, the version, and what the fold moved', async () => {
  const world = kept();
  const records = recordsOf(requestOf(events(3)));
  await world.run(records);
  const [row] = rowsOf(world);
  expect(rowsOf(world)).toHaveLength(1);
  expect(row?.lines.map(({ text }) => text)).toEqual(records[0]?.text.trimEnd().split('\n'));
  expect(effectsIn(rowsOf(world))).toEqual([['applied', 'applied', 'applied']]);
  expect(row?.version).toBe(world.itemOf(USER).version);
  expect(row?.moved.tags.views_24h).toEqual([0, 3]);
  expect(row?.moved.tags.first_seen).toEqual([null, '2026-11-24T11:57:00.000Z']);
  expect(row?.moved.tags).not.toHaveProperty('clicks_24h');
  expect(row?.moved.interests['category-0']).toEqual([null, 0.9999]);
});

test('the next fold says from where to where, and names only what it moved', async () => {
  const world = kept();
  const order = sentEvent('o', {
    userId: USER,
    event: 'Order Completed',
    timestamp: '2026-11-24T11:59:30Z',
    properties: { order_id: 'o-1', revenue: '2.50', category: 'category-1' },
  });
  await world.run(recordsOf(requestOf(events(3))));
  await world.run(recordsOf(requestOf([order], 'r2'), { from: 1 }), { from: 1 });
  const row = rowsOf(world).find(({ lines }) => lines.length === 1);
  expect(row?.moved.tags).toMatchObject({
    orders_total: [0, 1],
    ltv_total: [0, 2.5],
    last_seen: ['2026-11-24T11:59:00.000Z', '2026-11-24T11:59:30.000Z'],
  });
  expect(Object.keys(row?.moved.tags ?? {})).not.toContain('views_24h');
  expect(Object.keys(row?.moved.interests ?? {})).toEqual(['category-1']);
});

test('the key is the time that the first event claims, else that of receipt', async () => {
  const world = kept();
  const silent = sentEvent('b', { userId: USER, timestamp: null });
  await world.run(
    recordsOf([
      ...requestOf([sentEvent('a', { userId: USER, timestamp: '2031-01-01T00:00:00Z' })], 'r1'),
      ...requestOf([silent], 'r2'),
    ]),
  );
  const keys = rowsOf(world).map(({ key }) => key.replace(/[0-9a-f]{16}/, 'batch'));
  expect(keys).toEqual(['2031-01-01T00:00:00.000Z#batch#0', '2026-11-24T12:00:00.000Z#batch#0']);
});

test('a row lives 30 days from its arrival', async () => {
  const world = kept();
  await world.run(recordsOf(requestOf(events(1))));
  const [row] = world.timeline.users.get(`main#${USER}`)?.values() ?? [];
  expect(row?.ttl).toBe((NOW + TIMELINE_KEPT_MS) / 1_000);
});

test('7: killed after the compare-and-set, before the timeline row: counted once, and the row comes with the redelivery', async () => {
  const world = kept({ timeline: failing('fails') });
  const records = recordsOf(requestOf(events(5)));
  expect(await world.run(records)).toBe(sequenceOf(0));
  expect(world.totals(USER).applied).toBe(5);
  expect(rowsOf(world)).toEqual([]);
  expect(world.faults).toHaveLength(1);

  const item = world.itemOf(USER);
  expect(await world.run(records)).toBeUndefined();
  expect(world.itemOf(USER)).toBe(item);
  expect(world.totals(USER)).toEqual({ applied: 5, duplicate: 0, parked: 0 });
  const [row] = rowsOf(world);
  expect(row).toMatchObject({ version: undefined, moved: { tags: {}, interests: {} } });
  expect(effectsIn(rowsOf(world))).toEqual([Array(5).fill('unknown')]);
});

test('7: a row that was written before the kill stays as it was at the redelivery', async () => {
  const world = kept({ timeline: failing('happens and fails') });
  const records = recordsOf(requestOf(events(5)));
  expect(await world.run(records)).toBe(sequenceOf(0));
  expect(await world.run(records)).toBeUndefined();
  expect(effectsIn(rowsOf(world))).toEqual([Array(5).fill('applied')]);
  expect(rowsOf(world)[0]?.version).toBe(world.itemOf(USER).version);
});

test('no row tells of what was not counted: it comes after the compare-and-set', async () => {
  const world = kept({
    profiles: (store): ProfileStore => ({
      ...store,
      save: async () => {
        throw new Error('the table failed');
      },
    }),
  });
  expect(await world.run(recordsOf(requestOf(events(2))))).toBe(sequenceOf(0));
  expect(rowsOf(world)).toEqual([]);
});

test('a lost race leaves one row, of the version that won', async () => {
  let lost = false;
  const world = kept({
    profiles: (store): ProfileStore => ({
      ...store,
      save: async (origin, profile, readVersion) => {
        if (!lost) {
          lost = true;
          return { kind: 'conflict', winner: await store.load(origin) };
        }
        return store.save(origin, profile, readVersion);
      },
    }),
  });
  await world.run(recordsOf(requestOf(events(2))));
  expect(rowsOf(world).map(({ version }) => version)).toEqual([world.itemOf(USER).version]);
});

test('5: a write whose answer was lost is a redelivery to the retry, and its row says so', async () => {
  let first = true;
  const world = kept({
    profiles: (store): ProfileStore => ({
      ...store,
      save: async (...given) => {
        const saved = await store.save(...given);
        if (!first) return saved;
        first = false;
        return { kind: 'conflict', winner: await store.load(given[0]) };
      },
    }),
  });
  expect(await world.run(recordsOf(requestOf(events(2))))).toBeUndefined();
  expect(world.totals(USER).applied).toBe(2);
  expect(effectsIn(rowsOf(world))).toEqual([['unknown', 'unknown']]);
});

test.each(['rt', 'tr'] as const)(
  '28: killed between traits and profile, before %s: one row in the end, of what was counted',
  async (item) => {
    const told = sentEvent('i', { userId: USER, event: null, type: 'identify', traits: { a: 1 } });
    let killed = false;
    const once = async <T>(call: () => Promise<T>): Promise<T> => {
      if (killed) return call();
      killed = true;
      throw new Error('killed');
    };
    const world = kept({
      profiles: (store): ProfileStore => ({
        ...store,
        save: (...given) =>
          item === 'rt' ? once(() => store.save(...given)) : store.save(...given),
        saveTraits: (...given) =>
          item === 'tr' ? once(() => store.saveTraits(...given)) : store.saveTraits(...given),
      }),
    });
    const records = recordsOf(requestOf([told]));
    expect(await world.run(records)).toBe(sequenceOf(0));
    expect(rowsOf(world)).toEqual([]);
    expect(await world.run(records)).toBeUndefined();
    expect(effectsIn(rowsOf(world))).toEqual([['applied']]);
    expect(world.traitsOf(USER)).toEqual({ a: 1 });
  },
);

test('a resend that is cut alike adds no row, and a copy under another key says that it is one', async () => {
  const world = kept();
  const batch = events(3);
  await world.run(recordsOf(requestOf(batch, 'r1')));
  await world.run(recordsOf(requestOf(batch, 'r2'), { from: 1 }), { from: 1 });
  expect(effectsIn(rowsOf(world))).toEqual([Array(3).fill('applied')]);
  await world.run(recordsOf(requestOf(batch.slice(1), 'r3'), { from: 2 }), { from: 2 });
  expect(effectsIn(rowsOf(world))).toEqual([Array(3).fill('applied'), Array(2).fill('duplicate')]);
  expect(rowsOf(world)[1]?.moved.tags).toEqual({});
});

test('an order that was counted before says so', async () => {
  const order = (id: string) =>
    sentEvent(id, {
      userId: USER,
      event: 'Order Completed',
      properties: { order_id: 'o-1', revenue: '2.50' },
    });
  const world = kept();
  await world.run(recordsOf(requestOf([order('a'), order('b')])));
  expect(effectsIn(rowsOf(world))).toEqual([['applied', 'applied, but not its order']]);
});

test('what was set aside is not in a row, and an envelope of stubs alone has none', async () => {
  const world = kept();
  const [cut] = recordsOf(requestOf(events(2)));
  const lines = cut?.text.trimEnd().split('\n') ?? [];
  const stub = stubText(positionOf(0), 0, `main#${USER}`);
  await world.run([{ partitionKey: `main#${USER}`, text: `${stub}\n${lines[1]}\n` }]);
  expect(idsIn(rowsOf(world))).toEqual([['e-1']]);
  const alone = stubText(positionOf(9), 0, `main#${USER}`);
  await world.run([{ partitionKey: `main#${USER}`, text: `${alone}\n` }], { from: 9 });
  expect(rowsOf(world)).toHaveLength(1);
});

test('500 events of one user are one row an envelope, and a fault in the middle loses none', async () => {
  const world = kept({
    timeline: failing(...Array<'well'>(5).fill('well'), 'fails'),
  });
  const cuts = requestOf(events(500));
  const records = recordsOf(cuts);
  expect(await world.run(records)).toBe(sequenceOf(0));
  expect(await world.run(records)).toBeUndefined();
  expect(rowsOf(world)).toHaveLength(cuts.length);
  expect(new Set(idsIn(rowsOf(world)).flat())).toEqual(
    new Set(events(500).map(({ eventId }) => eventId)),
  );
  expect(world.totals(USER)).toEqual({ applied: 500, duplicate: 0, parked: 0 });
  expect(world.counts.reduce((sum, { applied }) => sum + applied, 0)).toBe(500);
});

test('a user whose rows fail holds up nobody else', async () => {
  const world = kept({
    timeline: (memory) => ({
      putIfAbsent: async (origin, row) => {
        if (origin.user === 'bad') throw new Error('the table failed');
        return memory.putIfAbsent(origin, row);
      },
    }),
  });
  const records = recordsOf([
    ...requestOf([sentEvent('a', { userId: 'good' })], 'r1'),
    ...requestOf([sentEvent('b', { userId: 'bad' })], 'r2'),
    ...requestOf([sentEvent('c', { userId: 'fine' })], 'r3'),
  ]);
  expect(await world.run(records)).toBe(sequenceOf(1));
  expect(['good', 'bad', 'fine'].map((user) => rowsOf(world, user).length)).toEqual([1, 0, 1]);
});

test('rows of one user are put four at a time', async () => {
  let running = 0;
  let most = 0;
  const world = kept({
    timeline: (memory) => ({
      putIfAbsent: async (origin, row) => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        return memory.putIfAbsent(origin, row);
      },
    }),
  });
  const many = Array.from({ length: 30 }, (_, n) => requestOf(events(1, `p${n}`), `r${n}`));
  await world.run(recordsOf(many.flat()));
  expect(rowsOf(world)).toHaveLength(30);
  expect(most).toBe(4);
});

test('without a timeline nothing of it is done', async () => {
  const world = aggregating();
  expect(await world.run(recordsOf(requestOf(events(3))))).toBeUndefined();
  expect(world.timeline.users.size).toBe(0);
});
