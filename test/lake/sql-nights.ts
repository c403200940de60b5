/** Nights in SQL: the shipped statements on DuckDB, over the lines of many users. */
import type { LakeTag } from '../../functions/core/tags/compile.ts';
import type { LakeRow } from '../../functions/core/tags/lake-row.ts';
import { toUtcDate } from '../../functions/core/time.ts';
import { type LakeInMemory, lakeInMemory, type Row } from '../support/lake-tables.ts';
import { FIRST_DAY, type Log, NIGHTS } from './random-log.ts';

const UNTOTALLED_DAYS = 3;
const LATE_DAYS = 2;

/** By tenant and user. */
export type Loaded = Map<string, readonly LakeRow[]>;

export const loadedKey = ({ tenant, user }: Pick<Log, 'tenant' | 'user'>): string =>
  `${tenant}#${user}`;

const daysOf = (first: number, last: number): readonly string[] =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, place) => toUtcDate(first + place));

type Tile = Omit<LakeRow, 'eventDay'> & { readonly event_day: string };

const rowsOf = ({ tiles }: Row): readonly LakeRow[] =>
  ((tiles ?? []) as readonly Tile[]).map(({ event_day, ...tile }) => ({
    ...tile,
    eventDay: event_day,
  }));

export interface Nights {
  readonly logs: readonly Log[];
  readonly tags: readonly LakeTag[];
  /** Day numbers, of each night. */
  readonly cuts: readonly number[];
}

interface Asked {
  readonly place: number;
  readonly today: number;
  readonly cut: number;
  /** The cut of the night before. */
  readonly before: number | undefined;
  readonly versions: readonly string[];
}

const runNight = async (lake: LakeInMemory, asked: Asked): Promise<readonly Row[]> => {
  const { place, today, cut, before, versions } = asked;
  const first = before === undefined ? FIRST_DAY : before - LATE_DAYS;
  const firstTotal = before === undefined ? FIRST_DAY : before - UNTOTALLED_DAYS + 1;
  for (const day of daysOf(first, today)) await lake.run({ kind: 'curate', day });
  for (const day of daysOf(first, today)) await lake.run({ kind: 'userDay', day, versions });
  for (const day of daysOf(firstTotal, cut - UNTOTALLED_DAYS))
    await lake.run({ kind: 'userTotal', day, versions });
  return lake.unload({
    ...{ runId: `run-${place}`, attempt: 1, versions, allUsers: before === undefined },
    ...{ cut: toUtcDate(cut), today: toUtcDate(today) },
    watermark: before === undefined ? null : toUtcDate(before),
  });
};

/** What is loaded after both nights: what the second did not touch is the first's. */
export const runNights = async ({ logs, tags, cuts }: Nights): Promise<Loaded> => {
  const lake = await lakeInMemory({ lake: tags });
  const loaded: Loaded = new Map();
  const landed = logs.flatMap(({ lines }) => lines.flatMap((line) => line.landed));
  const versions = tags.map(({ version }) => version);
  try {
    for (const [place, today] of NIGHTS.entries()) {
      const some = landed.filter(({ night }) => night === place);
      await lake.land(some.map(({ text, dt }) => ({ line: text, dt })));
      const before = place === 0 ? undefined : cuts[place - 1];
      const night = { place, today, cut: cuts[place] ?? today, before, versions };
      for (const row of await runNight(lake, night)) {
        const { tenant, profile_key: user } = row as { tenant: string; profile_key: string };
        loaded.set(loadedKey({ tenant, user }), rowsOf(row));
      }
    }
    return loaded;
  } finally {
    lake.close();
  }
};
