/** A snapshot with changes laid over it is what a map of the items says. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CatalogueItem, readItem } from '../../functions/core/catalogue/item.ts';
import type { ItemInput } from '../../functions/core/catalogue/item-schemas.ts';
import {
  catalogueOf,
  decodeItem,
  encodeItem,
  type ItemChange,
  NO_CATALOGUE,
  type Snapshot,
  withChanges,
} from '../../functions/core/catalogue/snapshot.ts';
import type { OfferedItem } from '../../functions/core/recommend/catalogue.ts';
import { epochMs } from '../../functions/core/time.ts';

const EMPTY = { version: '', lines: [] };
const IDS = ['a', 'b', 'ü#1', '__proto__', 'e', 'f'];

const found = fc
  .record({
    name: fc.option(fc.string({ minLength: 1, maxLength: 9 }), { nil: undefined }),
    categories: fc.subarray(['shoes', 'Ärmel', 'tech']),
    price: fc.option(fc.integer({ min: 0, max: 999 }), { nil: undefined }),
    available: fc.boolean(),
    owner: fc.option(fc.constant('u1'), { nil: undefined }),
    attributes: fc.dictionary(fc.constantFrom('size', 'hue'), fc.constantFrom(1, 'red', true)),
    createdAt: fc.integer({ min: 0, max: 4 }),
  })
  .map(({ createdAt, ...more }) => ({ createdAt: epochMs(createdAt), more }));

const itemOf = (id: string, more: object = {}): ItemInput => {
  const item = readItem(JSON.parse(JSON.stringify({ id, ...more })));
  if (typeof item === 'string') throw new Error(item);
  return item;
};

const rowOf = (id: string, at: number, more: object = {}): CatalogueItem => ({
  item: itemOf(id, more),
  createdAt: epochMs(at),
  updatedAt: epochMs(at),
});

/** Each item once, as one call reads them. */
const changeSet = fc
  .uniqueArray(fc.constantFrom(...IDS), { maxLength: IDS.length })
  .chain((ids) => fc.tuple(...ids.map((id) => fc.tuple(fc.constant(id), fc.option(found)))))
  .map((all) =>
    all.map(
      ([id, one]): ItemChange => ({
        id,
        found: one === null ? undefined : rowOf(id, one.createdAt, one.more),
      }),
    ),
  );

const idsIn = ({ lines }: Pick<Snapshot, 'lines'>) => lines.map((line) => decodeItem(line).id);

const asOffered = ({ item: { url: _url, image: _image, ...item }, createdAt }: CatalogueItem) => ({
  ...item,
  createdAt,
});

test('changes one after the other are what a map says, newest first', () => {
  fc.assert(
    fc.property(fc.array(changeSet, { maxLength: 6 }), (sets) => {
      const map = new Map<string, CatalogueItem>();
      let snapshot: Snapshot = { ...EMPTY, dropped: 0 };
      for (const changes of sets) {
        for (const change of changes) {
          if (change.found === undefined) map.delete(change.id);
          else map.set(change.id, change.found);
        }
        snapshot = withChanges(snapshot, changes);
      }
      const said = new Map(snapshot.lines.map((line) => [decodeItem(line).id, decodeItem(line)]));
      expect(said.size).toBe(snapshot.lines.length);
      expect(said).toEqual(new Map([...map].map(([id, row]) => [id, asOffered(row)])));
      const instants = snapshot.lines.map((line) => decodeItem(line).createdAt);
      expect(instants).toEqual(instants.toSorted((left, right) => right - left));
      expect(snapshot.dropped).toBe(0);
    }),
  );
});

test('the order in which changes are read decides nothing', () => {
  fc.assert(
    fc.property(changeSet, changeSet, (before, changes) => {
      const old = withChanges(EMPTY, before);
      expect(withChanges(old, changes.toReversed())).toEqual(withChanges(old, changes));
    }),
  );
});

test('over its bounds a snapshot keeps the newest, and says how many it dropped', () => {
  const changes = [3, 1, 2].map((at) => ({ id: `n${at}`, found: rowOf(`n${at}`, at) }));
  const all = withChanges(EMPTY, changes);
  expect(idsIn(all)).toEqual(['n3', 'n2', 'n1']);
  const bytesMax = all.lines.slice(0, 2).join('\n').length + 1;
  for (const bounds of [
    { itemsMax: 2, bytesMax: 1_000_000 },
    { itemsMax: 100, bytesMax },
  ]) {
    const bounded = withChanges(EMPTY, changes, bounds);
    expect([idsIn(bounded), bounded.dropped]).toEqual([['n3', 'n2'], 1]);
  }
  expect(withChanges(EMPTY, changes, { itemsMax: 100, bytesMax: bytesMax - 1 }).dropped).toBe(2);
});

test('a version is of what it says, and of the one before it', () => {
  const put = [{ id: 'a', found: rowOf('a', 1) }];
  const renamed = [{ id: 'a', found: rowOf('a', 1, { name: 'new' }) }];
  const first = withChanges(EMPTY, put);
  expect(withChanges(EMPTY, put).version).toBe(first.version);
  expect(withChanges(EMPTY, renamed).version).not.toBe(first.version);
  expect(withChanges(EMPTY, [{ id: 'a', found: undefined }]).version).not.toBe(first.version);
  const back = withChanges(withChanges(first, renamed), put);
  expect(back.lines).toEqual(first.lines);
  expect(back.version).not.toBe(first.version);
});

test('a line that no snapshot of ours has is a fault', () => {
  const line = encodeItem(
    decodeItem(withChanges(EMPTY, [{ id: 'a', found: rowOf('a', 1) }]).lines[0] ?? ''),
  );
  expect(decodeItem(line)).toEqual(asOffered(rowOf('a', 1)));
  for (const damage of [
    { id: 1 },
    { categories: 'x' },
    { categories: [1] },
    { available: 'yes' },
    { price: '1' },
    { attributes: null },
    { createdAt: 1.5 },
    { name: 7 },
  ]) {
    expect(() => decodeItem(JSON.stringify({ ...JSON.parse(line), ...damage }))).toThrow();
  }
});

const offeredItem: fc.Arbitrary<OfferedItem> = fc
  .tuple(fc.constantFrom(...IDS), found)
  .map(([id, { createdAt, more }]) => asOffered(rowOf(id, createdAt, more)));

test('a catalogue finds, lists by category and orders as a slow search does', () => {
  fc.assert(
    fc.property(fc.uniqueArray(offeredItem, { selector: ({ id }) => id }), (items) => {
      const catalogue = catalogueOf('v', items);
      expect([catalogue.version, catalogue.size]).toEqual(['v', items.length]);
      for (const id of IDS) expect(catalogue.find(id)).toBe(items.find((item) => item.id === id));
      const newest = items
        .toSorted((left, right) => (left.id < right.id ? -1 : 1))
        .toSorted((left, right) => right.createdAt - left.createdAt);
      expect(catalogue.newest).toEqual(newest.map(({ id }) => id));
      for (const category of ['SHOES', 'ÄRMEL', 'TECH', 'NONE']) {
        expect(catalogue.inCategory(category)).toEqual(
          newest.filter(({ categories }) => categories.includes(category)).map(({ id }) => id),
        );
      }
    }),
  );
  expect([NO_CATALOGUE.size, NO_CATALOGUE.newest, NO_CATALOGUE.inCategory('X')]).toEqual([
    0,
    [],
    [],
  ]);
});
