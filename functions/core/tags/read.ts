/** What the tags of a profile say at an instant. */
import { type EpochMs, startOfUtcDay, toRfc3339 } from '../time.ts';
import { addAmounts, MICROS, microsToText } from './amount.ts';
import type { TagDefinition, TagSource } from './definition.ts';
import { extremeOf } from './extremes.ts';
import type { TagState } from './fold.ts';
import { instants } from './instant.ts';
import { unitOf } from './matching.ts';
import { type Measured, readState } from './read-state.ts';
import { said } from './said.ts';

/** Amounts are whole: of a unit of one, or of micros. */
export type ServedValue =
  | { readonly type: 'count'; readonly amount: number }
  | { readonly type: 'sum' | 'number'; readonly amount: number; readonly unit: 1 | typeof MICROS }
  | { readonly type: 'instant'; readonly at: EpochMs }
  | { readonly type: 'string'; readonly text: string };

export interface ServedTag {
  readonly name: string;
  readonly value: ServedValue;
  readonly source: TagSource;
  readonly version: string;
  readonly partial: boolean;
}

const DAY_LENGTH_MS = startOfUtcDay(1) - startOfUtcDay(0);

/** Of what the stream or the nightly measured, or of both joined. */
export const servedValue = (
  { measure }: TagDefinition,
  measured: Measured,
  now: EpochMs,
): ServedValue => {
  if (measured.kind === 'text') return { type: 'string', text: measured.text };
  if (measured.kind === 'said') return { type: 'string', text: measured.saying.text ?? '' };
  if (measured.kind === 'instant') {
    if (measure.op !== 'timeSince') return { type: 'instant', at: measured.at };
    const whole = Math.floor((now - measured.at) / DAY_LENGTH_MS);
    return { type: 'number', amount: Math.max(0, whole), unit: 1 };
  }
  const { amount } = measured;
  if (measure.op === 'count' || measure.op === 'distinct') return { type: 'count', amount };
  return { type: measure.op === 'sum' ? 'sum' : 'number', amount, unit: unitOf(measure) };
};

/** Of two parts of history that share no event, or that may where sharing does no harm. */
export const joinMeasured = (
  { measure }: TagDefinition,
  left: Measured | undefined,
  right: Measured | undefined,
): Measured | undefined => {
  if (left === undefined || right === undefined) return left ?? right;
  const pick = measure.op === 'first' ? 'earliest' : 'latest';
  if (left.kind === 'amount' && right.kind === 'amount') {
    const isExtreme = measure.op === 'min' || measure.op === 'max';
    const join = isExtreme ? extremeOf[measure.op] : addAmounts;
    return { kind: 'amount', amount: join(left.amount, right.amount) };
  }
  if (left.kind === 'instant' && right.kind === 'instant') {
    return { kind: 'instant', at: instants[pick].merge(left.at, right.at) ?? left.at };
  }
  if (left.kind === 'said' && right.kind === 'said') {
    return { kind: 'said', saying: said[pick].merge(left.saying, right.saying) ?? left.saying };
  }
  // A top is of the stream or of the nightly: there is nothing to join.
  return left;
};

/** Versions that the nightly has filled from history; none, where it never ran. */
export type Filled = (version: string) => boolean;
const nothingFilled: Filled = () => false;

/** Of a tag that was changed, one meaning: the earlier one, until the new one has been filled. */
export const servedStates = (
  states: readonly TagState[],
  filled: Filled = nothingFilled,
): readonly TagState[] =>
  states.filter(
    ({ tag: { version, replaces, replacedBy } }) =>
      (replaces === undefined || filled(version)) &&
      (replacedBy === undefined || !filled(replacedBy)),
  );

/** The stream's reading alone; a tag that has nothing to say yet is left out. */
export const readTags = (states: readonly TagState[], now: EpochMs): readonly ServedTag[] =>
  servedStates(states).flatMap((state) => {
    const { measured, partial } = readState(state, now);
    const { definition, version } = state.tag;
    if (measured === undefined) return [];
    const { name, source } = definition;
    return [{ name, source, version, value: servedValue(definition, measured, now), partial }];
  });

/** In the tag's own unit, for conditions: money in whole units, instants in epoch ms. */
export const comparableOf = (value: ServedValue): number | string => {
  if (value.type === 'string') return value.text;
  if (value.type === 'instant') return value.at;
  return value.type === 'count' ? value.amount : value.amount / value.unit;
};

export type ShownValue = number | string;

/** As answers show it: instants as RFC 3339, the rest as numbers and texts. */
export const shownValue = (value: ServedValue): ShownValue =>
  value.type === 'instant' ? toRfc3339(value.at) : comparableOf(value);

/** Amounts as the shortest decimal. */
export const valueText = (value: ServedValue): string => {
  if (value.type === 'string') return value.text;
  if (value.type === 'instant') return toRfc3339(value.at);
  if (value.type === 'count' || value.unit === 1) return String(value.amount);
  return microsToText(value.amount);
};
