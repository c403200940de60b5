import type { Mutant } from '../simulation/mutants.ts';

const PAIRS = 'functions/core/lake/pairs-day.ts';
const POSITIVES = 'functions/core/lake/positives.ts';
const REPLACING = 'functions/core/lake/replacing.ts';
const AMOUNTS = 'functions/core/recommend/amounts.ts';

/** Mistakes in what SQL learns of items that go together. */
export const LEARNT_MUTANTS: readonly Mutant[] = [
  {
    name: 'the same item at the very end of half an hour is a repeat',
    file: PAIRS,
    find: 'whole(REPEAT_MS)',
    replace: 'whole(REPEAT_MS + 1)',
  },
  {
    name: 'what is thirty days old to the millisecond is out of reach',
    file: PAIRS,
    find: 'whole(REACH_MS)',
    replace: 'whole(REACH_MS - 1)',
  },
  {
    name: 'lines of one event are neighbours of each other',
    file: PAIRS,
    find: "    unequal(column('b', 'line_key'), column('a', 'line_key')),\n",
    replace: '',
  },
  {
    name: 'items of the event itself get something at their rank',
    file: PAIRS,
    find: "isNull(column('o', 'item'))",
    replace: "or(isNull(column('o', 'item')), unequal(column('o', 'item'), column('r', 'item')))",
  },
  {
    name: 'the first line of an order is the newest',
    file: PAIRS,
    find: "['arrived_at', 'line_key', 'place'].map((name) => rising(column(of, name)))",
    replace:
      "[rising(column(of, 'arrived_at')), rising(column(of, 'line_key')), { of: column(of, 'place'), descending: true }]",
  },
  {
    name: 'a user is looked back at through a handful of items',
    file: PAIRS,
    find: 'const LOOKED_BACK_MAX = 64;',
    replace: 'const LOOKED_BACK_MAX = 12;',
  },
  {
    name: 'an item that comes again in a basket is counted',
    file: PAIRS,
    find: "query(fresh(day, 1), 'j')",
    replace: "query(placed(day, 0), 'j')",
  },
  {
    name: 'a basket is as large as its event’s lines and one',
    file: AMOUNTS,
    find: 'Math.log2(1 + Math.min',
    replace: 'Math.log2(2 + Math.min',
  },
  {
    name: 'copies speak for items too',
    file: POSITIVES,
    find: "['stub', 'dup', 'again']",
    replace: "['stub', 'again']",
  },
  {
    name: 'an order that was counted before counts again',
    file: POSITIVES,
    find: "['stub', 'dup', 'again']",
    replace: "['stub', 'dup']",
  },
  {
    name: 'a row that would not be made again stays',
    file: REPLACING,
    find: "{ kind: 'delete', and: gone }",
    replace: "{ kind: 'delete', and: and(gone, not(gone)) }",
  },
];
