import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import type { StreamRecord } from '../../functions/ports/event-stream.ts';
import { CALL_BYTES_MAX, putInOrder } from '../../functions/runtime/put-in-order.ts';

const clock = () => {
  let atMs = 0;
  return {
    now: () => atMs,
    sleep: async (ms: number) => {
      atMs += ms;
    },
  };
};
const limits = (more: object = {}) => ({ triesMax: 3, deadlineMs: 5_000, ...clock(), ...more });
const record = (partitionKey: string, data: string): StreamRecord => ({ partitionKey, data });

test('whatever fails: a key’s stored records are a prefix of what was given, in order, at most one a call', async () => {
  const arrival = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(
      arrival,
      fc.infiniteStream(fc.boolean()),
      fc.integer({ min: 1, max: 4 }),
      async (keys, coins, triesMax) => {
        const stream = memoryEventStream(() => coins.next().value === true);
        const records = keys.map((key, index) => record(key, String(index)));
        const { outcomes } = await putInOrder(
          stream,
          records,
          limits({ triesMax, deadlineMs: 1e9 }),
        );
        for (const call of stream.calls())
          expect(new Set(call.map(({ partitionKey }) => partitionKey)).size).toBe(call.length);
        for (const key of ['a', 'b', 'c']) {
          const mine = records.filter(({ partitionKey }) => partitionKey === key);
          const stored = stream.records().filter(({ partitionKey }) => partitionKey === key);
          expect(stored).toEqual(mine.slice(0, stored.length));
        }
        expect(records.filter((_, index) => outcomes[index] === 'stored').length).toBe(
          stream.records().length,
        );
      },
    ),
  );
});

test('after a record failed for good, no later one of its key is put', async () => {
  const stream = memoryEventStream(({ data }) => data === '1');
  const { outcomes } = await putInOrder(
    stream,
    [record('a', '1'), record('a', '2'), record('b', '3')],
    limits(),
  );
  expect(outcomes).toEqual(['failed', 'failed', 'stored']);
  expect(stream.calls()).toHaveLength(3);
});

test('no call starts after the deadline, though tries are left', async () => {
  const stream = memoryEventStream(() => true);
  const { outcomes } = await putInOrder(
    stream,
    [record('a', '1')],
    limits({ triesMax: 1_000, deadlineMs: 200 }),
  );
  expect(outcomes).toEqual(['failed']);
  // At 0, 50 and 150 ms; the next would be due at 200.
  expect(stream.calls()).toHaveLength(3);
});

test('a call that fails as a whole counts as a try of each, and its fault is handed back', async () => {
  let calls = 0;
  const inner = memoryEventStream();
  const fault = new Error('away');
  const stream = {
    put: (records: readonly StreamRecord[]) => {
      calls += 1;
      return calls === 1 ? Promise.reject(fault) : inner.put(records);
    },
  };
  expect(await putInOrder(stream, [record('a', '1'), record('b', '2')], limits())).toEqual({
    outcomes: ['stored', 'stored'],
    fault,
  });
});

test('a call takes 500 records and 5 MiB', async () => {
  const many = memoryEventStream();
  await putInOrder(
    many,
    Array.from({ length: 1_100 }, (_, index) => record(`k${index}`, 'x')),
    limits(),
  );
  expect(many.calls().map((call) => call.length)).toEqual([500, 500, 100]);
  const large = memoryEventStream();
  const half = 'x'.repeat(CALL_BYTES_MAX / 2 - 1);
  await putInOrder(
    large,
    ['a', 'b', 'c'].map((key) => record(key, half)),
    limits(),
  );
  expect(large.calls().map((call) => call.length)).toEqual([2, 1]);
});
