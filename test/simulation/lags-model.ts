import type { Reading } from '../../functions/core/nightly/cut.ts';
import { epochMs } from '../../functions/core/time.ts';
import type { LagReader } from '../../functions/ports/lag-reader.ts';
import type { LakeModel } from './lake-model.ts';
import type { MappingModel } from './mapping-model.ts';
import type { Process } from './process.ts';
import type { Scheduler } from './scheduler.ts';
import type { StreamModel } from './stream-model.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The greatest, or the sum, of a metric's values in each minute. */
class Minutes {
  readonly #values = new Map<number, number>();

  put(atMs: number, value: number, of: (held: number, value: number) => number): void {
    const minute = Math.floor(atMs / MINUTE_MS);
    const held = this.#values.get(minute);
    this.#values.set(minute, held === undefined ? value : of(held, value));
  }

  since(fromMs: number): readonly Reading[] {
    return [...this.#values]
      .map(([minute, value]) => ({ at: epochMs(minute * MINUTE_MS), value }))
      .filter(({ at }) => at >= fromMs);
  }
}

const sum = (left: number, right: number): number => left + right;

/** What CloudWatch says of the pipeline in front of the lake: what its parts told it, no more. */
export class LagsModel {
  readonly #ages = new Minutes();
  readonly #incoming = new Minutes();
  readonly #scheduler: Scheduler;
  readonly #lake: LakeModel;

  constructor(scheduler: Scheduler, raw: StreamModel, enriching: MappingModel, lake: LakeModel) {
    this.#scheduler = scheduler;
    this.#lake = lake;
    raw.onRecord = () => this.#incoming.put(scheduler.nowMs, 1, sum);
    enriching.onMetric = (name, value) => {
      if (name === 'IteratorAge') this.#ages.put(scheduler.nowMs, value, Math.max);
    };
  }

  port(process: Process): LagReader {
    return {
      read: (now) =>
        process.call('read metrics', () => {
          const fromMs = now - DAY_MS;
          const at = epochMs(Math.floor(this.#scheduler.nowMs / MINUTE_MS) * MINUTE_MS);
          return {
            iteratorAgeMs: this.#ages.since(fromMs),
            readLagMs: [{ at, value: 0 }],
            freshnessMs: [{ at, value: this.#lake.freshnessMs() }],
            incoming: this.#incoming.since(fromMs),
          };
        }),
    };
  }
}
