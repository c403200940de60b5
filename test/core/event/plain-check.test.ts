import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEvent } from '../../../functions/core/event/decode.ts';
import { cutEnvelopes } from '../../../functions/core/event/envelope.ts';
import type { Json } from '../../../functions/core/event/event.ts';
import { isPlainlyCanonical, isPlainlySent } from '../../../functions/core/event/plain-check.ts';
import { isReject } from '../../../functions/core/event/reject.ts';
import { canonicalEvent, sentEvent } from '../../../functions/core/event/schema.ts';
import { epochMs } from '../../../functions/core/time.ts';
import { newCrowd } from '../../../simulate/crowd.ts';
import { config } from '../../../tributary.config.ts';

const START = Date.UTC(2026, 10, 21, 9);
const crowd = newCrowd({ seed: 7, users: 20, runId: 'plain', prefix: '' });
const bodies = Array.from({ length: 400 }, (_, n) => crowd.next(START + n).body as Json);

const lines = bodies.flatMap((body) => {
  const draft = decodeEvent(body, {
    tenant: 'main',
    currency: config.currency,
    rates: config.rates,
    receivedAt: epochMs(START + 60_000),
    hints: { defaultName: 'Order Completed', actionIsName: true, ads: true },
    newEventId: () => 'made-here',
    shared: { context: {} },
  });
  if (isReject(draft)) return [];
  const origin = { protocol: 'native', path: '/', requestId: 'r', keyId: 'k', traceparent: 't' };
  const [envelope] = cutEnvelopes([draft], { origin, newBatchId: () => '0123456789abcdef' });
  return [envelope?.data ?? ''];
});

test('what the simulator sends, and what collect makes of it, is seen without the schema', () => {
  expect(lines.length).toBeGreaterThan(300);
  expect(bodies.filter((body) => !isPlainlySent(body))).toEqual([]);
  expect(lines.filter((line) => !isPlainlyCanonical(JSON.parse(line)))).toEqual([]);
});

/** Texts and numbers at the edges of what a schema allows, and what no schema does. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, undefined, true, 0, -0, 1, -1, 2, 0.5, -3, 2 ** 53, 1e300, '', 'server'),
  fc.constantFrom(Number.POSITIVE_INFINITY, 'track', '1', 'main', 'Main', '-', 'x'.repeat(32)),
  fc.constantFrom('x'.repeat(33), 'x'.repeat(100), 'x'.repeat(101), 'é'.repeat(128)),
  fc.constantFrom('y'.repeat(129), 'y'.repeat(200), 'y'.repeat(201), '0123456789abcdef'),
  fc.constantFrom('2026-11-21T09:00:00.000Z', '2026-11-21T09:00:00Z', '2026-11-21'),
  fc.constantFrom([], {}, [{}], [{ productId: 'p' }], [{ productId: 1 }], [null]),
  fc.constantFrom([{ productId: 'p', quantity: 0.5 }], [{ productId: 'p', priceMicros: 0.5 }]),
  fc.constantFrom({ constructor: 1 }, JSON.parse('{"__proto__": 1}'), { productId: 'p' }),
  fc.string(),
  fc.double(),
);

type Node = Record<string, unknown>;

/** Every place in the value, as the object that holds it and the name there. */
const placesIn = (value: unknown): readonly (readonly [Node, string])[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, member]) => [
        [value as Node, name] as const,
        ...placesIn(member),
      ]);

const redrive = { stage: 's', stream: '00000000', shard: 'shardId-0', sequence: '1', index: 0 };
const whole = (line: string): Node => {
  const event = JSON.parse(line) as Node & { ingest: Node; commerce?: Node };
  event.ingest.redrive = { ...redrive };
  return event;
};

const damaged = (value: Node, pick: number, change: unknown, extra: string | undefined): Node => {
  if (extra !== undefined) value[extra] = structuredClone(change);
  const places = placesIn(value);
  const [holder, name] = places[pick % places.length] ?? [value, 'kind'];
  if (change !== undefined) holder[name] = structuredClone(change);
  // No JSON has a hole in a list.
  else if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else delete holder[name];
  return value;
};

const extras = fc.constantFrom(undefined, 'userId', 'event', 'sentAt', 'traits', 'unknown');
const damage = fc.tuple(fc.nat(), fc.nat(), odd, extras);

test('a plain yes is a yes of the schema, whatever is put where: the canonical event', () => {
  let yes = 0;
  fc.assert(
    fc.property(damage, ([which, pick, change, extra]) => {
      const event = damaged(whole(lines[which % lines.length] ?? ''), pick, change, extra);
      if (!isPlainlyCanonical(event)) return;
      yes += 1;
      expect(canonicalEvent.safeParse(event).success).toBe(true);
    }),
    { numRuns: 5_000 },
  );
  expect(yes).toBeGreaterThan(500);
});

test('a plain yes is a yes of the schema, whatever is put where: the event as sent', () => {
  let yes = 0;
  fc.assert(
    fc.property(damage, ([which, pick, change, extra]) => {
      const sent = structuredClone(bodies[which % bodies.length]) as Node;
      damaged(sent, pick, change, extra);
      if (!isPlainlySent(sent)) return;
      yes += 1;
      expect(sentEvent.safeParse(sent).success).toBe(true);
    }),
    { numRuns: 5_000 },
  );
  expect(yes).toBeGreaterThan(500);
});
