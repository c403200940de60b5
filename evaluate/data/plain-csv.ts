/** A CSV of `user,item,time,type`: one row for each item that somebody did something with. */
import { type EpochMs, epochMs, fromRfc3339, seconds } from '../../functions/core/time.ts';
import { type Act, type DataSet, itemsOf } from '../act.ts';
import { csvRows } from './csv.ts';

export const PLAIN_HEAD = ['user', 'item', 'time'] as const;

const EVENTS: Readonly<Record<string, string>> = {
  view: 'Product Viewed',
  click: 'Product Clicked',
  cart: 'Product Added',
  purchase: 'Order Completed',
};
/** Later than any number of seconds that a log has, earlier than its milliseconds. */
const SECONDS_MAX = 100_000_000_000;
const VALIDATION_SHARE = 0.6;
const TEST_SHARE = 0.8;

const timeOf = (text: string): EpochMs | undefined => {
  if (!/^\d+(\.\d+)?$/.test(text)) return fromRfc3339(text);
  const value = Number(text);
  return epochMs(Math.round(value < SECONDS_MAX ? seconds(value) : value));
};

const eventOf = (type: string): string | undefined => {
  const event = EVENTS[type] ?? type;
  return Object.values(EVENTS).includes(event) ? event : undefined;
};

/** What one user does with several items at one instant is one act. */
const actsOf = (text: string): readonly Act[] => {
  const acts = new Map<string, Act & { readonly items: string[] }>();
  let line = 1;
  for (const { user = '', item = '', time = '', type = 'view' } of csvRows(text)) {
    line += 1;
    const [at, event] = [timeOf(time), eventOf(type === '' ? 'view' : type)];
    if (user === '' || item === '') throw new Error(`line ${line} names no user or no item`);
    if (at === undefined) throw new Error(`line ${line} has no time: "${time}"`);
    if (event === undefined) throw new Error(`line ${line} has an unknown type: "${type}"`);
    const key = JSON.stringify([user, at, event]);
    const act = acts.get(key) ?? { user, at, event, items: [] };
    if (!act.items.includes(item)) act.items.push(item);
    acts.set(key, act);
  }
  return [...acts.values()].sort((left, right) => left.at - right.at);
};

export const plainCsv = (name: string, text: string): DataSet => {
  const acts = actsOf(text);
  const last = acts.at(-1);
  if (last === undefined) throw new Error(`${name} has no rows`);
  const atShare = (share: number) => acts[Math.floor(acts.length * share)]?.at ?? last.at;
  return {
    name,
    source: 'a plain CSV',
    preset: 'commerce',
    acts,
    items: itemsOf(acts),
    validation: { from: atShare(VALIDATION_SHARE), to: atShare(TEST_SHARE) },
    test: { from: atShare(TEST_SHARE), to: epochMs(last.at + 1) },
    knownOnly: false,
    targets: [
      { name: 'all items', newOnly: false },
      { name: 'items new to the user', newOnly: true },
    ],
    outlivesLists: false,
  };
};
