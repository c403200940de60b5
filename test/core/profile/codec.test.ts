import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Bytes } from '../../../functions/core/event/utf8.ts';
import {
  decodeProfile,
  encodeProfile,
  PROFILE_BYTES_MAX,
} from '../../../functions/core/profile/codec.ts';
import { epochMs, toRfc3339 } from '../../../functions/core/time.ts';
import {
  absorbAll,
  definitions,
  enriched,
  envelopeOf,
  NOW,
  positionOf,
  requestOf,
  sentEvent,
  sentEvents,
  stubAt,
} from '../../support/enriched-lines.ts';

const SECOND = 1_000;
const nasty = fc.constantFrom('x', '"', '\\', '\u0001', 'é', '😀');

/** Events that spend every part's bytes: long names in many places, over many tiles and days. */
const hostile = fc
  .tuple(nasty, fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 90_000 }))
  .map(([text, length, stepSeconds]) =>
    Array.from({ length: 400 }, (_, n) => {
      const long = `${n}${text.repeat(length)}`;
      const shape = n % 4;
      return sentEvent(`h-${n}-${'i'.repeat(60)}`, {
        ...(shape === 0 ? { event: null, type: 'page' } : {}),
        ...(shape === 1 ? { event: 'Order Completed' } : {}),
        ...(shape === 2 ? { event: 'Product Added' } : {}),
        sessionId: `s${n}${text.repeat(40)}`,
        timestamp: toRfc3339(epochMs(NOW - (400 - n) * stepSeconds * SECOND)),
        properties: {
          path: `/${long}`,
          product_id: long,
          category: long,
          order_id: `o${n}`,
          revenue: `${n}.999999`,
          currency: 'USD',
        },
      });
    }),
  );

const bytesOf = (stored: ReturnType<typeof encodeProfile>): number => {
  const { memory, facets, fx: _, ...small } = stored;
  const numbers = Object.entries(small).reduce(
    (sum, [name, value]) => sum + name.length + String(value).length + 1,
    0,
  );
  return memory.length + utf8Bytes(facets) + numbers;
};

test('the item of the worst user stays within 8 KB without fx, and is read as it was written', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 1, max: 6 }), (sent, groups) => {
      const size = Math.ceil(sent.length / (groups * 7));
      const cuts = Array.from({ length: groups * 7 }, (_, n) =>
        requestOf(sent.slice(n * size, (n + 1) * size), `r${n}`),
      ).flat();
      const envelopes = cuts.map((cut, n) => {
        const at = positionOf(n, n);
        return envelopeOf(enriched(cut, at, NOW - (cuts.length - n) * SECOND), at);
      });
      const stubs = Array.from({ length: 12 }, (_, n) => {
        const at = positionOf(n, 500 + n);
        return { position: at, lines: [stubAt(at)] };
      });
      const { profile, verdicts } = absorbAll(undefined, [...envelopes, ...stubs]);
      if (profile === undefined) throw new Error('there is a profile');
      expect(verdicts.filter(({ kind }) => kind === 'parked')).toHaveLength(12);
      const stored = encodeProfile(profile, '{}');
      expect(bytesOf(stored)).toBeLessThanOrEqual(PROFILE_BYTES_MAX);
      expect(encodeProfile(decodeProfile(stored, definitions), '{}')).toEqual(stored);
    }),
    { numRuns: 15 },
  );
});

test.each([
  ['a version that is no whole number', { version: 1.5 }],
  ['a negative count of copies', { duplicates: -1 }],
  ['a memory of another format', { memory: Uint8Array.of(2) }],
  ['facets that are no JSON', { facets: '{' }],
])('an item with %s is refused', (_, damage) => {
  const { profile } = absorbAll(
    undefined,
    requestOf(sentEvents(3)).map((cut) => envelopeOf(enriched(cut, positionOf(0)), positionOf(0))),
  );
  if (profile === undefined) throw new Error('there is a profile');
  const stored = encodeProfile(profile, '{}');
  expect(() => decodeProfile({ ...stored, ...damage }, definitions)).toThrow();
  expect(decodeProfile(stored, definitions).version).toBe(profile.version);
});
