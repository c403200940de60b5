import type { LoadedRun, Night } from './run.ts';
import { NIGHTS_KEPT } from './run.ts';
import type { Loaded, NightPlan, UtcDate } from './tasks.ts';

export const sumOf = (loaded: readonly Loaded[]): Loaded =>
  loaded.reduce<Loaded>(
    (sum, each) => ({ rows: sum.rows + each.rows, newer: sum.newer + each.newer }),
    { rows: 0, newer: 0 },
  );

/**
 * What a loaded run leaves to the next. A version that it left out is no longer filled, whatever
 * earlier runs had: days are missing in its totals from now on.
 */
export const loadedRun = (
  { runId, cut, firstDay, versions }: NightPlan,
  night: Night | undefined,
  before: LoadedRun | undefined,
  listed: UtcDate | null,
): LoadedRun => {
  // The same end again: its night is among them.
  if (before?.runId === runId) return before;
  const nights = [...(before?.nights ?? []), ...(night === undefined ? [] : [night])];
  return {
    ...{ runId, cut, firstDay, filled: versions },
    listed: listed ?? before?.listed,
    nights: nights.slice(-NIGHTS_KEPT),
  };
};
