import { cutSpill } from '../core/event/spill.ts';
import type { SpillQueue } from '../ports/spill-queue.ts';

export interface MemorySpillQueue extends SpillQueue {
  /** Bodies, oldest first. */
  readonly messages: () => readonly string[];
}

/** Keeps what was spilled; `fails` decides per message, and may throw for the call as a whole. */
export const memorySpillQueue = (
  fails: (body: string) => boolean = () => false,
): MemorySpillQueue => {
  const kept: string[] = [];
  return {
    messages: () => kept,
    spill: async (records) => {
      const outcomes: ('spilled' | 'failed')[] = records.map(() => 'failed');
      try {
        for (const { body, places } of cutSpill(records)) {
          if (fails(body)) continue;
          kept.push(body);
          for (const place of places) outcomes[place] = 'spilled';
        }
      } catch (fault) {
        return { outcomes, fault };
      }
      return { outcomes };
    },
  };
};
