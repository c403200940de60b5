import type { Lags } from '../core/nightly/cut.ts';
import type { EpochMs } from '../core/time.ts';

/** How far the pipeline in front of the lake is behind, by its metrics of the last day. */
export interface LagReader {
  readonly read: (now: EpochMs) => Promise<Lags>;
}
