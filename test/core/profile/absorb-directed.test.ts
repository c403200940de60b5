import { expect, test } from 'vitest';
import { utf8Bytes } from '../../../functions/core/event/utf8.ts';
import type { Profile } from '../../../functions/core/profile/codec.ts';
import { encodeFacets } from '../../../functions/core/profile/facets.ts';
import { encodeMemory } from '../../../functions/core/profile/memory-codec.ts';
import {
  absorbAll,
  envelopesOf,
  NOW,
  positionOf,
  redriven,
  requestOf,
  sentEvent,
  sentEvents,
  stubAt,
  totalsOf,
} from '../../support/enriched-lines.ts';

const facetsOf = (profile: Profile | undefined): string => {
  if (profile === undefined) throw new Error('there is no profile');
  return encodeFacets(profile.facets);
};

test('a batch of 25 events sent ten times counts once, and the nine copies as duplicates', () => {
  const sent = sentEvents(25);
  const once = absorbAll(undefined, envelopesOf([requestOf(sent)]));
  const ten = absorbAll(
    undefined,
    envelopesOf(Array.from({ length: 10 }, (_, n) => requestOf(sent, `request-${n}`))),
  );
  expect(facetsOf(ten.profile)).toBe(facetsOf(once.profile));
  expect(totalsOf(ten.fx)).toEqual({ applied: 25, duplicate: 225, parked: 0 });
  expect(ten.profile?.duplicates).toBe(225);
  expect(ten.fx.flatMap(({ events }) => events)).toEqual(once.fx.flatMap(({ events }) => events));
  expect(ten.fx.flatMap(({ sessions }) => sessions)).toEqual(
    once.fx.flatMap(({ sessions }) => sessions),
  );
});

test('500 events of one user in one request sent ten times count once', () => {
  const sent = sentEvents(500);
  const requests = Array.from({ length: 10 }, (_, n) => requestOf(sent, `request-${n}`));
  expect(requests[0]?.length).toBeGreaterThan(7);
  const once = absorbAll(undefined, envelopesOf(requests.slice(0, 1)));
  const ten = absorbAll(undefined, envelopesOf(requests));
  expect(facetsOf(ten.profile)).toBe(facetsOf(once.profile));
  expect(totalsOf(ten.fx)).toEqual({ applied: 500, duplicate: 4_500, parked: 0 });
  expect(ten.profile?.duplicates).toBe(4_500);
});

test('500 events of one user whose ten copies arrive interleaved count once', () => {
  const sent = sentEvents(500);
  const requests = Array.from({ length: 10 }, (_, n) => requestOf(sent, `request-${n}`));
  const parts = requests[0]?.length ?? 0;
  const interleaved = Array.from({ length: parts }, (_, part) =>
    requests.flatMap((request) => request.slice(part, part + 1)),
  );
  const { fx } = absorbAll(undefined, envelopesOf(interleaved));
  expect(totalsOf(fx)).toEqual({ applied: 500, duplicate: 4_500, parked: 0 });
});

test('25 events resent in halves count once', () => {
  const sent = sentEvents(25);
  const whole = absorbAll(undefined, envelopesOf([requestOf(sent)]));
  const halves = envelopesOf([requestOf(sent.slice(0, 12)), requestOf(sent.slice(12))], {
    from: 100,
  });
  const again = absorbAll(whole.profile, halves);
  expect(totalsOf(again.fx)).toEqual({ applied: 0, duplicate: 25, parked: 0 });
  expect(facetsOf(again.profile)).toBe(facetsOf(whole.profile));
});

test('the same ids cut at other boundaries lose nothing', () => {
  const sent = sentEvents(100);
  // Longer bytes for the same ids: the cut falls elsewhere, so part 0 holds fewer events.
  const longer = sent.map((event) => ({ ...event, context: { note: 'x'.repeat(900) } }));
  const first = requestOf(sent);
  const recut = requestOf(longer);
  expect(recut.length).toBeGreaterThan(first.length);
  // Of the first cut only its first part arrived; the resend must bring all the rest.
  const before = absorbAll(undefined, envelopesOf([first.slice(0, 1)]));
  const landed = totalsOf(before.fx).applied;
  expect(landed).toBe(first[0]?.events);
  const after = absorbAll(before.profile, envelopesOf([recut], { from: 100 }));
  expect(totalsOf(after.fx)).toEqual({ applied: 100 - landed, duplicate: landed, parked: 0 });
});

