import { expect, test } from 'vitest';
import { compileProfile, type ProfileDefinitions } from '../../functions/core/profile/facets.ts';
import { config } from '../../tributary.config.ts';
import { aggregating, recordsOf } from '../support/aggregating.ts';
import {
  positionOf,
  requestOf,
  sentEvent,
  sentEvents,
  stubText,
} from '../support/enriched-lines.ts';

const cuts = requestOf(['a', 'b', 'c'].map((id) => sentEvent(id, { userId: 'u' })));
const records = recordsOf(cuts);

test('a record that `enrich` put twice, side by side in one batch, is a redelivery and no duplicate', async () => {
  const world = aggregating();
  await world.run([...records, ...records]);
  expect(world.totals('u')).toEqual({ applied: 3, duplicate: 0, parked: 0 });
});

test('two copies of an envelope inside one record are a redelivery and no duplicate', async () => {
  const world = aggregating();
  const [record] = records;
  if (record === undefined) throw new Error('three events make an envelope');
  await world.run([{ ...record, text: record.text + record.text }]);
  expect(world.totals('u')).toEqual({ applied: 3, duplicate: 0, parked: 0 });
});

test('a stub that `enrich` put twice, side by side in one batch, is parked once', async () => {
  const world = aggregating();
  const stub = { partitionKey: 'main#u', text: `${stubText(positionOf(0), 0, 'main#u')}\n` };
  await world.run([stub, stub]);
  expect(world.totals('u')).toEqual({ applied: 0, duplicate: 0, parked: 1 });
});

test('a profile that cannot be written any more parks its events whole and blocks nobody', async () => {
  const world = aggregating();
  await world.run(records);
  const item = world.itemOf('u');
  const items = Array.from({ length: 400 }, (_, place) => [
    `item-of-a-former-bound-${place}`,
    place,
  ]);
  const swollen = { ...item, facets: JSON.stringify({ ...JSON.parse(item.facets), r: items }) };
  world.memory.profiles.set('main#u', swollen);
  // Copies alone are not folded, so nothing brings the items back under their bound.
  expect(await world.run(recordsOf(cuts, { from: 10 }))).toBeUndefined();
  expect(world.memory.profiles.get('main#u')).toBe(swollen);
  expect([...world.objects.keys()].filter((key) => key.includes('/state/'))).toHaveLength(3);
  expect(world.counts.at(-1)).toMatchObject({ duplicate: 0, parked: 0, unreadable: 3 });
});

test('an envelope whose first line is unreadable does not join the one before it', async () => {
  const world = aggregating();
  const stubs = [stubText(positionOf(0), 0, 'main#u'), stubText(positionOf(1), 1, 'main#u')];
  await world.run([{ partitionKey: 'main#u', text: `${stubs[0]}\nnot JSON\n${stubs[1]}\n` }]);
  // Both fences have moved, so neither counts again.
  await world.run([{ partitionKey: 'main#u', text: `${stubs[1]}\n` }], { from: 10 });
  expect(world.totals('u')).toEqual({ applied: 0, duplicate: 0, parked: 2 });
});

test('a bug that shows only in company costs one write, not the rest of the batch', async () => {
  const shipped = compileProfile(config);
  let folds = 0;
  const once: ProfileDefinitions = {
    ...shipped,
    get interestWeights(): ReadonlyMap<string, number> {
      folds += 1;
      if (folds === 1) throw new TypeError('a bug');
      return shipped.interestWeights;
    },
  };
  const world = aggregating({ definitions: once });
  const request = requestOf(sentEvents(200, 'e', { userId: 'u' }));
  await world.run(recordsOf(request));
  const { applied, duplicate, parked } = world.totals('u');
  expect(parked).toBeGreaterThan(0);
  expect(parked).toBeLessThanOrEqual(64);
  expect({ all: applied + parked, duplicate }).toEqual({ all: 200, duplicate: 0 });
});
