import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Draft } from '../../../functions/core/event/decode.ts';
import { cutEnvelopes, lineOf, parseLine } from '../../../functions/core/event/envelope.ts';
import type { CanonicalEvent } from '../../../functions/core/event/event.ts';
import {
  ENVELOPE_BYTES_MAX,
  ENVELOPE_EVENT_OVERHEAD_BYTES,
} from '../../../functions/core/event/limits.ts';
import { draftOf } from '../../support/decoding.ts';

const origin = { protocol: 'native', path: '/v1/events', requestId: 'r', keyId: 'k' };
let random = 0;
const newBatchId = (): string => {
  random += 1;
  return `ffff${String(random).padStart(12, '0')}`;
};
const cutAll = (drafts: readonly Draft[]) =>
  cutEnvelopes(drafts, { origin, newBatchId }).map((envelope) => ({
    ...envelope,
    lines: envelope.data
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as CanonicalEvent),
  }));

const empty = JSON.stringify({ userId: 'u', eventId: 'e-000', event: 'x', note: '' }).length;
/** An event of so many bytes as sent. */
const draft = (index: number, size = 120, userId = 'u'): Draft =>
  draftOf({
    userId,
    eventId: `e-${String(index).padStart(3, '0')}`,
    event: 'x',
    note: 'n'.repeat(size - empty),
  });
const drafts = (count: number, size?: number): readonly Draft[] =>
  Array.from({ length: count }, (_, index) => draft(index, size));
const batchIdsOf = (some: readonly Draft[]): ReadonlySet<string> =>
  new Set(cutAll(some).flatMap(({ lines }) => lines.map(({ ingest }) => ingest.batchId)));

test('an envelope is one user’s lines, each ended by a newline, in the order in which they were sent', () => {
  const envelopes = cutAll([draft(1), draft(2, 120, 'v'), draft(3), draft(4, 120, 'v')]);
  expect(
    envelopes.map(({ partitionKey, lines }) => [
      partitionKey,
      ...lines.map(({ eventId }) => eventId),
    ]),
  ).toEqual([
    ['main#u', 'e-001', 'e-003'],
    ['main#v', 'e-002', 'e-004'],
  ]);
  for (const { data } of envelopes) expect(data.endsWith('}\n')).toBe(true);
});

test.each([
  [64, 1],
  [65, 2],
  [128, 2],
  [129, 3],
  [500, 8],
])('%d small events of a user are %d envelopes', (count, parts) => {
  expect(cutAll(drafts(count, empty))).toHaveLength(parts);
});

test('an envelope is full at 25 KiB, where an event counts what was sent and 256 bytes', () => {
  const half = ENVELOPE_BYTES_MAX / 2 - ENVELOPE_EVENT_OVERHEAD_BYTES;
  expect(cutAll([draft(1, half), draft(2, half)])).toHaveLength(1);
  expect(cutAll([draft(1, half), draft(2, half + 1)])).toHaveLength(2);
});

test('an event that is larger travels alone, between its neighbours', () => {
  const envelopes = cutAll([draft(1), draft(2, 30_000), draft(3)]);
  expect(envelopes.map(({ lines }) => lines.map(({ eventId }) => eventId))).toEqual([
    ['e-001'],
    ['e-002'],
    ['e-003'],
  ]);
});

test('part, parts and envelopes number what must arrive', () => {
  const envelopes = cutAll([...drafts(100, empty), draft(200, 120, 'v')]);
  expect(
    envelopes.map(({ lines }) => {
      const [first] = lines;
      return [first?.ingest.part, first?.ingest.parts, first?.ingest.envelopes];
    }),
  ).toEqual([
    [0, 2, 3],
    [1, 2, 3],
    [0, 1, 3],
  ]);
});

test('the same ids cut alike are the same batch, whatever else is in the request', () => {
  const mine = drafts(70, empty);
  expect(batchIdsOf(mine)).toEqual(batchIdsOf(drafts(70, empty)));
  expect(batchIdsOf(mine).size).toBe(1);
  const withOthers = cutAll([draft(1, 120, 'v'), ...mine, draft(2, 120, 'v')]);
  const own = withOthers.filter(({ partitionKey }) => partitionKey === 'main#u');
  expect(new Set(own.flatMap(({ lines }) => lines.map(({ ingest }) => ingest.batchId)))).toEqual(
    batchIdsOf(mine),
  );
});

