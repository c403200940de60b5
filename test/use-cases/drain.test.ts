import type { SQSEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import { cutSpill } from '../../functions/core/event/spill.ts';
import { drain } from '../../functions/drain/drain.ts';
import type { EventStream } from '../../functions/ports/event-stream.ts';
import { guardedStream } from '../../functions/runtime/guarded-stream.ts';

const draining = (stream: EventStream) => {
  let clockMs = 0;
  const counts = new Map<string, number>();
  const run = drain({
    stream: guardedStream(stream, () => clockMs),
    now: () => clockMs,
    sleep: async (ms) => {
      clockMs += ms;
    },
    count: (name, count) => counts.set(name, (counts.get(name) ?? 0) + count),
    report: () => undefined,
  });
  const send = async (bodies: readonly string[]) => {
    const Records = bodies.map((body, index) => ({ messageId: `m${index}`, body }));
    const { batchItemFailures } = await run({ Records } as unknown as SQSEvent);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { send, counts };
};

const bodies = cutSpill([
  { partitionKey: 'main#a', data: 'a1\n' },
  { partitionKey: 'main#b', data: 'b1\n' },
  { partitionKey: 'main#a', data: 'a2\n' },
]).map(({ body }) => body);

test('what was spilled is put, one record of a user at a time and in order', async () => {
  const stream = memoryEventStream();
  const { send, counts } = draining(stream);
  expect(await send(bodies)).toEqual([]);
  expect(stream.calls().map((call) => call.map(({ data }) => data))).toEqual([
    ['a1\n', 'b1\n'],
    ['a2\n'],
  ]);
  expect(counts.get('Drained')).toBe(3);
});

test('a message that is not wholly on the stream comes again, its neighbour does not', async () => {
  const stream = memoryEventStream(({ data }) => data === 'a2\n');
  expect(await draining(stream).send(bodies)).toEqual(['m0']);
});

test('while the stream is away every message comes again, and the breaker spares it', async () => {
  let puts = 0;
  const away: EventStream = {
    put: () => {
      puts += 1;
      return Promise.reject(new Error('no stream'));
    },
  };
  const { send } = draining(away);
  for (let calls = 0; calls < 10; calls += 1) expect(await send(bodies)).toEqual(['m0', 'm1']);
  expect(puts).toBe(5);
});

test('a message of somebody else stays in the queue and holds up no other', async () => {
  const { send, counts } = draining(memoryEventStream());
  expect(await send(['not ours', ...bodies])).toEqual(['m0']);
  expect(counts.get('Unreadable')).toBe(1);
});
