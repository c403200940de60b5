import type { EventStream, StreamRecord } from '../ports/event-stream.ts';

export interface MemoryEventStream extends EventStream {
  readonly records: () => readonly StreamRecord[];
  readonly calls: () => readonly (readonly StreamRecord[])[];
}

/** Keeps what was put; `fails` decides per record of a call, and may throw for the call as a whole. */
export const memoryEventStream = (
  fails: (record: StreamRecord, call: number) => boolean = () => false,
): MemoryEventStream => {
  const calls: (readonly StreamRecord[])[] = [];
  const stored: StreamRecord[] = [];
  return {
    put: async (records) => {
      calls.push(records);
      const outcomes = records.map((record) =>
        fails(record, calls.length) ? ('failed' as const) : ('stored' as const),
      );
      for (const [index, record] of records.entries())
        if (outcomes[index] === 'stored') stored.push(record);
      return outcomes;
    },
    records: () => stored,
    calls: () => calls,
  };
};
