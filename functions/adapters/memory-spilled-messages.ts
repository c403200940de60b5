import type { Hiding, SpilledMessages } from '../ports/spilled-messages.ts';

export interface MemorySpilledMessages extends SpilledMessages {
  /** All that were hidden, in order. */
  readonly hidden: () => readonly Hiding[];
}

/** Keeps what was hidden, and for how long; `fails` decides per receipt. */
export const memorySpilledMessages = (
  fails: (receipt: string) => boolean = () => false,
): MemorySpilledMessages => {
  const hidden: Hiding[] = [];
  return {
    hidden: () => hidden,
    hide: async (hidings) => {
      hidden.push(...hidings.filter(({ receipt }) => !fails(receipt)));
      if (hidings.some(({ receipt }) => fails(receipt)))
        throw new Error('not every one was hidden');
    },
  };
};
