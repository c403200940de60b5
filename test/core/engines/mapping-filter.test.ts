// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html#filtering-syntax
import { expect, test } from 'vitest';
import type { SourceRecord } from '../../../localstack/cloud.ts';
import { recordFilter } from '../../../localstack/engines/event-source-mapping/filter.ts';
import { matcher } from '../../../localstack/engines/event-source-mapping/pattern.ts';

test.each([
  ['null', { a: [null] }, { a: null }, { a: 'x' }],
  ['empty', { a: [''] }, { a: '' }, { a: ' ' }],
  ['equals', { a: ['x', 'y'] }, { a: 'y' }, { a: 'z' }],
  ['equals a number', { a: [1] }, { a: 1 }, { a: '1' }],
  ['equals, ignoring case', { a: [{ 'equals-ignore-case': 'Ab' }] }, { a: 'aB' }, { a: 'b' }],
  ['and', { a: ['x'], b: ['y'] }, { a: 'x', b: 'y' }, { a: 'x', b: 'x' }],
  ['or over fields', { $or: [{ a: ['x'] }, { b: ['y'] }] }, { b: 'y' }, { a: 'y', b: 'x' }],
  ['not', { a: [{ 'anything-but': ['x'] }] }, { a: 'y' }, { a: 'x' }],
  ['not, and absent', { a: [{ 'anything-but': ['x'] }] }, { a: null }, { b: 'y' }],
  ['numeric equals', { a: [{ numeric: ['=', 1.5] }] }, { a: 1.5 }, { a: 1 }],
  ['numeric range', { a: [{ numeric: ['>', 10, '<=', 20] }] }, { a: 20 }, { a: 10 }],
  ['numeric of text', { a: [{ numeric: ['>', 10] }] }, { a: 11 }, { a: '11' }],
  ['exists', { a: [{ exists: true }] }, { a: 0 }, { b: 0 }],
  ['does not exist', { a: { b: [{ exists: false }] } }, { a: { c: 0 } }, { a: { b: 0 } }],
  ['begins with', { a: [{ prefix: 'us-' }] }, { a: 'us-1' }, { a: 'eu-us-' }],
  ['ends with', { a: [{ suffix: '.png' }] }, { a: 'x.png' }, { a: 'x.png2' }],
  ['nested', { a: { b: { c: ['x'] } } }, { a: { b: { c: 'x' } } }, { a: { b: 'x' } }],
  ['any item of a list', { a: ['x'] }, { a: ['z', 'x'] }, { a: ['z'] }],
  ['not but a prefix', { a: [{ 'anything-but': { prefix: 'x' } }] }, { a: 'y' }, { a: 'xy' }],
])('%s', (_name, pattern, matching, other) => {
  expect(matcher(pattern)(matching)).toBe(true);
  expect(matcher(pattern)(other)).toBe(false);
});

test('an inherited name is no field', () => {
  expect(matcher({ toString: [{ exists: true }] })({})).toBe(false);
});

const kinesis = (data: string, partitionKey = 'k'): SourceRecord => ({
  sequenceNumber: '1',
  orderKey: partitionKey,
  arrivedAtMs: 0,
  bytes: 1,
  body: { kinesis: { partitionKey, data: Buffer.from(data).toString('base64') } },
});

// https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis-filtering.html
test('data is compared decoded: JSON with JSON, text with text, and never one with the other', () => {
  const json = recordFilter('kinesis', ['{"data":{"kind":["order"]}}']);
  expect(json(kinesis('{"kind":"order"}'))).toBe(true);
  expect(json(kinesis('{"kind":"page"}'))).toBe(false);
  expect(json(kinesis('order'))).toBe(false);
  const text = recordFilter('kinesis', ['{"data":["order"]}']);
  expect(text(kinesis('order'))).toBe(true);
  expect(text(kinesis('{"kind":"order"}'))).toBe(false);
});

test('one of several filters is enough, and metadata is compared as it is', () => {
  const filter = recordFilter('kinesis', [
    '{"partitionKey":[{"prefix":"main#"}]}',
    '{"data":{"n":[1]}}',
  ]);
  expect(filter(kinesis('x', 'main#u'))).toBe(true);
  expect(filter(kinesis('{"n":1}', 'other'))).toBe(true);
  expect(filter(kinesis('{"n":2}', 'other'))).toBe(false);
});

// https://docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html
test('a table stream is compared with the whole record, its numbers as text', () => {
  const filter = recordFilter('dynamodb', [
    '{"eventName":["INSERT","MODIFY"],"dynamodb":{"Keys":{"sk":{"S":["rt"]}}}}',
  ]);
  const record = (eventName: string, sk: string): SourceRecord => ({
    ...kinesis(''),
    body: { eventName, dynamodb: { Keys: { pk: { S: 'u#1' }, sk: { S: sk } } } },
  });
  expect(filter(record('MODIFY', 'rt'))).toBe(true);
  expect(filter(record('REMOVE', 'rt'))).toBe(false);
  expect(filter(record('INSERT', 'off'))).toBe(false);
});
