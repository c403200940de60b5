import type { Flight, LoadedRun, Run } from '../core/nightly/run.ts';
import type { RunId, RunName, UtcDate } from '../core/nightly/tasks.ts';

/** What a task says about its own run while that is at work. */
export type RunChange = Partial<
  Pick<Run, 'status' | 'step' | 'rows' | 'ended' | 'cut' | 'error' | 'sizes'>
>;

/** Runs of the nightly job, and the one flight that they share. Reads see every earlier write. */
export interface RunStore {
  readonly flight: () => Promise<Flight | undefined>;
  /** Takes it if nobody has it, or if `over` still does. */
  readonly takeFlight: (flight: Flight, over?: RunName) => Promise<'taken' | 'lost'>;
  /** Nothing happens where another run, or another attempt, has it. */
  readonly giveBack: (run: RunName) => Promise<void>;

  /** Puts a run's row, unless this attempt of it, or a later one, has one. */
  readonly begin: (run: Run) => Promise<void>;
  readonly find: (runId: RunId) => Promise<Run | undefined>;
  /** Nothing happens where this attempt is no longer running. */
  readonly change: (run: RunName, change: RunChange) => Promise<void>;
  /** The newest first. */
  readonly latest: (runsMax: number) => Promise<readonly Run[]>;

  /** What the last run left that was loaded. */
  readonly loaded: () => Promise<LoadedRun | undefined>;
  /** Refused where a newer run was loaded meanwhile. */
  readonly saveLoaded: (loaded: LoadedRun) => Promise<'saved' | 'newer'>;

  /** The latest cut that any run has planned with: the lake's totals may have come so far. */
  readonly plannedCut: () => Promise<UtcDate | undefined>;
  /** Nothing happens where it is further already. */
  readonly savePlannedCut: (cut: UtcDate) => Promise<void>;
}
