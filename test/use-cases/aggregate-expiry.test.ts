import { expect, test } from 'vitest';
import { decodeFacets } from '../../functions/core/profile/facets.ts';
import type { StoredProfile } from '../../functions/core/profile/stored-profile.ts';
import { aggregating, recordsOf } from '../support/aggregating.ts';
import { definitions, NOW, requestOf, sentEvent } from '../support/enriched-lines.ts';

const DAY = 86_400_000;
const view = (user: object, id: string, more = {}) =>
  requestOf([sentEvent(id, { userId: null, ...user, ...more })], `request-${id}`);
const identified = (id: string, traits: Record<string, string>) =>
  view({ userId: 'u' }, id, { event: null, type: 'identify', traits });

const activityOf = ({ facets }: StoredProfile): number =>
  decodeFacets(facets, definitions).items.size;

test('a profile lives 90 days after its newest arrival, and 400 once it has had a userId', async () => {
  const world = aggregating();
  await world.run(recordsOf(view({ anonymousId: 'a' }, 'one')));
  await world.run(recordsOf(view({ userId: 'k' }, 'two')));
  expect(world.itemOf('a')).toMatchObject({ known: false, ttl: (NOW + 90 * DAY) / 1_000 });
  expect(world.itemOf('k')).toMatchObject({ known: true, ttl: (NOW + 400 * DAY) / 1_000 });
});

test('a known user stays known when a later event names the anonymous id alone', async () => {
  const world = aggregating();
  // The same key: a userId that is somebody's anonymousId too.
  await world.run(recordsOf(view({ userId: 'x' }, 'one')));
  await world.run(recordsOf(view({ anonymousId: 'x' }, 'two'), { from: 9 }));
  expect(world.itemOf('x')).toMatchObject({ known: true, ttl: (NOW + 400 * DAY) / 1_000 });
});

test('an event dated 2024 for a new user does not expire at birth', async () => {
  const world = aggregating();
  await world.run(recordsOf(view({ userId: 'u' }, 'old', { timestamp: '2024-04-25T16:00:00Z' })));
  expect(world.itemOf('u').ttl * 1_000).toBe(NOW + 400 * DAY);
});

test('an expired profile that still lies there is overwritten under its version, and its memory goes on', async () => {
  const world = aggregating();
  const first = recordsOf(view({ userId: 'u' }, 'one'));
  await world.run(first);
  const before = world.itemOf('u');
  const expired = { ...before, ttl: NOW / 1_000 };
  world.memory.profiles.set('main#u', expired);
  await world.run(recordsOf(view({ userId: 'u' }, 'two'), { from: 9 }));
  const after = world.itemOf('u');
  expect(after.version).toBe(Math.max(before.version + 1, NOW));
  expect(activityOf(after)).toBe(1);
  expect(world.totals('u')).toEqual({ applied: 2, duplicate: 0, parked: 0 });
  await world.run(first);
  await world.run(recordsOf(view({ userId: 'u' }, 'one'), { from: 20 }));
  expect(world.totals('u')).toEqual({ applied: 2, duplicate: 1, parked: 0 });
});

test('a profile one second before its end is continued', async () => {
  const world = aggregating();
  await world.run(recordsOf(view({ userId: 'u' }, 'one')));
  world.memory.profiles.set('main#u', { ...world.itemOf('u'), ttl: NOW / 1_000 + 1 });
  await world.run(recordsOf(view({ userId: 'u' }, 'two'), { from: 9 }));
  expect(activityOf(world.itemOf('u'))).toBe(2);
});

test.each([
  ['is ahead of the clock', NOW + 500, NOW + 501],
  ['is behind it', 7, NOW],
])(
  'the version of an expired profile that %s goes up to the higher of both',
  async (_, held, next) => {
    const world = aggregating();
    await world.run(recordsOf(view({ userId: 'u' }, 'one')));
    world.memory.profiles.set('main#u', { ...world.itemOf('u'), ttl: 1, version: held });
    await world.run(recordsOf(view({ userId: 'u' }, 'two'), { from: 9 }));
    expect(world.itemOf('u').version).toBe(next);
  },
);

test('the version of a profile that lives goes up by one, whatever the clock says', async () => {
  const world = aggregating();
  await world.run(recordsOf(view({ userId: 'u' }, 'one')));
  world.clock.ms += DAY;
  await world.run(recordsOf(view({ userId: 'u' }, 'two'), { from: 9 }));
  expect(world.itemOf('u').version).toBe(NOW + 1);
});

test('traits past their time are not told on: new ones replace them under their version', async () => {
  const world = aggregating();
  await world.run(recordsOf(identified('one', { plan: 'gold' })));
  const held = world.memory.traits.get('main#u');
  if (held === undefined || 'unreadable' in held) throw new Error('there are traits');
  world.memory.traits.set('main#u', { ...held, ttl: NOW / 1_000 });
  await world.run(recordsOf(identified('two', { city: 'Oslo' }), { from: 9 }));
  expect(world.traitsOf('u')).toEqual({ city: 'Oslo' });
  expect(world.memory.traits.get('main#u')).toMatchObject({ version: held.version + 1 });
});
