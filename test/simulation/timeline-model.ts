import { MemoryTimeline } from '../../functions/adapters/memory-timeline.ts';
import type { TimelineStore } from '../../functions/ports/timeline.ts';
import type { Faults } from './faults.ts';
import { type Process, WorldFault } from './process.ts';
import type { Scheduler } from './scheduler.ts';

/** Rows of timelines in the table `records`, with the world around them. */
export class TimelineModel {
  readonly kept: MemoryTimeline;
  readonly #faults: Faults;

  constructor(scheduler: Scheduler, faults: Faults) {
    this.kept = new MemoryTimeline(() => scheduler.nowMs);
    this.#faults = faults;
  }

  port(process: Process): TimelineStore {
    const faults = this.#faults;
    return {
      putIfAbsent: async (origin, row) => {
        const put = () => this.kept.putIfAbsent(origin, row);
        if (faults.happens('timeline row fails before its effect', 0.3)) {
          await process.call('put timeline row', () => undefined);
          throw new WorldFault('put throttled');
        }
        if (faults.happens('timeline row is put after its caller gave up', 0.3)) {
          process.late('put timeline row', put);
          await process.call('put timeline row', () => undefined);
          throw new WorldFault('put timed out');
        }
        const isLost = faults.happens('timeline row is put, its answer is lost', 0.3);
        const result = await process.call('put timeline row', put);
        if (isLost) throw new WorldFault('put lost its answer');
        return await result;
      },
    };
  }
}