test('mappings made anew at TRIM_HORIZON after two reshards change nothing', () => {
  const parent = envelopesOf([requestOf(sentEvents(200, 'a'))], { shard: 1 });
  const child = envelopesOf([requestOf(sentEvents(200, 'b'))], { shard: 4, from: 50 });
  const grandchild = envelopesOf([requestOf(sentEvents(200, 'c'))], { shard: 6, from: 90 });
  const all = [...parent, ...child, ...grandchild];
  const first = absorbAll(undefined, all);
  const again = absorbAll(first.profile, all);
  expect(totalsOf(first.fx)).toEqual({ applied: 600, duplicate: 0, parked: 0 });
  expect(again.fx).toEqual([]);
  expect(again.profile).toBe(first.profile);
});

test('a child shard is above its parent although its sequence numbers are lower', () => {
  const parent = envelopesOf([requestOf(sentEvents(3, 'a'))], { shard: 3, from: 900 });
  const child = envelopesOf([requestOf(sentEvents(3, 'b'))], { shard: 12, from: 1 });
  const both = absorbAll(absorbAll(undefined, parent).profile, child);
  expect(totalsOf(both.fx).applied).toBe(3);
  expect(absorbAll(both.profile, parent).fx).toEqual([]);
});

test('a replaced stream begins anew while its predecessor stays fenced, and the third forgets the first', () => {
  const streams = ['aaaaaaaa', 'bbbbbbbb', 'cccccccc'];
  const envelopes = streams.map((stream, n) =>
    envelopesOf([requestOf(sentEvents(2, `s${n}`))], { stream, from: 100 - n }),
  );
  const two = absorbAll(undefined, [...(envelopes[0] ?? []), ...(envelopes[1] ?? [])]);
  expect(totalsOf(two.fx).applied).toBe(4);
  expect(absorbAll(two.profile, envelopes[0] ?? []).fx).toEqual([]);
  expect(absorbAll(two.profile, envelopes[1] ?? []).fx).toEqual([]);
  const three = absorbAll(two.profile, envelopes[2] ?? []);
  expect(three.profile?.memory.fences.map(({ stream }) => stream)).toEqual(streams.slice(1));
});

test('a write takes at most 64 new events and is cut between envelopes', () => {
  const requests = Array.from({ length: 10 }, (_, n) => requestOf(sentEvents(25, `r${n}`)));
  const { fx, profile } = absorbAll(undefined, envelopesOf(requests));
  expect(fx.map(({ events }) => events.length)).toEqual([50, 50, 50, 50, 50]);
  // Born at the epoch's milliseconds, then one up per write.
  expect(profile?.version).toBe(NOW + 4);
  const full = absorbAll(
    undefined,
    envelopesOf([requestOf(sentEvents(64)), requestOf(sentEvents(1, 'x'))]),
  );
  expect(full.fx.map(({ events }) => events.length)).toEqual([64, 1]);
});

test('copies do not use up the 64 events of a write', () => {
  const first = requestOf(sentEvents(60));
  const fresh = requestOf(sentEvents(4, 'x'));
  const { fx } = absorbAll(undefined, envelopesOf([first, first, first, fresh]));
  expect(fx).toHaveLength(1);
  expect(totalsOf(fx)).toEqual({ applied: 64, duplicate: 120, parked: 0 });
});

test('32 requests after it a batch of 200 is still known, and 33 after it exactly what the ring forgot counts again', () => {
  const big = requestOf(sentEvents(200, 'big'));
  const others = (count: number) =>
    Array.from({ length: count }, (_, n) => requestOf(sentEvents(1, `o${n}`)));
  const known = absorbAll(undefined, envelopesOf([big, ...others(31)]));
  const copy = absorbAll(known.profile, envelopesOf([big], { from: 1_000 }));
  expect(totalsOf(copy.fx)).toEqual({ applied: 0, duplicate: 200, parked: 0 });
  const forgotten = absorbAll(undefined, envelopesOf([big, ...others(32)]));
  const over = absorbAll(forgotten.profile, envelopesOf([big], { from: 1_000 }));
  // The ring holds 128 ids: 32 of the others and the last 96. Those that count again come first and
  // push out the others and the big one's own last ids before they are met: all 200 count again.
  expect(totalsOf(over.fx)).toEqual({ applied: 200, duplicate: 0, parked: 0 });
});

