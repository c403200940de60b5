/** A lake of so many days, and what the statements of its next night read. */

import { statementText } from '../functions/core/lake/statements.ts';
import { LAKE_TABLES } from '../functions/core/lake/tables.ts';
import { planNight } from '../functions/core/nightly/plan-night.ts';
import { printStatement } from '../functions/core/nightly/print-statement.ts';
import type { NightPlan, PrintRequest } from '../functions/core/nightly/tasks.ts';
import { compileTags } from '../functions/core/tags/compile.ts';
import { epochMs, startOfUtcDay, toRfc3339, toUtcDate } from '../functions/core/time.ts';
import type { IcebergTable } from '../localstack/services/athena/catalog.ts';
import { openLake } from '../localstack/services/athena/duck.ts';
import type { Lake } from '../localstack/services/athena/lake.ts';
import { referencesOf } from '../localstack/services/athena/references.ts';
import { scannedBytesOf } from '../localstack/services/athena/scan-model.ts';
import { readStatement } from '../localstack/services/athena/statement.ts';
import { duckTypeOf } from '../localstack/services/athena/types.ts';
import { config } from '../tributary.config.ts';

/** 2026-11-25 */
const TODAY = 20_782;
/** Days that go through every statement; those before them are copies of these, moved. */
const MADE_DAYS = 32;
/** Landing objects are kept for 90 days. */
const LANDED_DAYS = 96;
/** Before them, `user_total` has let go of every day of a window. */
const TOTALLED_DAYS = 224;
const LATE_DAYS = 4;
const NAMES = { database: 'lake', bucket: 'lake' };

const { lake: tags } = compileTags(config);
const print = printStatement(NAMES, { lake: tags });
const versions = tags.map(({ version }) => version);

export interface Read {
  readonly statement: PrintRequest['kind'];
  readonly table: string;
  readonly bytes: number;
}

export interface Night {
  readonly reads: readonly Read[];
  /** Users of whom a line arrived in the days that the night looks back on. */
  readonly users: number;
  readonly loaded: number;
}

export interface History {
  readonly days: number;
  readonly users: number;
  /** Of the users, on a day. */
  readonly activeShare: number;
  /** Of the users, who are the only ones in the days that the night looks back on. */
  readonly lastNightsShare?: number;
  /** Days before the night that are added to `user_total`. */
  readonly totalledDays?: number;
}

