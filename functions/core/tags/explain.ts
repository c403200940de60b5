/**
 * What a tag's value is made of: the tiles that a reader takes at this instant, and which events can
 * lie in them. The value itself is read by `read.ts`; the two agree, or a test says so.
 */
import type { EpochMs } from '../time.ts';
import { addAmounts, MICROS } from './amount.ts';
import type { Measure, TagDefinition } from './definition.ts';
import { type NightlyPart, partOf, type TilePart } from './explain-parts.ts';
import { type Extreme, extremeOf } from './extremes.ts';
import type { CountedEvent, TagState } from './fold.ts';
import { amountOf, fieldOf, matches, textOf, textsOf, unitOf, weightOf } from './matching.ts';

/** How amounts of tiles, and of the events in them, become one; a pick is no amount. */
export type Combining = 'sum' | Extreme | 'values' | 'top' | 'pick';

export interface TagTiles extends Omit<TilePart, 'holds'> {
  readonly combining: Combining;
  /** The amounts combined; the value is this divided by the unit. */
  readonly total: number;
  readonly unit: 1 | typeof MICROS;
  /** Events that arrived earlier are missing. */
  readonly since: EpochMs | undefined;
  /** Of counts: no event takes anything off. */
  readonly growsOnly: boolean;
  /** What an event says to these tiles; undefined for one that changes none. */
  readonly amountOf: (counted: CountedEvent) => number | undefined;
}

export const COMBINING: Readonly<Record<Measure['op'], Combining>> = {
  count: 'sum',
  sum: 'sum',
  min: 'min',
  max: 'max',
  distinct: 'values',
  top: 'top',
  first: 'pick',
  last: 'pick',
  timeSince: 'pick',
};

/** Undefined where an extreme is of nothing. */
export const combined = (
  all: readonly { readonly amount: number }[],
  combining: Combining,
): number | undefined => {
  const amounts = all.map(({ amount }) => amount);
  if (combining === 'min' || combining === 'max') {
    return amounts.length === 0 ? undefined : extremeOf[combining](...amounts);
  }
  return combining === 'top' ? (amounts[0] ?? 0) : amounts.reduce(addAmounts, 0);
};

/** What one event says to a tag; undefined: nothing. */
const spokenBy = (
  { measure }: TagDefinition,
  { event, orderCounts }: CountedEvent,
): number | undefined => {
  switch (measure.op) {
    case 'count':
    case 'sum':
      return amountOf(measure, event, orderCounts) || undefined;
    case 'min':
    case 'max':
      return amountOf(measure, event, orderCounts);
    case 'distinct':
      return textsOf(fieldOf(event, measure.field)).length || undefined;
    case 'top':
      return textsOf(fieldOf(event, measure.field)).length > 0
        ? weightOf(measure, event)
        : undefined;
    case 'timeSince':
      return 1;
    default: {
      const isSaid =
        measure.field === 'timestamp' || textOf(fieldOf(event, measure.field)) !== undefined;
      return isSaid ? 1 : undefined;
    }
  }
};

const NO_NIGHTLY: NightlyPart = { off: undefined, cut: 0 };

export const explainTag = (
  state: TagState,
  now: EpochMs,
  nightly: NightlyPart = NO_NIGHTLY,
): TagTiles => {
  const { definition } = state.tag;
  const { measure } = definition;
  const { holds, ...part } = partOf(state, now, nightly);
  const combining = COMBINING[measure.op];
  return {
    ...part,
    combining,
    total: combined(part.tiles, combining) ?? 0,
    unit: measure.op === 'top' ? MICROS : unitOf(measure),
    since: state.since > 0 ? state.since : undefined,
    growsOnly: measure.op === 'count',
    amountOf: (counted) => {
      const { event, timestamp, arrivedAt } = counted;
      if (arrivedAt < state.since || !holds(timestamp)) return undefined;
      return matches(definition.events, event) ? spokenBy(definition, counted) : undefined;
    },
  };
};