test('128 ids stay known however they are cut; the 129th pushes out exactly the oldest', () => {
  const single = (id: string) => requestOf([sentEvent(id)]);
  const ids = Array.from({ length: 129 }, (_, n) => `id-${n}`);
  const { profile } = absorbAll(undefined, envelopesOf(ids.map(single)));
  const copies = (from: number, to: number) =>
    absorbAll(
      profile,
      envelopesOf([requestOf(ids.slice(from, to).map((id) => sentEvent(id)))], { from: 500 }),
    );
  expect(totalsOf(copies(1, 65).fx)).toEqual({ applied: 0, duplicate: 64, parked: 0 });
  expect(totalsOf(copies(65, 129).fx)).toEqual({ applied: 0, duplicate: 64, parked: 0 });
  expect(totalsOf(copies(0, 64).fx)).toEqual({ applied: 1, duplicate: 63, parked: 0 });
});

test('each part of a batch is known by itself', () => {
  const request = requestOf(sentEvents(200, 'big'));
  const flood = requestOf(sentEvents(128, 'flood'));
  const odd = request.filter((_, part) => part % 2 === 1);
  const before = absorbAll(undefined, envelopesOf([odd, flood]));
  const oddEvents = odd.reduce((sum, { events }) => sum + events, 0);
  const after = absorbAll(before.profile, envelopesOf([request], { from: 500 }));
  expect(totalsOf(after.fx)).toEqual({ applied: 200 - oddEvents, duplicate: oddEvents, parked: 0 });
});

test('a stub passes the fence and counts as parked once', () => {
  const at = positionOf(5);
  const stub = { position: at, lines: [stubAt(at)] };
  const first = absorbAll(undefined, [stub]);
  expect(totalsOf(first.fx)).toEqual({ applied: 0, duplicate: 0, parked: 1 });
  expect(absorbAll(first.profile, [stub]).fx).toEqual([]);
  expect(first.profile?.memory.fences).toEqual([at]);
});

const stubs = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    position: positionOf(n),
    lines: [stubAt(positionOf(n))],
  }));

test('a redriven event counts once, by its parked key, with 500 events between', () => {
  const first = absorbAll(undefined, stubs(1));
  const one = absorbAll(first.profile, [redriven('lost', positionOf(0), positionOf(100))]);
  expect(totalsOf(one.fx)).toEqual({ applied: 1, duplicate: 0, parked: 0 });
  const between = absorbAll(one.profile, envelopesOf([requestOf(sentEvents(500))], { from: 200 }));
  const two = absorbAll(between.profile, [redriven('lost', positionOf(0), positionOf(900))]);
  expect(totalsOf(two.fx)).toEqual({ applied: 0, duplicate: 1, parked: 0 });
});

test('an event redriven twice in one envelope counts once', () => {
  const first = absorbAll(undefined, stubs(1));
  const [one, two] = [0, 1].map((n) => redriven(`lost-${n}`, positionOf(0), positionOf(100 + n)));
  const both = {
    position: positionOf(100),
    lines: [...(one?.lines ?? []), ...(two?.lines ?? [])],
  };
  const { fx } = absorbAll(first.profile, [both]);
  expect(totalsOf(fx)).toEqual({ applied: 1, duplicate: 1, parked: 0 });
});

test('a redriven event whose client has sent it again meanwhile is a duplicate', () => {
  const first = absorbAll(undefined, stubs(1));
  const resent = absorbAll(
    first.profile,
    envelopesOf([requestOf([sentEvent('lost')])], { from: 50 }),
  );
  const redrive = absorbAll(resent.profile, [redriven('lost', positionOf(0), positionOf(100))]);
  expect(totalsOf(redrive.fx)).toEqual({ applied: 0, duplicate: 1, parked: 0 });
});

test('a redriven event that was never parked here is a duplicate', () => {
  const first = absorbAll(undefined, stubs(3));
  const stranger = redriven('stranger', positionOf(70), positionOf(100));
  expect(totalsOf(absorbAll(first.profile, [stranger]).fx)).toEqual({
    applied: 0,
    duplicate: 1,
    parked: 0,
  });
});

test('the eighth parked key is listed, and the ninth leaves a floor at the first', () => {
  const eight = absorbAll(undefined, stubs(8)).profile?.memory.parked;
  expect(eight?.keys.size).toBe(8);
  expect(eight?.floors).toEqual([]);
  const nine = absorbAll(undefined, stubs(9)).profile?.memory.parked;
  expect(nine?.keys.size).toBe(8);
  expect(nine?.floors).toEqual([{ ...positionOf(0), index: 0 }]);
});

