/** What the tags of a profile say at an instant. */
import { type EpochMs, startOfUtcDay, toRfc3339, utcDayOf } from '../time.ts';
import { MICROS, microsToText } from './amount.ts';
import { amountSince, firstDayAt } from './day-tiles.ts';
import type { TagSource } from './definition.ts';
import type { TagState } from './fold.ts';
import { readWindow } from './window-tiles.ts';

export type ServedValue =
  | { readonly type: 'count'; readonly amount: number }
  /** In 1, or in micros. */
  | { readonly type: 'sum'; readonly amount: number; readonly unit: 1 | typeof MICROS }
  | { readonly type: 'instant'; readonly at: EpochMs }
  | { readonly type: 'number'; readonly amount: number };

export interface ServedTag {
  readonly name: string;
  readonly value: ServedValue;
  readonly source: TagSource;
  readonly version: string;
  readonly partial: boolean;
}

const DAY_LENGTH_MS = startOfUtcDay(1) - startOfUtcDay(0);

const summed = ({ tag }: TagState, amount: number): ServedValue => {
  const { measure } = tag.definition;
  if (measure.op !== 'sum') return { type: 'count', amount };
  return { type: 'sum', amount, unit: measure.field === 'commerce.revenueMicros' ? MICROS : 1 };
};

const instantValue = ({ tag }: TagState, at: EpochMs, now: EpochMs): ServedValue => {
  if (tag.definition.measure.op !== 'timeSince') return { type: 'instant', at };
  return { type: 'number', amount: Math.max(0, Math.floor((now - at) / DAY_LENGTH_MS)) };
};

type Reading = { readonly value: ServedValue; readonly partial: boolean };

/** Undefined where there is nothing to say yet. */
const reading = (state: TagState, now: EpochMs): Reading | undefined => {
  const { tag, held, since } = state;
  const { shape } = tag;
  if (shape.kind === 'window' && held.kind === 'window') {
    const { amount, cut, from } = readWindow(held.value, shape, now);
    return { value: summed(state, amount), partial: cut || since > from };
  }
  if (held.kind === 'days') {
    const windowDays = shape.kind === 'days' ? shape.windowDays : undefined;
    const firstDay = windowDays === undefined ? 0 : firstDayAt(utcDayOf(now), windowDays);
    const from = startOfUtcDay(Math.max(0, firstDay));
    const cut = held.value.floorDay > Math.max(0, firstDay);
    return {
      value: summed(state, amountSince(held.value, firstDay)),
      partial: cut || since > from,
    };
  }
  if (held.kind !== 'instant' || held.value === undefined) return undefined;
  return { value: instantValue(state, held.value, now), partial: since > 0 };
};

export const readTags = (states: readonly TagState[], now: EpochMs): readonly ServedTag[] =>
  states.flatMap((state) => {
    const read = reading(state, now);
    if (read === undefined) return [];
    const { name, source } = state.tag.definition;
    return [{ name, source, version: state.tag.version, ...read }];
  });

/** In the tag's own unit, for conditions: money in whole units, instants in epoch ms. */
export const comparableOf = (value: ServedValue): number => {
  if (value.type === 'instant') return value.at;
  return value.type === 'sum' ? value.amount / value.unit : value.amount;
};

export type ShownValue = number | string;

/** As answers show it: instants as RFC 3339, the rest as numbers. */
export const shownValue = (value: ServedValue): ShownValue =>
  value.type === 'instant' ? toRfc3339(value.at) : comparableOf(value);

/** The shortest decimal. */
export const amountText = (value: Exclude<ServedValue, { type: 'instant' }>): string =>
  value.type === 'sum' && value.unit === MICROS ? microsToText(value.amount) : String(value.amount);
