import { dayNumber } from '../../functions/core/nightly/plan-night.ts';
import { itemsOf } from '../../functions/core/profile/recent-items.ts';
import {
  AMOUNT_UNIT,
  LEARNING_PRESETS,
  PAIR_HALF_LIFE_DAYS,
  POSITIVE_WEIGHTS,
} from '../../functions/core/recommend/learning.ts';
import type { ListsPointer, Weighted } from '../../functions/core/recommend/lists.ts';
import type { ItemListsReader } from '../../functions/ports/item-lists.ts';
import { learntSlowly, type SlowPairs, type SlowPositive } from '../support/learnt-slowly.ts';
import type { UserLedger } from './auditor.ts';
import { lakeOf } from './lake-oracle.ts';
import type { LakeTables } from './lake-tables.ts';
import type { ReadLine } from './stated-memory.ts';
import { violated } from './violation.ts';

export const TENANT = 'main';
/** Of a weight in a row, which has six digits. */
const NEAR = 1e-5;

const positivesIn = (lines: Iterable<ReadLine>): readonly SlowPositive[] =>
  lakeOf(lines).flatMap(({ line, dup, again }) => {
    if (line.stub || dup || again) return [];
    const weight = POSITIVE_WEIGHTS[line.event.name];
    if (weight === undefined) return [];
    return [{ arrivedAt: Date.parse(line.arrivedAt), weight, items: [...itemsOf(line.event)] }];
  });

export const slowPairs = (users: Iterable<UserLedger>): SlowPairs => {
  const sums: SlowPairs = new Map();
  for (const { lines } of users)
    learntSlowly(positivesIn(lines.values()), LEARNING_PRESETS.commerce, sums);
  return sums;
};

/** Units by the cut, by item and neighbour; without a neighbour the item's own events. */
const slowLists = (pairs: SlowPairs, cut: number): ReadonlyMap<string, Map<string, number>> => {
  const lists = new Map<string, Map<string, number>>();
  for (const [key, amount] of pairs) {
    const [date, src, dst] = JSON.parse(key) as [string, string, string];
    const day = dayNumber(date);
    if (day >= cut) continue;
    const list = lists.get(src) ?? new Map<string, number>();
    const units = (amount / AMOUNT_UNIT) * 2 ** ((day - (cut - 1)) / PAIR_HALF_LIFE_DAYS);
    list.set(dst, (list.get(dst) ?? 0) + units);
    lists.set(src, list);
  }
  return lists;
};

const isNear = (said: number, meant: number): boolean =>
  Math.abs(said - meant) <= NEAR * Math.max(1, meant);

const compareList = (
  item: string,
  said: readonly Weighted[],
  meant: ReadonlyMap<string, number>,
): void => {
  if (said.length !== meant.size)
    violated('P8', `${item} is served with ${said.length} neighbours, not ${meant.size}`);
  for (const [other, weight] of said)
    if (!isNear(weight, meant.get(other) ?? 0))
      violated('P8', `${item} to ${other} is served as ${weight}, not ${meant.get(other)}`);
};

/**
 * P8: once all is in the lake and two nights have passed, pairs of items are what each event once
 * means, to the millionth, and the lists that readers are pointed to say so.
 */
export const auditLists = async (
  users: Iterable<UserLedger>,
  tables: LakeTables,
  served: ItemListsReader,
  newest: Partial<ListsPointer>,
): Promise<void> => {
  const meant = slowPairs(users);
  const rows = tables.rowsOf('pairs_day');
  if (rows.length !== meant.size)
    violated('P8', `${rows.length} pairs of items in the lake, not ${meant.size}`);
  for (const { arrival_day: day, src, dst, amount } of rows) {
    const right = meant.get(JSON.stringify([day, src, dst]));
    if (Number(amount) !== right)
      violated('P8', `${src} to ${dst} of ${day} is ${amount} in the lake, not ${right}`);
  }
  if (meant.size === 0) return;
  const pointer = await served.pointer(TENANT);
  if (pointer === undefined || pointer.version !== newest.version || pointer.cut !== newest.cut)
    return violated('P8', `readers take the lists ${pointer?.version}, not ${newest.version}`);
  const lists = slowLists(meant, dayNumber(pointer.cut));
  const found = await served.read(TENANT, pointer.version, [...lists.keys()]);
  for (const [item, { '': events = 0, ...pairs }] of [...lists].map(
    ([name, list]) => [name, Object.fromEntries(list)] as const,
  )) {
    const said = found.get(item) ?? { events: 0, pairs: [] };
    if (!isNear(said.events, events))
      violated('P8', `${item} is served with ${said.events} events, not ${events}`);
    compareList(item, said.pairs, new Map(Object.entries(pairs)));
  }
};