test('after a ninth parked key the forgotten one is applied, and its second redrive is known by the ring', () => {
  const nine = absorbAll(undefined, stubs(9));
  const one = absorbAll(nine.profile, [redriven('lost', positionOf(0), positionOf(100))]);
  expect(totalsOf(one.fx).applied).toBe(1);
  const two = absorbAll(one.profile, [redriven('lost', positionOf(0), positionOf(101))]);
  expect(totalsOf(two.fx)).toEqual({ applied: 0, duplicate: 1, parked: 0 });
});

test('the floor is the highest key forgotten, whatever the order of forgetting', () => {
  const twelve = absorbAll(undefined, stubs(12)).profile?.memory.parked;
  expect(twelve?.floors).toEqual([{ ...positionOf(3), index: 0 }]);
});

const order = (eventId: string, orderId: string, event = 'Order Completed') =>
  requestOf([
    sentEvent(eventId, {
      event,
      properties: { order_id: orderId, revenue: '10.00', currency: 'USD' },
    }),
  ]);

const revenueOf = (fx: ReturnType<typeof absorbAll>['fx']): number =>
  fx.flatMap(({ events }) => events).reduce((sum, [, , , , , , micros]) => sum + micros, 0);

test('an order told by two events counts once, a cancellation of it by itself, refunds each', () => {
  const { fx } = absorbAll(
    undefined,
    envelopesOf([
      order('a', 'o1'),
      order('b', 'o1'),
      order('c', 'o1', 'Order Cancelled'),
      order('d', 'o1', 'Order Cancelled'),
      order('e', 'o1', 'Order Refunded'),
      order('f', 'o1', 'Order Refunded'),
    ]),
  );
  expect(totalsOf(fx)).toEqual({ applied: 6, duplicate: 0, parked: 0 });
  expect(revenueOf(fx)).toBe(-20_000_000);
});

test('an order told twice in one envelope counts once', () => {
  const [one] = order('a', 'o1');
  const [two] = order('b', 'o1');
  const data = (one?.data ?? '') + (two?.data ?? '');
  const { fx } = absorbAll(
    undefined,
    envelopesOf([[{ partitionKey: 'main#user123', data, events: 2 }]]),
  );
  expect(revenueOf(fx)).toBe(10_000_000);
});

test('the last 16 orders are known: the 16th after it still, the 17th forgets exactly the oldest', () => {
  const orders = (count: number) =>
    Array.from({ length: count }, (_, n) => order(`e${n}`, `o${n}`));
  const sixteen = absorbAll(undefined, envelopesOf(orders(16)));
  const again = (profile: Profile | undefined, n: number) =>
    revenueOf(absorbAll(profile, envelopesOf([order(`again${n}`, `o${n}`)], { from: 500 })).fx);
  expect(again(sixteen.profile, 0)).toBe(0);
  const seventeen = absorbAll(undefined, envelopesOf(orders(17)));
  expect(again(seventeen.profile, 0)).toBe(10_000_000);
  expect(again(seventeen.profile, 1)).toBe(0);
});

test('two users with the same eventId each have a memory of their own', () => {
  const [mine, theirs] = ['u1', 'u2'].map((userId) =>
    envelopesOf([requestOf([sentEvent('same', { userId })])]),
  );
  expect(totalsOf(absorbAll(undefined, mine ?? []).fx).applied).toBe(1);
  expect(totalsOf(absorbAll(undefined, theirs ?? []).fx).applied).toBe(1);
});

test('a profile of hundreds of big requests keeps its memory within its bytes', () => {
  const requests = Array.from({ length: 60 }, (_, n) => requestOf(sentEvents(80, `r${n}`)));
  const { profile } = absorbAll(undefined, envelopesOf(requests));
  if (profile === undefined) throw new Error('there is no profile');
  expect(encodeMemory(profile.memory).length + utf8Bytes(facetsOf(profile))).toBeLessThan(8_192);
});

test('an id that stands twice in one envelope counts once', () => {
  // Collect leaves out the second; a line that is written by hand does not.
  const [cut] = requestOf([sentEvent('same')]);
  if (cut === undefined) throw new Error('there is one envelope');
  const twice = { ...cut, data: cut.data + cut.data };
  const { fx } = absorbAll(undefined, envelopesOf([[twice]]));
  expect(totalsOf(fx)).toEqual({ applied: 1, duplicate: 1, parked: 0 });
});
