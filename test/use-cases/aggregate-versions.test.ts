import { expect, test } from 'vitest';
import { compileProfile, type ProfileDefinitions } from '../../functions/core/profile/facets.ts';
import { config } from '../../tributary.config.ts';
import { aggregating, recordsOf } from '../support/aggregating.ts';
import { positionOf, redriven, requestOf, sentEvent, USER } from '../support/enriched-lines.ts';

const shipped = compileProfile(config);

/** A bundle that throws at every event about taste. */
const broken: ProfileDefinitions = {
  ...shipped,
  get interestWeights(): ReadonlyMap<string, number> {
    throw new TypeError('a bug');
  },
};

const batch = recordsOf(requestOf([sentEvent('one')]));

const redriveOf = (eventId: string, oldPlace: number, place: number) => {
  const { lines } = redriven(eventId, positionOf(oldPlace), positionOf(place));
  const text = lines.map((line) => (line.kind === 'event' ? `${line.text}\n` : '')).join('');
  return [{ partitionKey: `main#${USER}`, text }];
};

test('parked by one version, delivered again to the next, then redriven: once', async () => {
  const old = aggregating({ definitions: broken });
  expect(await old.run(batch)).toBeUndefined();
  expect(old.totals(USER)).toEqual({ applied: 0, duplicate: 0, parked: 1 });
  const next = aggregating({ memory: old.memory });
  await next.run(batch);
  expect(next.writes).toEqual([]);
  await next.run(redriveOf('one', 0, 50), { from: 50 });
  await next.run(redriveOf('one', 0, 51), { from: 51 });
  expect(next.totals(USER)).toEqual({ applied: 1, duplicate: 1, parked: 0 });
});

test('applied by one version and delivered again to a broken one: parked nowhere', async () => {
  const old = aggregating();
  await old.run(batch);
  const next = aggregating({ memory: old.memory, definitions: broken });
  expect(await next.run(batch)).toBeUndefined();
  expect(next.writes).toEqual([]);
  expect(next.objects.size).toBe(0);
  expect(old.totals(USER)).toEqual({ applied: 1, duplicate: 0, parked: 0 });
});

test('where no line throws alone all lines of the write are parked, and each can be redriven', async () => {
  // It throws for a profile of two events only: neither of them is to blame by itself.
  let folds = 0;
  const together: ProfileDefinitions = {
    ...shipped,
    get interestWeights(): ReadonlyMap<string, number> {
      folds += 1;
      if (folds <= 1) throw new TypeError('a bug');
      return shipped.interestWeights;
    },
  };
  const world = aggregating({ definitions: together });
  const [cut] = requestOf([sentEvent('a'), sentEvent('b')]);
  if (cut === undefined) throw new Error('there is one envelope');
  await world.run(recordsOf([cut]));
  expect(world.totals(USER)).toEqual({ applied: 0, duplicate: 0, parked: 2 });
  expect(world.objects.size).toBe(2);
  await world.run(redriveOf('a', 0, 50), { from: 50 });
  expect(world.totals(USER)).toEqual({ applied: 1, duplicate: 0, parked: 2 });
});
