import type { SQSEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import { memorySpilledMessages } from '../../functions/adapters/memory-spilled-messages.ts';
import { cutSpill } from '../../functions/core/event/spill.ts';
import { backOffSeconds, UNREADABLE_SECONDS } from '../../functions/drain/back-off.ts';
import { drain } from '../../functions/drain/drain.ts';
import type { EventStream } from '../../functions/ports/event-stream.ts';
import { guardedStream } from '../../functions/runtime/guarded-stream.ts';

const draining = (stream: EventStream, messages = memorySpilledMessages()) => {
  let clockMs = 0;
  const counts = new Map<string, number>();
  const said: string[] = [];
  const run = drain({
    stream: guardedStream(stream, () => clockMs),
    messages,
    now: () => clockMs,
    sleep: async (ms) => {
      clockMs += ms;
    },
    random: () => 0,
    count: (name, count) => counts.set(name, (counts.get(name) ?? 0) + count),
    report: (message) => said.push(message),
  });
  /** Messages m0, m1, …, each received for the so many-th time; names those that come again. */
  const send = async (bodies: readonly string[], receives = 1) => {
    const Records = bodies.map((body, index) => ({
      messageId: `m${index}`,
      receiptHandle: `r${index}`,
      attributes: { ApproximateReceiveCount: String(receives) },
      body,
    }));
    const { batchItemFailures } = await run({ Records } as unknown as SQSEvent);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { send, counts, hidden: messages.hidden, said };
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

test('what could not be put rests for longer each time; what was put is left to the mapping', async () => {
  const stream = memoryEventStream(({ data }) => data === 'a2\n');
  const { send, hidden } = draining(stream);
  await send(bodies);
  await send(bodies, 20);
  expect(hidden()).toEqual([
    { receipt: 'r0', seconds: backOffSeconds(1, 0) },
    { receipt: 'r0', seconds: backOffSeconds(20, 0) },
  ]);
});

test('a message of somebody else does not rest: it is soon where a person sees it', async () => {
  const { send, hidden } = draining(memoryEventStream());
  await send(['not ours'], 900);
  expect(hidden()).toEqual([{ receipt: 'r0', seconds: UNREADABLE_SECONDS }]);
  expect(UNREADABLE_SECONDS * RECEIVES_MAX).toBeLessThanOrEqual(3_600);
});

test('a queue that hides nothing loses nothing: the message comes after the queue’s own time', async () => {
  const away = memorySpilledMessages(() => true);
  const { send, said } = draining(
    memoryEventStream(() => true),
    away,
  );
  expect(await send(bodies)).toEqual(['m0', 'm1']);
  expect(said).toEqual(['a hiding failed']);
});

test('what this process has put of a message it does not put again', async () => {
  let isHot = true;
  const stream = memoryEventStream(({ data }) => isHot && data === 'a2\n');
  const { send, counts } = draining(stream);
  await send(bodies);
  isHot = false;
  expect(await send(bodies)).toEqual([]);
  // As after a deletion that failed: all of it is there.
  expect(await send(bodies)).toEqual([]);
  expect(stream.records().map(({ data }) => data)).toEqual(['a1\n', 'b1\n', 'a2\n']);
  expect(counts.get('Drained')).toBe(3);
});

const DAY_SECONDS = 86_400;
const RECEIVES_MAX = 1_000;

test('the receives of a message last longer than the queue keeps it', () => {
  const waits = Array.from({ length: RECEIVES_MAX }, (_, index) => backOffSeconds(index + 1, 0));
  const sum = waits.reduce((seconds, wait) => seconds + wait, 0);
  expect(sum).toBeGreaterThanOrEqual(14 * DAY_SECONDS);
  expect(Math.max(...waits)).toBeLessThanOrEqual(1_800);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1);
});

test('the first tries follow within seconds, and later waits are a tenth of the outage', () => {
  let passed = 0;
  for (let receives = 1; receives <= RECEIVES_MAX; receives += 1) {
    const wait = backOffSeconds(receives, 0.999);
    if (receives <= 5) expect(wait).toBeLessThanOrEqual(3);
    if (receives > 30) expect(wait).toBeLessThanOrEqual(Math.ceil(passed * 0.12));
    passed += wait;
  }
});

test('messages that failed together do not come back together', () => {
  expect(backOffSeconds(60, 0)).toBeLessThan(backOffSeconds(60, 0.999));
});
