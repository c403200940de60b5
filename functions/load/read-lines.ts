/** A line of what was unloaded, as the write that it asks for. */
import { InvariantViolation } from '../core/invariant.ts';
import type { UserRows } from '../core/lake/rows.ts';
import { readListsLine } from '../core/nightly/lists-line.ts';
import { dayNumber } from '../core/nightly/plan-night.ts';
import { startedAt } from '../core/nightly/run.ts';
import type { LoadTask } from '../core/nightly/tasks.ts';
import { readUserLine } from '../core/nightly/user-line.ts';
import type { ItemListsWriter } from '../ports/item-lists.ts';
import type { OffStore } from '../ports/off-store.ts';

export interface LinePorts {
  readonly off: OffStore;
  readonly lists: Pick<ItemListsWriter, 'put'>;
  /** The tags of a user as the item `off` holds them; a version that was filled is named always. */
  readonly encode: (rows: UserRows['rows'], versions: readonly string[]) => string;
}

export type Save = () => Promise<'saved' | 'newer'>;

/** As long as a known user's profile: who says nothing for so long is forgotten. */
const OFF_DAYS_KEPT = 400;
/** Readers that hold an old pointer have seconds; three nights may fail. */
const LISTS_DAYS_KEPT = 3;
const DAY_SECONDS = 86_400;

const tagsOf = ({ off, encode }: LinePorts, { runId, cut, versions }: LoadTask, line: string) => {
  const read = readUserLine(line);
  if (typeof read === 'string') return read;
  const { tenant, user, rows } = read;
  const day = dayNumber(cut);
  const tags = encode(rows, versions);
  const ttl = (day + OFF_DAYS_KEPT) * DAY_SECONDS;
  return (): ReturnType<Save> => off.save({ tenant, user }, { runId, cut: day, ttl, tags });
};

const listsOf = ({ lists }: LinePorts, { runId }: LoadTask, line: string) => {
  const read = readListsLine(line);
  if (typeof read === 'string') return read;
  const ttl = Math.floor(startedAt(runId) / 1_000) + LISTS_DAYS_KEPT * DAY_SECONDS;
  return async (): ReturnType<Save> => {
    await lists.put({ ...read, version: runId, ttl });
    return 'saved';
  };
};

/** A text says why it cannot be loaded. */
export const readLine = (ports: LinePorts, task: LoadTask, line: string): Save | string => {
  try {
    return task.what === 'lists' ? listsOf(ports, task, line) : tagsOf(ports, task, line);
  } catch (bug) {
    if (bug instanceof InvariantViolation) return `a promise is broken: ${bug.message}`;
    throw bug;
  }
};
