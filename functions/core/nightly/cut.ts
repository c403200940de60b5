/**
 * Up to which UTC midnight the lake has everything: the last one before now less what the pipeline
 * in front of it may still hold. An earlier cut is only less fresh; a later one would lose events.
 */
import { type EpochMs, epochMs, minutes, utcDayOf } from '../time.ts';

/** A metric's value of one minute, by the minute's start. */
export interface Reading {
  readonly at: EpochMs;
  readonly value: number;
}

/** Metrics of the last day, by the minute; a minute without a value has no reading. */
export interface Lags {
  /** Of `enrich`. */
  readonly iteratorAgeMs: readonly Reading[];
  /** How far the delivery of enriched events is behind its stream. */
  readonly readLagMs: readonly Reading[];
  /** How old the oldest record is that the delivery holds. */
  readonly freshnessMs: readonly Reading[];
  /** Records that came into the raw stream. */
  readonly incoming: readonly Reading[];
}

export interface CutNow {
  /** A day's number: the midnight that begins it. */
  readonly day: number;
  /** The lags that are not known, so that the cut could not move. */
  readonly unknown: readonly LagName[];
}

export const LAG_NAMES = ['iteratorAgeMs', 'readLagMs', 'freshnessMs'] as const;
export type LagName = (typeof LAG_NAMES)[number];

export const LAGS_LOOKED_BACK = minutes(24 * 60);
const NEWEST = minutes(15);
const SLACK = minutes(5);

const newestOf = (readings: readonly Reading[]): Reading | undefined =>
  readings.reduce<Reading | undefined>(
    (newest, each) => (newest === undefined || each.at > newest.at ? each : newest),
    undefined,
  );

/** Minutes with records that came in after a lag was last known. */
const cameSince = (incoming: readonly Reading[], since: Reading | undefined): readonly Reading[] =>
  incoming.filter(({ at, value }) => value > 0 && (since === undefined || at > since.at));

/** Undefined: not known. Nothing came in since it was last known: then nothing waits. */
const lagOf = (readings: readonly Reading[], incoming: readonly Reading[], now: EpochMs) => {
  const recent = readings.filter(({ at }) => at > now - NEWEST);
  if (recent.length > 0) return Math.max(...recent.map(({ value }) => value));
  return cameSince(incoming, newestOf(readings)).length === 0 ? 0 : undefined;
};

/** All that came in before it was last known was taken; nothing that came later may be counted on. */
const unsureSince = ({ incoming, ...lags }: Lags, names: readonly LagName[]): number =>
  Math.min(
    ...names.flatMap((name) => {
      const known = newestOf(lags[name]);
      const since = cameSince(incoming, known).map(({ at }) => at);
      return known === undefined ? since : [...since, known.at - known.value];
    }),
  );

/** The cut never goes back: everything before the old one has been in the lake since. */
export const cutAt = (now: EpochMs, lags: Lags, old: number | undefined): CutNow => {
  const known = LAG_NAMES.map((name) => lagOf(lags[name], lags.incoming, now));
  const unknown = LAG_NAMES.filter((_, place) => known[place] === undefined);
  if (unknown.length > 0 && old !== undefined) return { day: old, unknown };
  const behind = known.reduce<number>((sum, lag) => sum + (lag ?? 0), 0);
  const sure = unknown.length > 0 ? unsureSince(lags, unknown) : now;
  const day = utcDayOf(epochMs(sure - behind - SLACK));
  return { day: Math.max(day, old ?? day), unknown };
};
