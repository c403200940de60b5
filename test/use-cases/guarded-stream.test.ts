import { expect, test } from 'vitest';
import { memoryEventStream } from '../../functions/adapters/memory-event-stream.ts';
import type { EventStream } from '../../functions/ports/event-stream.ts';
import { guardedStream, isBreakerOpen } from '../../functions/runtime/guarded-stream.ts';

const settings = { failuresMax: 3, openMs: 100, probeMs: 50 };

const guarding = (stream: EventStream) => {
  const clock = { ms: 0 };
  const guarded = guardedStream(stream, () => clock.ms, settings);
  /** One record of each user; how it went. */
  const put = (...users: readonly string[]) =>
    guarded.put(users.map((user) => ({ partitionKey: `main#${user}`, data: 'x\n' }))).catch(String);
  return { put, clock, phase: () => guarded.breaker().phase };
};

/** Refuses records as Kinesis throttles: one by one, inside an answer. */
const refusing = (isRefused: (user: string) => boolean) =>
  guarding(memoryEventStream(({ partitionKey }) => isRefused(partitionKey.replace('main#', ''))));

test('a user who is refused again and again turns away nobody else', async () => {
  const { put, phase } = refusing((user) => user === 'hot');
  for (let calls = 0; calls < 20; calls += 1) expect(await put('hot')).toEqual(['failed']);
  expect(phase()).toBe('closed');
  expect(await put('cool')).toEqual(['stored']);
  for (let calls = 0; calls < 20; calls += 1) await put('hot');
  expect(await put('cool')).toEqual(['stored']);
});

test('a stream that refuses one user after the other is left alone', async () => {
  const { put, clock, phase } = refusing(() => true);
  await put('a');
  await put('a');
  await put('b');
  expect(phase()).toBe('closed');
  await put('c');
  expect(phase()).toBe('open');
  expect(await put('d')).toContain('BreakerOpen');
  clock.ms += 100;
  expect(await put('a')).toEqual(['failed']);
  expect(phase()).toBe('open');
});

test('what was stored for anybody takes back what was refused before', async () => {
  const { put, phase } = refusing((user) => user !== 'cool');
  for (let rounds = 0; rounds < 5; rounds += 1) {
    await put('a');
    await put('b');
    await put('cool', 'c');
  }
  expect(phase()).toBe('closed');
  for (const user of ['a', 'b', 'c']) await put(user);
  expect(phase()).toBe('open');
});

test('a hot user’s probe keeps the breaker open once, not for ever', async () => {
  let isAway = true;
  const { put, clock, phase } = guarding({
    put: (records) =>
      isAway
        ? Promise.reject(new Error('no stream'))
        : Promise.resolve(records.map(() => 'failed')),
  });
  for (let calls = 0; calls < 3; calls += 1) await put('hot');
  expect(phase()).toBe('open');
  isAway = false;
  clock.ms += 100;
  await put('hot');
  expect(phase()).toBe('open');
  clock.ms += 100;
  await put('hot');
  expect(phase()).toBe('closed');
});

test('calls that fail as a whole open it, whoever they are for', async () => {
  const { put, phase } = guarding({ put: () => Promise.reject(new Error('no stream')) });
  for (let calls = 0; calls < 3; calls += 1) await put('u');
  expect(phase()).toBe('open');
  expect(isBreakerOpen(new Error('no stream'))).toBe(false);
});