test('another order, another id or another boundary is another batch', () => {
  const [a, b, c] = [draft(1), draft(2), draft(3)];
  const ids = [
    [a, b, c],
    [b, a, c],
    [a, b],
    [a, b, draft(4)],
  ].flatMap((some) => [...batchIdsOf(some)]);
  expect(new Set(ids).size).toBe(4);
  // The same three ids, but the second is so large now that the cut falls elsewhere.
  expect(batchIdsOf([a, draft(2, 26_000), c])).not.toEqual(batchIdsOf([a, b, c]));
});

test('a cut is not a letter of an id', () => {
  const joined = draftOf({ userId: 'u', event: 'x', eventId: 'a=b' });
  const apart = ['a', 'b'].map((eventId) => draftOf({ userId: 'u', event: 'x', eventId }));
  expect(batchIdsOf([joined])).not.toEqual(batchIdsOf(apart));
});

test('an event without a client’s id takes part by its place; a user without any gets a random batch', () => {
  const nameless = draftOf({ userId: 'u', event: 'x' });
  expect(batchIdsOf([draft(1), nameless])).toEqual(batchIdsOf([draft(1), nameless]));
  expect(batchIdsOf([nameless, draft(1)])).not.toEqual(batchIdsOf([draft(1), nameless]));
  expect(batchIdsOf([nameless])).not.toEqual(batchIdsOf([nameless]));
  // Another user's ids must not make this user's batches equal.
  const beside = (): string | undefined =>
    cutAll([draft(1, 120, 'v'), nameless]).find(({ partitionKey }) => partitionKey === 'main#u')
      ?.lines[0]?.ingest.batchId;
  expect(beside()).not.toBe(beside());
  expect(cutAll([nameless])[0]?.lines[0]?.ingest.idOrigin).toBe('server');
  expect(cutAll([draft(1)])[0]?.lines[0]?.ingest).not.toHaveProperty('idOrigin');
});

test('whatever the sizes: nothing is lost, no envelope is over its bounds, parts are ≤ 64', () => {
  const sizes = fc.array(
    fc.oneof(fc.integer({ min: 90, max: 2_000 }), fc.integer({ min: 12_000, max: 32_000 })),
    {
      maxLength: 60,
    },
  );
  fc.assert(
    fc.property(sizes, (all) => {
      const kept: number[] = [];
      for (const size of all)
        if (kept.reduce((sum, one) => sum + one, size) <= 512 * 1_024) kept.push(size);
      const envelopes = cutAll(kept.map((size, index) => draft(index, size)));
      const ids = envelopes.flatMap(({ lines }) => lines.map(({ eventId }) => eventId));
      expect(ids).toEqual(kept.map((_, index) => `e-${String(index).padStart(3, '0')}`));
      let place = 0;
      for (const { lines } of envelopes) {
        const counted = kept
          .slice(place, place + lines.length)
          .reduce((sum, size) => sum + size + ENVELOPE_EVENT_OVERHEAD_BYTES, 0);
        expect(lines.length === 1 || counted <= ENVELOPE_BYTES_MAX).toBe(true);
        place += lines.length;
      }
      expect(envelopes.length).toBeLessThanOrEqual(64);
    }),
    { numRuns: 100 },
  );
});

test('a line is read back as it was written', () => {
  const [envelope] = cutAll([draft(1)]);
  const line = envelope?.data.trimEnd() ?? '';
  const parsed = parseLine(line);
  expect('event' in parsed && lineOf(parsed.event)).toBe(`${line}\n`);
});

test.each([
  ['{"userId":', 'not_json'],
  ['7', 'not_canonical'],
  ['{}', 'not_canonical'],
])('the line %s is refused, not thrown', (line, reason) => {
  expect(parseLine(line)).toMatchObject({ reason });
});
