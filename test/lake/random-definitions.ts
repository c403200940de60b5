/** Definitions of any kind that the nightly job fills, out of a seed. */
import type {
  FieldFilter,
  FieldPath,
  TagDefinition,
} from '../../functions/core/tags/definition.ts';
import { lifetime, over } from '../../functions/core/tags/definition.ts';
import { below, pick, type Random } from '../simulation/random.ts';
import { NAMES, WORDS } from './random-log.ts';

const TEXTS: readonly FieldPath[] = [
  'properties.plan',
  'properties.nested.size',
  'properties.constructor',
  'context.device.type',
  'traits.tier',
  'enrichment.geoRegion',
];
const NUMBERS: readonly FieldPath[] = ['properties.amount', 'properties.plan', 'traits.age'];
const ORDER_NUMBERS: readonly FieldPath[] = ['commerce.orders', 'commerce.revenueMicros'];
const LISTS: readonly FieldPath[] = [
  'enrichment.categoryVector',
  'properties.words',
  'properties.plan',
];
const KINDS = ['track', 'page', 'screen', 'identify'] as const;
const BOTH_OPS = ['count', 'sum', 'sum', 'min', 'max', 'first', 'last', 'timeSince'] as const;
const BATCH_OPS = [...BOTH_OPS, 'distinct', 'distinct', 'top', 'top'] as const;
const BOTH_DAYS = [3, 4, 7, 30, 90, 120] as const;
const BATCH_DAYS = [3, 5, 14, 30, 180, 365] as const;

type Op = (typeof BATCH_OPS)[number];

const some = <T>(random: Random, values: readonly T[], max: number): readonly T[] => {
  const count = 1 + below(random, max);
  return [...new Set(Array.from({ length: count }, () => pick(random, values)))];
};

const filterOf = (random: Random): FieldFilter => {
  const text = pick(random, TEXTS);
  const number = pick(random, [...NUMBERS, 'commerce.orders'] as const);
  switch (below(random, 7)) {
    case 0:
      return { field: text, is: pick(random, WORDS) };
    case 1:
      return { field: number, is: pick(random, [0, 1, 5, 12.5, -3]) };
    case 2:
      return { field: text, is: random() < 0.5 };
    case 3:
      return { field: text, in: some(random, [...WORDS, 5, true, '12.5'], 4) };
    case 4:
      return { field: text, exists: random() < 0.5 };
    case 5:
      return { field: number, atLeast: pick(random, [-2, 0, 0.000001, 5, 12.5]) };
    default:
      return { field: number, atMost: pick(random, [-0.5, 0, 5, 12.5, 1e6]) };
  }
};

const eventsOf = (random: Random): TagDefinition['events'] => ({
  ...(random() < 0.2 && { kinds: some(random, KINDS, 2) }),
  ...(random() < 0.35 && { names: some(random, NAMES, 3) }),
  ...(random() < 0.35 && {
    where: Array.from({ length: 1 + below(random, 2) }, () => filterOf(random)),
  }),
});

const weightsOf = (random: Random): Readonly<Record<string, number>> =>
  Object.fromEntries(NAMES.map((name) => [name, pick(random, [1, 2, 0.5, 0.000001, 8])]));

const measureOf = (random: Random, op: Op, isLifetime: boolean): object => {
  const weights = random() < 0.5 && { weights: weightsOf(random) };
  switch (op) {
    case 'sum':
    case 'min':
    case 'max':
      return { op, field: pick(random, random() < 0.5 ? NUMBERS : ORDER_NUMBERS) };
    case 'first':
    case 'last':
      return { op, field: pick(random, ['timestamp', ...TEXTS] as const) };
    case 'distinct':
      return { op, field: pick(random, LISTS) };
    case 'top': {
      const halfLife = { days: pick(random, [1, 7, 30]) };
      const isDecayed = isLifetime && random() < 0.5;
      return { op, field: pick(random, LISTS), ...weights, ...(isDecayed && { halfLife }) };
    }
    default:
      return { op };
  }
};

export const randomDefinition = (random: Random, place: number): TagDefinition => {
  const source = random() < 0.7 ? 'both' : 'batch';
  const op: Op = pick(random, source === 'both' ? BOTH_OPS : BATCH_OPS);
  const isInstant = op === 'first' || op === 'last' || op === 'timeSince';
  const isLifetime = isInstant || random() < 0.35;
  const days = pick(random, source === 'both' ? BOTH_DAYS : BATCH_DAYS);
  const definition = {
    name: `tag_${place}`,
    measure: measureOf(random, op, isLifetime),
    events: eventsOf(random),
    period: isLifetime ? lifetime() : over({ days }),
    source,
  };
  return definition as unknown as TagDefinition;
};
