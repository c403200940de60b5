/** Nights in SQL: the shipped statements on DuckDB, over the lines of many users. */

import { type StatementRequest, statementText } from '../../functions/core/lake/statements.ts';
import { LAKE_TABLES } from '../../functions/core/lake/tables.ts';
import type { LakeTag } from '../../functions/core/tags/compile.ts';
import type { LakeRow } from '../../functions/core/tags/lake-row.ts';
import { toUtcDate } from '../../functions/core/time.ts';
import { openLake } from '../../localstack/services/athena/duck.ts';
import type { Lake } from '../../localstack/services/athena/lake.ts';
import { readStatement } from '../../localstack/services/athena/statement.ts';
import { duckTypeOf } from '../../localstack/services/athena/types.ts';
import { FIRST_DAY, type LandedLine, type Log, NIGHTS } from './random-log.ts';

const NAMES = { database: 'lake', bucket: 'lake' };
const UNTOTALLED_DAYS = 3;
const LATE_DAYS = 2;
const LINES_PER_INSERT = 2_000;

/** By tenant and user. */
export type Loaded = Map<string, readonly LakeRow[]>;

export const loadedKey = ({ tenant, user }: Pick<Log, 'tenant' | 'user'>): string =>
  `${tenant}#${user}`;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const openTables = async (): Promise<Lake> => {
  const lake = await openLake({ database: NAMES.database });
  for (const [name, { columns }] of Object.entries(LAKE_TABLES)) {
    const list = Object.entries(columns).map(([each, type]) => `"${each}" ${duckTypeOf(type)}`);
    await lake.runDuck(`CREATE TABLE ${name} (${list.join(', ')})`);
  }
  await lake.runDuck('CREATE TABLE enriched_lines (line VARCHAR, dt VARCHAR, hr VARCHAR)');
  return lake;
};

const insert = async (lake: Lake, lines: readonly LandedLine[]): Promise<void> => {
  for (let from = 0; from < lines.length; from += LINES_PER_INSERT) {
    const rows = lines
      .slice(from, from + LINES_PER_INSERT)
      .map(({ text, dt, hr }) => `(${literal(text)}, ${literal(dt)}, ${literal(hr)})`);
    await lake.runDuck(`INSERT INTO enriched_lines VALUES ${rows.join(', ')}`);
  }
};

const daysOf = (first: number, last: number): readonly string[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => toUtcDate(first + place));

interface UnloadedTile {
  readonly version: string;
  readonly event_day: string;
  readonly part: string;
  readonly amount: number | null;
  readonly instant: number | null;
  readonly tie: string | null;
  readonly text: string | null;
  readonly score: number | null;
}

const unloaded = async (lake: Lake, text: string): Promise<Loaded> => {
  const statement = readStatement(text);
  if (statement.kind !== 'unload') throw new Error('the tags are unloaded');
  const query = lake.toDuck(statement.query);
  const found = await lake.runDuck(`SELECT CAST(to_json(u) AS VARCHAR) FROM (${query}) AS u`);
  return new Map(
    found.getRowsJS().map(([line]) => {
      const { tenant, profile_key: user, tiles } = JSON.parse(String(line));
      const rows = ((tiles ?? []) as readonly UnloadedTile[]).map(({ event_day, ...tile }) => ({
        ...tile,
        eventDay: event_day,
      }));
      return [loadedKey({ tenant, user }), rows] as const;
    }),
  );
};

export interface Nights {
  readonly logs: readonly Log[];
  readonly tags: readonly LakeTag[];
  /** Day numbers, of each night. */
  readonly cuts: readonly number[];
}

/** What is loaded after both nights: what the second did not touch is the first's. */
export const runNights = async ({ logs, tags, cuts }: Nights): Promise<Loaded> => {
  const lake = await openTables();
  const versions = tags.map(({ version }) => version);
  const textOf = (request: StatementRequest): string =>
    statementText(request, NAMES, { lake: tags });
  const loaded: Loaded = new Map();
  const landed = logs.flatMap(({ lines }) => lines.flatMap((line) => line.landed));
  try {
    for (const [place, today] of NIGHTS.entries()) {
      await insert(
        lake,
        landed.filter(({ night }) => night === place),
      );
      const cut = cuts[place] ?? today;
      const before = place === 0 ? undefined : cuts[place - 1];
      const first = before === undefined ? FIRST_DAY : before - LATE_DAYS;
      const firstTotal = before === undefined ? FIRST_DAY : before - UNTOTALLED_DAYS + 1;
      for (const day of daysOf(first, today)) await lake.run(textOf({ kind: 'curate', day }));
      for (const day of daysOf(first, today))
        await lake.run(textOf({ kind: 'userDay', day, versions }));
      for (const day of daysOf(firstTotal, cut - UNTOTALLED_DAYS))
        await lake.run(textOf({ kind: 'userTotal', day, versions }));
      const run = {
        ...{ runId: `run-${place}`, attempt: 1, versions, allUsers: before === undefined },
        ...{ cut: toUtcDate(cut), today: toUtcDate(today) },
        watermark: before === undefined ? null : toUtcDate(before),
      };
      const night = await unloaded(lake, textOf({ kind: 'tags', run }));
      for (const [user, rows] of night) loaded.set(user, rows);
    }
    return loaded;
  } finally {
    lake.close();
  }
};
