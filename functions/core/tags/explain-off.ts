/** The nightly's part of a value: the rows that it wrote of a user, as a reader takes them now. */
import { type EpochMs, epochMs, startOfUtcDay, utcDayOf } from '../time.ts';
import { MICROS } from './amount.ts';
import { firstDayAt } from './day-tiles.ts';
import type { TagDefinition } from './definition.ts';
import { COMBINING, combined, type TagTiles } from './explain.ts';
import { unitOf } from './matching.ts';
import type { Off, OffValue } from './off.ts';
import { TILE_DAY } from './window-tiles.ts';

export interface OffPart {
  readonly runId: string;
  /** UTC day: of all that arrived before it. */
  readonly cut: number;
  /** By event day; without a start those of a lifetime, and the value of a batch tag. */
  readonly tiles: readonly { readonly start: EpochMs | undefined; readonly amount: number }[];
  readonly total: number;
  /** Of what is no number: the instant, or the text. */
  readonly said: EpochMs | string | undefined;
}

const windowDaysOf = ({ period }: TagDefinition): number | undefined =>
  period.kind === 'lifetime' ? undefined : period.length / TILE_DAY;

const saidBy = (value: OffValue): OffPart['said'] => {
  if (value.kind === 'instant') return value.at;
  if (value.kind === 'said') return value.said?.text;
  return value.kind === 'top' ? value.key : undefined;
};

/** Undefined where no run has filled this version. */
export const explainOff = (
  off: Off | undefined,
  definition: TagDefinition,
  version: string,
  now: EpochMs,
): OffPart | undefined => {
  const value = off?.tags.get(version);
  if (off === undefined || value === undefined) return undefined;
  const isValue = definition.source === 'batch';
  const windowDays = isValue ? undefined : windowDaysOf(definition);
  const first = windowDays === undefined ? 0 : firstDayAt(utcDayOf(now), windowDays);
  const kept = value.kind === 'tiles' ? [...value.tiles].filter(([day]) => day >= first) : [];
  const tiles = kept.map(([day, amount]) => ({
    start: windowDays === undefined ? undefined : startOfUtcDay(day),
    amount,
  }));
  const total = combined(tiles, COMBINING[definition.measure.op]) ?? 0;
  return { runId: off.runId, cut: off.cut, tiles, total, said: saidBy(value) };
};

/** Of a tag that the stream does not keep. */
export const noTiles = (definition: TagDefinition): TagTiles => {
  const windowDays = windowDaysOf(definition);
  const { measure } = definition;
  return {
    kind: windowDays === undefined ? 'lifetime' : 'days',
    lengthMs: windowDays === undefined ? undefined : windowDays * TILE_DAY,
    hopMs: windowDays === undefined ? undefined : TILE_DAY,
    from: undefined,
    tiles: [],
    floor: undefined,
    combining: COMBINING[measure.op],
    total: 0,
    unit: measure.op === 'top' ? MICROS : unitOf(measure),
    since: undefined,
    growsOnly: false,
    amountOf: () => undefined,
  };
};

/** What the nightly counted leaves the stream's tiles, and the events in them. */
export const sinceCut = (tiles: TagTiles, cut: number): TagTiles => {
  const cutAt = epochMs(startOfUtcDay(cut));
  const counted = tiles.tiles.filter(
    ({ arrivalDay }) => arrivalDay === undefined || arrivalDay >= cut,
  );
  const isTiled = tiles.tiles.some(({ arrivalDay }) => arrivalDay !== undefined);
  if (!isTiled) return tiles;
  return {
    ...tiles,
    tiles: counted,
    total: combined(counted, tiles.combining) ?? 0,
    amountOf: (event) => (event.arrivedAt < cutAt ? undefined : tiles.amountOf(event)),
  };
};
