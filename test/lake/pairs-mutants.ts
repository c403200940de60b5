import type { Mutant } from '../simulation/mutants.ts';

const READ = 'functions/core/tags/read.ts';
const KEEPERS = 'functions/core/tags/keepers.ts';
const PRINT = 'functions/core/query/print.ts';
const UNLOAD = 'functions/core/lake/unload-tags.ts';
const CURATE = 'functions/core/lake/curate.ts';
const LANDED = 'functions/core/lake/landed-lines.ts';
const MERGING = 'functions/core/lake/merging.ts';

/** Mistakes in the fold, at the cut, in the printer and in the statements. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'the day of the cut is left out of the stream',
    file: READ,
    find: 'eventDay >= firstDay && arrivalDay >= cut',
    replace: 'eventDay >= firstDay && arrivalDay > cut',
  },
  {
    name: 'the day before the cut is in the stream too',
    file: READ,
    find: 'eventDay >= firstDay && arrivalDay >= cut',
    replace: 'eventDay >= firstDay && arrivalDay >= cut - 1',
  },
  {
    name: 'the nightly takes the day of the cut',
    file: UNLOAD,
    find: 'below(arrival, literal(run.cut))',
    replace: 'atMost(arrival, literal(run.cut))',
  },
  {
    name: 'a day between totals and days is left out',
    file: UNLOAD,
    find: 'export const UNTOTALLED_DAYS = 3;',
    replace: 'export const UNTOTALLED_DAYS = 2;',
  },
  {
    name: 'the window of the nightly begins a day late',
    file: UNLOAD,
    find: 'daysAfter(today, 1 - windowDays)',
    replace: 'daysAfter(today, 2 - windowDays)',
  },
  {
    name: 'whom a day has left is not loaded',
    file: UNLOAD,
    find: 'if (watermark === null) return literal(false);',
    replace: 'if (watermark !== undefined) return literal(false);',
  },
  {
    name: 'the users of late objects are not loaded',
    file: UNLOAD,
    find: 'const LATE_DAYS = 2;',
    replace: 'const LATE_DAYS = -3;',
  },
  {
    name: 'the fold tells days of arrival by the event',
    file: KEEPERS,
    find: 'arrivalDay: utcDayOf(arrivedAt)',
    replace: 'arrivalDay: utcDayOf(timestamp)',
  },
  {
    name: 'the printer forgets ELSE',
    file: PRINT,
    find: '...(otherwise === undefined ? [] :',
    replace: '...(otherwise !== undefined ? [] :',
  },
  {
    name: 'the printer joins OR as AND',
    file: PRINT,
    find: "kind === 'and' ? ' AND ' : ' OR '",
    replace: "kind === 'and' ? ' AND ' : ' AND '",
  },
  {
    name: 'the printer forgets DESC',
    file: PRINT,
    find: "descending ? ' DESC' : ''",
    replace: "descending ? '' : ''",
  },
  {
    name: 'the printer forgets the quotes inside of a text',
    file: PRINT,
    find: `line.replaceAll("'", "''")`,
    replace: `line.replaceAll("'", '')`,
  },
  {
    name: 'the printer forgets PARTITION BY',
    file: PRINT,
    find: "partition.length === 0 ? '' :",
    replace: "partition.length >= 0 ? '' :",
  },
  {
    name: 'the printer calls a left join an inner one',
    file: PRINT,
    find: "join.kind === 'full' ? 'FULL OUTER' : join.kind.toUpperCase()",
    replace: "join.kind === 'full' ? 'FULL OUTER' : 'INNER'",
  },
  {
    name: 'a copy is told from the day before alone',
    file: CURATE,
    find: 'const REACH_DAYS = 30;',
    replace: 'const REACH_DAYS = 1;',
  },
  {
    name: 'an object of the day before is not read',
    file: LANDED,
    find: 'const LANDING_DAYS_BEFORE = 1;',
    replace: 'const LANDING_DAYS_BEFORE = 0;',
  },
  {
    name: 'a stub beats a real line',
    file: CURATE,
    find: "choose([[column(of, 'stub'), whole(1)]], whole(0))",
    replace: "choose([[column(of, 'stub'), whole(0)]], whole(1))",
  },
  {
    name: 'least is greatest where two days meet',
    file: MERGING,
    find: "[groups.least, aggregate('min', value('amount'))]",
    replace: "[groups.least, aggregate('max', value('amount'))]",
  },
];
