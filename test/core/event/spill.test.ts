import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cutSpill, readSpill } from '../../../functions/core/event/spill.ts';

const text = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('\uFFFE', '\uFFFF', '\u0000', '\u000B', '\u001F', '\u{1FFFE}', '"', '\\'),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => `${parts.join('')}\n`);
const envelopes = fc.array(
  fc.record({ partitionKey: fc.constantFrom('main#a', 'main#b', 'main#ü'), data: text }),
  { maxLength: 30 },
);
/** https://www.w3.org/TR/xml/#charsets */
const isXml = (body: string): boolean =>
  Array.from(body).every((character) => {
    const code = character.codePointAt(0) ?? 0;
    return (
      [0x9, 0xa, 0xd].includes(code) ||
      (code >= 0x20 && code <= 0xd7ff) ||
      (code >= 0xe000 && code <= 0xfffd) ||
      code >= 0x10000
    );
  });

test('each message holds one user, in order, in characters of XML, and nothing is lost', () => {
  fc.assert(
    fc.property(envelopes, fc.integer({ min: 60, max: 400 }), (all, bytesMax) => {
      const messages = cutSpill(all, bytesMax);
      const places = messages.flatMap((message) => message.places);
      expect(places.toSorted((a, b) => a - b)).toEqual(all.map((_, index) => index));
      for (const message of messages) {
        expect(isXml(message.body)).toBe(true);
        expect(message.bytes).toBe(Buffer.byteLength(message.body));
        if (message.places.length > 1) expect(message.bytes).toBeLessThanOrEqual(bytesMax);
        expect(readSpill(message.body)).toEqual(message.places.map((place) => all[place]));
        expect(message.places).toEqual(message.places.toSorted((a, b) => a - b));
        expect(new Set(message.places.map((place) => all[place]?.partitionKey)).size).toBe(1);
      }
    }),
  );
});

test('what this platform did not write is not read', () => {
  for (const body of ['', 'no json', '{}', '[]', '{"partitionKey":"main#a","envelopes":[]}'])
    expect(readSpill(body)).toBeUndefined();
});
