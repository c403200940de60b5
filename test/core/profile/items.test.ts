import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  boundItems,
  itemsOf,
  newestItems,
  type RecentItems,
  recentItems,
} from '../../../functions/core/profile/recent-items.ts';
import { epochMs } from '../../../functions/core/time.ts';

const seen = (id: string, at: number): RecentItems => new Map([[id, epochMs(at)]]);
const ids = (items: RecentItems): readonly string[] => newestItems(items).map(([id]) => id);

test('an item appears once, where it was last; of one instant by id', () => {
  const all = [seen('a', 1), seen('b', 2), seen('a', 3), seen('c', 2)];
  expect(ids(all.reduce(recentItems.merge))).toEqual(['a', 'b', 'c']);
});

test('the newest twenty are kept, and bounding on the way changes nothing', () => {
  const events = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 60 })),
  );
  fc.assert(
    fc.property(events, (all) => {
      const each = all.map(([id, at]) => seen(`item-${id}`, at));
      const late = boundItems(each.reduce(recentItems.merge, recentItems.empty));
      const early = each.reduce(
        (sum, one) => boundItems(recentItems.merge(sum, one)),
        recentItems.empty,
      );
      expect(ids(early)).toEqual(ids(late));
      expect(ids(late).length).toBeLessThanOrEqual(20);
    }),
  );
});

test('of 21 items the oldest goes', () => {
  const all = Array.from({ length: 21 }, (_, i) => seen(`i${i}`, i)).reduce(recentItems.merge);
  expect(ids(boundItems(all))).toHaveLength(20);
  expect(ids(boundItems(all))).not.toContain('i0');
});

test('ids of 100 bytes: as many as fit into 624 bytes', () => {
  const long = Array.from({ length: 20 }, (_, i) => seen(`${i}`.padStart(100, 'x'), i));
  const kept = boundItems(long.reduce(recentItems.merge));
  expect(ids(kept)).toHaveLength(5);
  expect(ids(kept)[0]).toBe('19'.padStart(100, 'x'));
});

test('an event names its product and the lines of its order, each once', () => {
  const items = itemsOf({
    properties: { product_id: 7 },
    commerce: { items: [{ productId: '7' }, { productId: 'b' }, { productId: 'x'.repeat(129) }] },
  });
  expect([...items]).toEqual(['7', 'b']);
});
