import { expect, test } from 'vitest';
import {
  dataFreshnessMs,
  type FirehoseState,
  firehoseFrom,
  firehoseStep,
  isReadable,
} from '../../../localstack/engines/firehose.ts';
import {
  checkPrefixes,
  expandPrefix,
  formatTimestamp,
  objectKey,
} from '../../../localstack/engines/firehose-names.ts';

const AT = Date.UTC(2026, 1, 3, 4, 5, 6);
const context = { atMs: AT, random: () => 0.5 };
const config = {
  prefix: 'raw/',
  deliveryStream: 'd',
  version: '1',
  suffix: '.gz',
  bufferBytes: 10,
  bufferMs: 60_000,
};

test('prefixes hold the date of the oldest record, in UTC', () => {
  expect(expandPrefix('raw/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/', context)).toBe(
    'raw/dt=2026-02-03/hr=04/',
  );
  expect(expandPrefix('raw/', context)).toBe('raw/2026/02/03/04/');
  expect(formatTimestamp("yy'year'MM:mm:ss", AT)).toBe('26year02:05:06');
  expect(expandPrefix('!{timestamp:yyyy}/!{firehose:random-string}/', context)).toMatch(
    /^2026\/[A-Za-z0-9]{11}\/$/,
  );
});

test("objects are named as Firehose's", () => {
  const naming = { prefix: 'raw/', deliveryStream: 'RawArchive', version: '1', suffix: '.gz' };
  expect(objectKey(naming, context)).toMatch(
    /^raw\/2026\/02\/03\/04\/RawArchive-1-2026-02-03-04-05-06-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.gz$/,
  );
});

test.each([
  ['a/!{timestamp:yyyy}/', undefined],
  ['a/!{timestamp:yyyy}/', 'errors/!{timestamp:yyyy}/'],
  ['a/!{timestamp:QQQ}/', 'errors/!{firehose:error-output-type}/'],
  ['a/!{partitionKeyFromQuery:x}/', 'errors/!{firehose:error-output-type}/'],
  ['a/!{firehose:error-output-type}/', 'errors/!{firehose:error-output-type}/'],
])('prefix %s with error prefix %s is refused', (prefix, errorPrefix) => {
  expect(() => checkPrefixes(prefix, errorPrefix)).toThrow();
});

test('prefixes of the template are taken', () => {
  checkPrefixes('raw/dt=!{timestamp:yyyy-MM-dd}/', 'errors/!{firehose:error-output-type}/');
  checkPrefixes('plain/', undefined);
});

const records = (shardId: string, ...texts: readonly string[]) =>
  ({
    kind: 'records',
    shardId,
    records: texts.map((text) => ({
      sequenceNumber: text,
      arrivedAtMs: AT + Number(text.slice(0, 1)),
      data: Buffer.from(text),
    })),
  }) as const;

const step = (state: FirehoseState, input: Parameters<typeof firehoseStep>[1], nowMs = AT) =>
  firehoseStep(state, input, config, { nowMs, random: () => 0.5 });

test('a buffer becomes an object at its size, records joined as they are', () => {
  let state = step(firehoseFrom({}), records('s', '1234', '2345'));
  expect(state.delivery).toBeUndefined();
  state = step(state, records('s', '34'));
  expect(Buffer.concat(state.delivery?.chunks ?? []).toString()).toBe('1234234534');
  expect(state.delivery).toMatchObject({ bytes: 10, oldestMs: AT + 1, through: { s: '34' } });
});

test('a buffer becomes an object at its age, counted from its first record', () => {
  let state = step(firehoseFrom({}), { kind: 'tick' }, AT + 120_000);
  expect(state.delivery).toBeUndefined();
  state = step(state, records('s', '1'), AT + 120_000);
  state = step(state, records('s', '2'), AT + 150_000);
  expect(step(state, { kind: 'tick' }, AT + 179_999).delivery).toBeUndefined();
  expect(step(state, { kind: 'tick' }, AT + 180_000).delivery).toBeDefined();
});

test('a position moves when its object is stored, not before; what comes meanwhile waits for the next', () => {
  let state = step(firehoseFrom({ s: '0' }), records('s', '1234567890'));
  const { key } = state.delivery ?? {};
  state = step(state, records('t', '5'));
  state = step(state, { kind: 'flush' });
  expect(state.delivery?.key).toBe(key);
  expect(state.delivered).toEqual({ s: '0' });
  state = step(state, { kind: 'stored' });
  expect(state.delivered).toEqual({ s: '1234567890' });
  expect(dataFreshnessMs(state, AT + 10_000)).toBe(9_995);
  state = step(step(state, { kind: 'flush' }), { kind: 'stored' });
  expect(state.delivered).toEqual({ s: '1234567890', t: '5' });
  expect(dataFreshnessMs(state, AT + 10_000)).toBe(0);
});

test('a child is read only after all of its parents that still exist', () => {
  const child = { shardId: 'c', parentShardIds: ['a', 'b'] };
  const shards = [
    { shardId: 'a', parentShardIds: [] },
    { shardId: 'b', parentShardIds: [] },
    child,
  ];
  expect(isReadable(child, shards, new Set(['a']))).toBe(false);
  expect(isReadable(child, shards, new Set(['a', 'b']))).toBe(true);
  expect(isReadable(child, [child], new Set())).toBe(true);
});
