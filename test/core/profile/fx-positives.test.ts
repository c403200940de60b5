import { expect, test } from 'vitest';
import {
  encodeFx,
  FX_BYTES_MAX,
  type Fx,
  type FxParts,
} from '../../../functions/core/profile/fx.ts';
import { readBefore, readPositives } from '../../../functions/core/profile/fx-positives.ts';
import { learntWith } from '../../../functions/core/profile/positives.ts';
import { days } from '../../../functions/core/time.ts';
import { counted, NOW } from '../../support/counted-events.ts';
import { absorbAll, envelopesOf, requestOf, sentEvent } from '../../support/enriched-lines.ts';

const MINUTE = 60_000;
const fxOf = (parts: Partial<FxParts>): Fx => {
  const minutes = new Set(
    (parts.events ?? []).map(({ arrivedAt }) => Math.floor(arrivedAt / MINUTE)),
  );
  return JSON.parse(
    encodeFx({
      minutes: [...minutes]
        .sort((left, right) => left - right)
        .map((minute) => ({ minute, applied: 1, duplicate: 0, parked: 0 })),
      events: [],
      before: [],
      differences: { sessions: [], lateForSessions: 0 },
      ...parts,
    }),
  );
};
const view = (arrivedAt: number, productId = 'a') =>
  counted({ at: NOW, name: 'Product Viewed', arrivedAt, productId });
const idsBefore = ({ before, minutes, strings }: Fx) =>
  readBefore(before, minutes, strings).map(({ item }) => item);
const positivesIn = ({ minutes, events, strings }: Fx) =>
  readPositives(
    events.flatMap(([, , , , , , , lines, positive]) =>
      positive === undefined ? [] : [[positive, lines] as const],
    ),
    minutes,
    strings,
  );

test('an event names the instant of its arrival, what it says, and for which items', () => {
  const fx = fxOf({
    events: [view(NOW + 7, 'tea'), counted({ at: NOW, name: 'Product Removed' })],
  });
  expect(fx.events.map(({ length }) => length)).toEqual([8, 9]);
  expect(positivesIn(fx)).toEqual([{ arrivedAt: NOW + 7, weight: 1, items: ['tea'] }]);
});

test('events come in the order of their arrival, inside a minute too', () => {
  const events = [view(NOW + 30), view(NOW + 10), view(NOW - MINUTE), view(NOW + 20)];
  const arrivals = positivesIn(fxOf({ events })).map(({ arrivedAt }) => arrivedAt - NOW);
  expect(arrivals).toEqual([-MINUTE, 10, 20, 30]);
});

test('an order that was counted before says nothing, and neither does an id that is too long', () => {
  const order = { at: NOW, name: 'Order Completed', productId: 'a' };
  const events = [
    counted({ ...order, orderCounts: false }),
    counted({ ...order, productId: 'x'.repeat(129) }),
    counted(order),
  ];
  const fx = fxOf({ events });
  expect(fx.events.map(({ length }) => length)).toEqual([8, 8, 9]);
  expect(positivesIn(fx)).toEqual([{ arrivedAt: NOW, weight: 5, items: ['a'] }]);
});

test('the items before are those within reach, and none where nothing is learnt', () => {
  const before = [
    { item: 'new', arrivedAt: NOW - 1 },
    { item: 'reached', arrivedAt: NOW - days(30) },
    { item: 'old', arrivedAt: NOW - days(30) - 1 },
  ];
  const learnt = learntWith(before, [view(NOW)], 10);
  expect(learnt).toEqual(before.slice(0, 2));
  expect(idsBefore(fxOf({ before: learnt, events: [view(NOW)] }))).toEqual(['new', 'reached']);
  expect(learntWith(before, [counted({ at: NOW, kind: 'page', name: 'home' })], 10)).toEqual([]);
});

test('behind the neighbours that count are those that would be repeated', () => {
  const before = [1, 2, 3, 29, 30, 31].map((ago) => ({
    item: `${ago} minutes`,
    arrivedAt: NOW - ago * MINUTE,
  }));
  const names = (max: number) => learntWith(before, [view(NOW)], max).map(({ item }) => item);
  expect(names(2)).toEqual(before.slice(0, 5).map(({ item }) => item));
  expect(names(6)).toHaveLength(6);
});

test('what came before a write are the positive items of the writes before it', () => {
  const at = (place: number, id: string) =>
    envelopesOf([requestOf([sentEvent(id, { properties: { product_id: id } })])], {
      from: place,
      arrivedAtMs: NOW + place,
    });
  const first = absorbAll(undefined, [...at(1, 'a'), ...at(2, 'b')]);
  const [fx] = absorbAll(first.profile, at(3, 'c')).fx;
  expect(first.fx.map(({ before }) => before)).toEqual(['']);
  expect(fx && idsBefore(fx)).toEqual(['b', 'a']);
});

test('events whose strings were left out name no items, and the list before them stays short', () => {
  const events = Array.from({ length: 64 }, (_, n) =>
    counted(
      {
        at: NOW,
        arrivedAt: NOW + n,
        name: 'Product Viewed',
        productId: `${n}-${'"'.repeat(60)}`,
        page: `${n}-${'"'.repeat(110)}`,
      },
      n,
    ),
  );
  const before = Array.from({ length: 20 }, (_, n) => ({
    item: `${n}-${'x'.repeat(30)}`,
    arrivedAt: NOW - n * days(1),
  }));
  const fx = fxOf({ before, events });
  expect(fx.cut).toBeGreaterThan(0);
  expect(Buffer.byteLength(JSON.stringify(fx))).toBeLessThanOrEqual(FX_BYTES_MAX);
  expect(fx.events.filter(({ length }) => length === 8)).toHaveLength(fx.cut);
  expect(idsBefore(fx)).toHaveLength(20);
});
