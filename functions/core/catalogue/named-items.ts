/** Items as events name them: all that is known of one before somebody puts it. */
import type { Change, ShortEvent } from '../analytics/effects.ts';
import { FX_TEXT_CHARACTERS_MAX } from '../profile/fx.ts';
import { AMOUNT_UNIT, POSITIVE_WEIGHTS } from '../recommend/learning.ts';
import { type EpochMs, epochMs } from '../time.ts';
import { readItem } from './item.ts';
import type { ItemInput } from './item-schemas.ts';

export interface NamedItem {
  readonly item: ItemInput;
  /** When the event arrived that named it first, in whole minutes. */
  readonly at: EpochMs;
}

interface Said {
  readonly id: string;
  readonly category: string | undefined;
  readonly priceMicros: number;
  readonly at: EpochMs;
}

const MINUTE_MS = 60_000;

/** An event's category is that of its item only where it has no other. */
const saidBy = ({ name, category, lines }: ShortEvent, at: EpochMs): readonly Said[] =>
  name !== undefined && Object.hasOwn(POSITIVE_WEIGHTS, name)
    ? lines.map(({ item: id, priceMicros }) => ({
        ...{ id, priceMicros, at },
        category: lines.length === 1 ? category : undefined,
      }))
    : [];

/** The same item in two events: the first to say something is believed. */
const both = (one: Said, other: Said): Said => ({
  id: one.id,
  category: one.category ?? other.category,
  priceMicros: one.priceMicros || other.priceMicros,
  at: epochMs(Math.min(one.at, other.at)),
});

/** A text as long as effects keep may have been clipped, and would name another item. */
const isWhole = (id: string): boolean => id.length < FX_TEXT_CHARACTERS_MAX;

const inputOf = ({ id, category, priceMicros }: Said): ItemInput | undefined => {
  const price = priceMicros > 0 ? { price: priceMicros / AMOUNT_UNIT } : {};
  const full = readItem({ id, categories: category === undefined ? [] : [category], ...price });
  const read = typeof full === 'string' ? readItem({ id }) : full;
  return typeof read === 'string' ? undefined : read;
};

/** Of one tenant's changes; each item once, in the order in which they are named. */
export const namedItems = (changes: readonly Change[]): readonly NamedItem[] => {
  const said = new Map<string, Said>();
  for (const { effects } of changes) {
    for (const { minute, events } of effects.minutes) {
      const at = epochMs(minute * MINUTE_MS);
      for (const one of events.flatMap((event) => saidBy(event, at))) {
        const known = said.get(one.id);
        if (isWhole(one.id)) said.set(one.id, known === undefined ? one : both(known, one));
      }
    }
  }
  return [...said.values()].flatMap((one) => {
    const item = inputOf(one);
    return item === undefined ? [] : [{ item, at: one.at }];
  });
};
