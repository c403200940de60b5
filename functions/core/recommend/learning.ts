/**
 * How items are learnt to belong together: directed, distance-decayed co-visitation. The stream's
 * increments and the nightly SQL are two readings of these numbers.
 */
import { days, minutes } from '../time.ts';

/** What an event says for each item that it names; other events say nothing. */
export const POSITIVE_WEIGHTS: Readonly<Record<string, number>> = {
  'Product Viewed': 1,
  'Product Clicked': 1,
  'Product Added': 3,
  'Order Completed': 5,
};

/** An older item of a user's list is no neighbour of what comes now. */
export const REACH_MS = days(30);
/** The same item again within this time only moves to the front. */
export const REPEAT_MS = minutes(30);
/** What a user's list holds, whatever the preset takes of it. */
export const HISTORY_MAX = 20;
/** Amounts are whole millionths, so that sums do not depend on their order. */
export const AMOUNT_UNIT = 1_000_000;
/** Weights of a day are worth half after this time. */
export const PAIR_HALF_LIFE_DAYS = 30;
export const BASKET_LINES_LIVE_MAX = 20;
export const BASKET_LINES_NIGHTLY_MAX = 60;

export interface LearningPreset {
  /** Of the user's list, how many count as neighbours of the next item. */
  readonly neighboursMax: number;
  /** What the item at distance 1, 2, … gets of the event's weight. */
  readonly distance: 'inverse' | 'inverse-root';
  /** What the pair gets in the other direction. */
  readonly backward: number;
}

export type PresetName = 'commerce' | 'taste';

export const LEARNING_PRESETS: Readonly<Record<PresetName, LearningPreset>> = {
  commerce: { neighboursMax: 10, distance: 'inverse', backward: 0.3 },
  taste: { neighboursMax: 20, distance: 'inverse-root', backward: 1 },
};

/** The stream and the night must learn alike. */
export const learningPresetOf = ({
  recommend,
}: {
  readonly recommend?: { readonly preset: PresetName };
}): LearningPreset => LEARNING_PRESETS[recommend?.preset ?? 'commerce'];

/** An item of a user's list, at the arrival of its last event. */
export interface ArrivedItem {
  readonly item: string;
  readonly arrivedAt: number;
}

/** One positive event of a user; an order's lines are items of one event. */
export interface PositiveEvent {
  readonly arrivedAt: number;
  readonly weight: number;
  /** Each once, in the event's order. */
  readonly items: readonly string[];
}

/** Whole millionths from one item to another. */
export interface PairIncrement {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
}

/** What some events add, of one UTC day of arrival. */
export interface LearntDay {
  /** `YYYY-MM-DD`. */
  readonly day: string;
  readonly pairs: readonly PairIncrement[];
  /** Events of an item, repeats aside. */
  readonly counts: readonly { readonly item: string; readonly events: number }[];
}
