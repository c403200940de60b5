import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstOfOrder } from '../../../functions/core/profile/oracle.ts';
import { oracleScores, oracleTag } from '../../../functions/core/profile/tag-oracle.ts';
import { compileTags } from '../../../functions/core/tags/compile.ts';
import { spanMs, type TagDefinition } from '../../../functions/core/tags/definition.ts';
import {
  type CountedEvent,
  decodeTags,
  encodeTags,
  foldTags,
  noTags,
  type Tags,
} from '../../../functions/core/tags/fold.ts';
import { readStream, type ServedTag } from '../../../functions/core/tags/read.ts';
import { days, type EpochMs, epochMs, hours } from '../../../functions/core/time.ts';
import { arbitraryLog, countedOf } from '../../support/arbitrary-logs.ts';
import { arbitraryTag } from '../../support/arbitrary-tags.ts';
import { counted, factOf, NOW } from '../../support/counted-events.ts';

/** In batches of this size, each stored and read again, as the aggregator does. */
const folded = (tag: TagDefinition, events: readonly CountedEvent[], batch: number): Tags => {
  const known = compileTags({ tags: [tag], segments: { rules: [], otherwise: 'x' } }).folded;
  let tags = noTags(known, epochMs(0));
  let newest = epochMs(0);
  for (let start = 0; start < events.length; start += batch) {
    const some = events.slice(start, start + batch);
    newest = epochMs(Math.max(newest, ...some.map(({ arrivedAt }) => arrivedAt)));
    tags = foldTags(tags, some, newest);
    tags = decodeTags(JSON.parse(JSON.stringify(encodeTags(tags))), known, newest);
  }
  return tags;
};

const rawOf = (served: ServedTag | undefined): number | string | undefined => {
  if (served === undefined) return undefined;
  const { value } = served;
  if (value.type === 'string') return value.text;
  return value.type === 'instant' ? value.at : value.amount;
};

const expected = (tag: TagDefinition, events: readonly CountedEvent[], now: EpochMs) => {
  const facts = events.map(factOf);
  return { facts, value: oracleTag(tag, facts, firstOfOrder(facts), now) };
};

const isDecayed = ({ measure }: TagDefinition): boolean =>
  measure.op === 'top' && 'halfLife' in measure && measure.halfLife !== undefined;

/** Two keys whose decayed scores lie within 1e-8 may come in either order of rounding. */
const isNearTie = (tag: TagDefinition, events: readonly CountedEvent[], now: EpochMs): boolean => {
  const { facts } = expected(tag, events, now);
  const counting = { ...tag, measure: { op: 'count' } } as TagDefinition;
  const mine = facts.filter((fact) => oracleTag(counting, [fact], new Set(), now) === 1);
  const [best, next] = oracleScores(tag, mine, now);
  return best !== undefined && next !== undefined && Math.abs(best[1] / next[1] - 1) < 1e-8;
};

const later = fc.constantFrom(0, 1, 10_000, 61_000, 310_000, hours(9), days(1), days(3), days(40));
const batches = fc.integer({ min: 1, max: 30 });

test('below the bounds the fold of any tag is what the oracle says, exactly', () => {
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(
      arbitraryTag(['stream', 'both']),
      arbitraryLog(NOW),
      batches,
      later,
      (tag, log, batch, ms) => {
        const now = epochMs(NOW + ms);
        const events = countedOf(log);
        const [served] = readStream(folded(tag, events, batch), now);
        const { value } = expected(tag, events, now);
        if (!(isDecayed(tag) && isNearTie(tag, events, now))) {
          expect(rawOf(served), JSON.stringify(tag)).toBe(value);
        }
        expect(served?.partial ?? false, JSON.stringify(tag)).toBe(false);
        if (value !== undefined && value !== 0) {
          seen.set(tag.measure.op, (seen.get(tag.measure.op) ?? 0) + 1);
        }
      },
    ),
    { numRuns: 2_500 },
  );
  // A test in which nothing ever matches would agree too.
  const ops = ['count', 'sum', 'min', 'max', 'distinct', 'first', 'last', 'timeSince', 'top'];
  for (const op of ops) expect(seen.get(op) ?? 0, op).toBeGreaterThan(10);
});