/** Numbers in [0, 1) that are the same on every machine. */
const newRandom = (): (() => number) => {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

const EVENT_NAMES = ['Product Viewed', 'Product Clicked', 'Product Added', 'Order Completed'];
const CATEGORIES = ['TECH', 'HOME', 'FASHION', 'SPORT', 'BOOKS'];
const EVENTS_PER_VISIT = 3;
const ITEMS = 40;

const lineOf = (n: number, user: number, day: number, random: () => number): string => {
  const name = EVENT_NAMES[Math.floor(random() ** 2 * EVENT_NAMES.length)] ?? '';
  const at = toRfc3339(epochMs(startOfUtcDay(day) + Math.floor(random() * 86_000_000)));
  const micros = Math.floor(random() * 90_000_000);
  return JSON.stringify({
    ...{ schemaVersion: '1', tenant: 'main', eventId: `e-${n}`, kind: 'track', name },
    ...{ userId: `user-${user}`, timestamp: at, receivedAt: at, traits: {} },
    properties: { product_id: `item-${n % ITEMS}` },
    ...{ context: {}, extras: {}, arrivedAt: at, lookups: 1 },
    ...(name === 'Order Completed' && {
      commerce: { orderId: `order-${n}`, orders: 1, revenueMicros: micros },
    }),
    enrichment: {
      categoryVector: [CATEGORIES[Math.floor(random() * CATEGORIES.length)]],
      ...{ deviceType: 'MOBILE', geoRegion: 'EMEA' },
    },
    at: { stream: '0a1b2c3d', shard: 'shardId-000000000000', sequence: String(n), index: 0 },
  });
};

const linesOf = ({ users, activeShare, lastNightsShare }: History, days: number) => {
  const random = newRandom();
  const lines: { readonly day: number; readonly user: number; readonly line: string }[] = [];
  for (let day = TODAY - days + 1; day <= TODAY; day += 1) {
    const isLast = lastNightsShare !== undefined && day > TODAY - LATE_DAYS;
    for (let user = 0; user < users; user += 1) {
      const isActive = isLast ? user < lastNightsShare * users : random() < activeShare;
      for (let n = 0; isActive && n < EVENTS_PER_VISIT; n += 1)
        lines.push({ day, user, line: lineOf(lines.length, user, day, random) });
    }
  }
  return lines;
};

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const LINE_TABLES = { enriched_lines: ['dt', 'hr'], run_lines: ['run'] } as const;

/** What the scan model has to know of a table. */
const TABLES: ReadonlyMap<string, IcebergTable> = new Map(
  [
    ...Object.entries(LINE_TABLES),
    ...Object.entries(LAKE_TABLES).map(([name, table]) => [name, table.partitionedBy] as const),
  ].map(([name, partitionedBy]) => [
    name,
    {
      ...{ kind: 'iceberg' as const, database: NAMES.database, name, partitionedBy },
      ...{ columns: [], shown: {}, location: '' },
    },
  ]),
);

const openTables = async (): Promise<Lake> => {
  const lake = await openLake({ database: NAMES.database });
  for (const [name, { columns }] of Object.entries(LAKE_TABLES)) {
    const list = Object.entries(columns).map(([each, type]) => `"${each}" ${duckTypeOf(type)}`);
    await lake.runDuck(`CREATE TABLE ${name} (${list.join(', ')})`);
  }
  for (const [name, partitions] of Object.entries(LINE_TABLES)) {
    const list = ['line', ...partitions].map((each) => `${each} VARCHAR`);
    await lake.runDuck(`CREATE TABLE ${name} (${list.join(', ')})`);
  }
  return lake;
};

const moved = (column: string, days: number): string =>
  `CASE WHEN ${column} = '' THEN '' ELSE CAST(CAST(${column} AS DATE) - ${days} AS VARCHAR) END AS ${column}`;

/** Earlier days as copies of those that were made, so that a long history takes no night each. */
const copyBack = async (lake: Lake, days: number): Promise<void> => {
  const parts = [
    ['events', ['arrival_day', 'event_day']],
    ['user_day', ['arrival_day', 'event_day']],
    ['positives', ['arrival_day']],
    ['pairs_day', ['arrival_day']],
    ['enriched_lines', ['dt']],
  ] as const;
  for (let back = MADE_DAYS; back < days; back += MADE_DAYS) {
    for (const [table, columns] of parts) {
      if (table === 'enriched_lines' && back >= LANDED_DAYS) continue;
      const list = columns.map((column) => moved(column, back)).join(', ');
      const own = `${columns[0]} > ${literal(toUtcDate(TODAY - MADE_DAYS))}`;
      await lake.runDuck(
        `INSERT INTO ${table} SELECT * REPLACE (${list}) FROM ${table} WHERE ${own}`,
      );
    }
  }
};

const planOf = (days: number): NightPlan =>
  planNight(
    { runId: '1795575600000-0000', attempt: 1, versions: null },
    {
      now: epochMs(startOfUtcDay(TODAY) + 10_800_000),
      cut: TODAY,
      firstLanding: undefined,
      versions,
      loaded: {
        ...{ runId: '1795489200000-0000', cut: toUtcDate(TODAY - 1), filled: versions, nights: [] },
        firstDay: toUtcDate(TODAY - days + 1),
        listed: toUtcDate(TODAY - 1),
      },
    },
  );

const build = async (lake: Lake, history: History, plan: NightPlan): Promise<number> => {
  const { days, totalledDays = TOTALLED_DAYS } = history;
  const lines = linesOf(history, MADE_DAYS);
  const rows = lines.map(({ line, day }) => `(${literal(line)}, ${literal(toUtcDate(day))}, '00')`);
  await lake.runDuck(`INSERT INTO enriched_lines VALUES ${rows.join(', ')}`);
  for (let day = TODAY - MADE_DAYS + 1; day <= TODAY; day += 1)
    await lake.run(print({ kind: 'curate', day: toUtcDate(day) }, plan));
  for (const kind of ['positives', 'pairsDay'] as const)
    for (let day = TODAY - MADE_DAYS + 1; day <= TODAY; day += 1)
      await lake.run(print({ kind, day: toUtcDate(day) }, plan));
  const range = { from: toUtcDate(TODAY - MADE_DAYS + 1), to: toUtcDate(TODAY) };
  const request = { kind: 'userDayOfRange', ...range, versions } as const;
  await lake.run(statementText(request, NAMES, { lake: tags }));
  await copyBack(lake, days);
  const [last] = plan.totals;
  const first = Math.max(TODAY - days, TODAY - totalledDays) + 1;
  for (let day = first; toUtcDate(day) < (last ?? ''); day += 1)
    await lake.run(print({ kind: 'userTotal', day: toUtcDate(day) }, plan));
  const touched = lines.filter(({ day }) => day > TODAY - LATE_DAYS).map(({ user }) => user);
  return new Set(touched).size;
};

const readsOf = async (lake: Lake, sql: string): Promise<ReadonlyMap<string, number>> => {
  const statement = readStatement(sql);
  if (statement.kind === 'upkeep') return new Map();
  const text = statement.kind === 'unload' ? statement.query : statement.text;
  const found = Map.groupBy(referencesOf(lake.polyglot, text), ({ table }) => table);
  const reads = new Map<string, number>();
  for (const [name, references] of found) {
    const table = TABLES.get(name);
    if (table === undefined) throw new Error(`${name} is no table of the lake`);
    reads.set(name, await scannedBytesOf(lake, table, references));
  }
  return reads;
};

const perform = async (lake: Lake, sql: string, plan: NightPlan): Promise<number> => {
  const statement = readStatement(sql);
  if (statement.kind !== 'unload') {
    await lake.run(sql);
    return 0;
  }
  // Nothing of a night reads again what its lists unloaded.
  if (/\/lists-\d+\//.test(sql)) return 0;
  const lines = `SELECT CAST(to_json(u) AS VARCHAR), ${literal(`${plan.runId}/${plan.attempt}`)}`;
  const from = `FROM (${lake.toDuck(statement.query)}) AS u`;
  const { rowsChanged } = await lake.runDuck(`INSERT INTO run_lines ${lines} ${from}`);
  return rowsChanged;
};

const requestsOf = ({ days, totals, learnDays }: NightPlan): readonly PrintRequest[] => [
  ...(['curate', 'userDay'] as const).flatMap((kind) => days.map((day) => ({ kind, day }))),
  ...totals.map((day) => ({ kind: 'userTotal' as const, day })),
  ...(['tags', 'guard', 'loaded', 'drift'] as const).map((kind) => ({ kind })),
  ...(['positives', 'pairsDay'] as const).flatMap((kind) =>
    learnDays.map((day) => ({ kind, day })),
  ),
  { kind: 'lists' },
];

export const nightAfter = async (history: History): Promise<Night> => {
  const lake = await openTables();
  try {
    const plan = planOf(history.days);
    const users = await build(lake, history, plan);
    const reads: Read[] = [];
    let loaded = 0;
    for (const request of requestsOf(plan)) {
      const sql = print(request, plan);
      for (const [table, bytes] of await readsOf(lake, sql))
        reads.push({ statement: request.kind, table, bytes });
      loaded += await perform(lake, sql, plan);
    }
    return { reads, users, loaded };
  } finally {
    lake.close();
  }
};