test('above the bounds a value that differs says that it is partial', () => {
  const many = fc
    .tuple(arbitraryLog(NOW, { eventsMax: 300 }), fc.boolean())
    .map(([log, isSpread]) =>
      // Of each its own value, so that keys and hashes are more than a profile keeps.
      log.map((event, index) =>
        isSpread
          ? {
              ...event,
              properties: { ...event.properties, plan: `plan-${index}`, labels: [`l-${index}`] },
            }
          : event,
      ),
    );
  fc.assert(
    fc.property(arbitraryTag(['stream', 'both']), many, batches, (tag, log, batch) => {
      const events = countedOf(log);
      const [served] = readStream(folded(tag, events, batch), NOW);
      const { value } = expected(tag, events, NOW);
      if (served?.partial === true || (isDecayed(tag) && isNearTie(tag, events, NOW))) return;
      expect(rawOf(served), JSON.stringify(tag)).toBe(value);
    }),
    { numRuns: 150 },
  );
});

const plans = (count: number): readonly CountedEvent[] =>
  Array.from({ length: count }, (_, index) => {
    const { event, ...rest } = counted({ at: NOW - index, arrivedAt: NOW }, index);
    return { ...rest, event: { ...event, properties: { plan: `plan-${index}` } } };
  });
const planTag = (measure: object): TagDefinition =>
  ({
    name: 'tag',
    measure: { ...measure, field: 'properties.plan' },
    events: {},
    period: { kind: 'lifetime' },
    source: 'stream',
  }) as unknown as TagDefinition;

test('64 values are counted exactly, the 65th makes the count partial', () => {
  const at = (count: number) =>
    readStream(folded(planTag({ op: 'distinct' }), plans(count), 7), NOW)[0];
  expect(at(64)).toMatchObject({ partial: false, value: { type: 'count', amount: 64 } });
  expect(at(65)).toMatchObject({ partial: true, value: { type: 'count', amount: 64 } });
});

test('16 keys have a sure top, a 17th makes it partial; a key that returns carries its error', () => {
  const tag = planTag({ op: 'top' });
  const at = (count: number) => readStream(folded(tag, plans(count), 7), NOW)[0];
  expect(at(16)).toMatchObject({ partial: false, value: { text: 'plan-0' } });
  expect(at(17)).toMatchObject({ partial: true });
  const topAfter = (events: readonly CountedEvent[]) => {
    const [state] = folded(tag, events, 17).states;
    return state?.held.kind === 'top' ? state.held.value : undefined;
  };
  const dropped = topAfter(plans(17));
  expect(dropped?.floor).toBe(1_000_000);
  expect(dropped?.scores.size).toBe(16);
  const back = plans(17).filter(({ event }) => !dropped?.scores.has(String(event.properties.plan)));
  expect(back).toHaveLength(1);
  const returned = topAfter([...plans(17), ...back]);
  const name = String(back[0]?.event.properties.plan);
  expect(returned?.scores.get(name)).toEqual({ score: 2_000_000, error: 1_000_000 });
});

test('a value is known by its first 64 bytes, and half a character is never kept', () => {
  const long = (end: string): CountedEvent => {
    const { event, ...rest } = counted({ at: NOW, arrivedAt: NOW });
    return { ...rest, event: { ...event, properties: { plan: `${'x'.repeat(63)}é${end}` } } };
  };
  for (const op of ['top', 'first']) {
    const [served] = readStream(folded(planTag({ op }), [long('a'), long('b')], 2), NOW);
    expect(rawOf(served)).toBe('x'.repeat(63));
  }
});

test('a half life fades what is old: newer activity wins over more of it', () => {
  const tag = planTag({ op: 'top', halfLife: { days: 1 } });
  const said = (plan: string, ago: number, index: number): CountedEvent => {
    const { event, ...rest } = counted({ at: NOW - ago, arrivedAt: NOW }, index);
    return { ...rest, event: { ...event, properties: { plan } } };
  };
  const events = [0, 1, 2].map((index) => said('old', days(2) + index, index));
  const fresh = [...events, said('new', 0, 3)];
  expect(spanMs({ days: 1 })).toBe(days(1));
  expect(rawOf(readStream(folded(tag, events, 2), NOW)[0])).toBe('old');
  expect(rawOf(readStream(folded(tag, fresh, 2), NOW)[0])).toBe('new');
});
