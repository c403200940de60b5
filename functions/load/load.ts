/** Writes what a run has unloaded into the users' items: paced, and as far as its time goes. */
import type { Origin } from '../core/event/event.ts';
import { InvariantViolation, invariant } from '../core/invariant.ts';
import type { UserRows } from '../core/lake/rows.ts';
import { dayNumber } from '../core/nightly/plan-night.ts';
import type { LoadCursor, LoadProgress, LoadTask } from '../core/nightly/tasks.ts';
import { readUserLine } from '../core/nightly/user-line.ts';
import type { OffStore } from '../ports/off-store.ts';
import type { RunObjects } from '../ports/run-objects.ts';
import type { RunStore } from '../ports/run-store.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import type { Count } from '../runtime/metrics.ts';

export interface LoadPorts {
  readonly runs: RunStore;
  readonly objects: RunObjects;
  readonly off: OffStore;
  /** The tags of a user as the item `off` holds them; a version that was filled is named always. */
  readonly encode: (rows: UserRows['rows'], versions: readonly string[]) => string;
  readonly writesPerSecond: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly count: Count;
}

/** Lines that could not be read: all others of the item are loaded, and the run fails. */
export class LinesUnread extends Error {
  override readonly name = 'LinesUnread';
}

const LINES_AT_ONCE = 50;
const WRITES_AT_ONCE = 8;
/** As long as a known user's profile: who says nothing for so long is forgotten. */
const OFF_DAYS_KEPT = 400;
const DAY_SECONDS = 86_400;

interface Line {
  readonly origin: Origin;
  readonly tags: string;
}

/** So far; it is the answer once the time is over, or nothing is left. */
type Progress = Omit<LoadProgress, 'cursor' | 'done'> & { readonly cursor: LoadCursor };

/** A text says why it cannot be loaded. */
const readLine = ({ encode }: LoadPorts, { versions }: LoadTask, line: string): Line | string => {
  const read = readUserLine(line);
  if (typeof read === 'string') return read;
  const { tenant, user, rows } = read;
  try {
    return { origin: { tenant, user }, tags: encode(rows, versions) };
  } catch (bug) {
    if (bug instanceof InvariantViolation) return `a promise is broken: ${bug.message}`;
    throw bug;
  }
};

const readLines = (ports: LoadPorts, task: LoadTask, lines: readonly string[]) => {
  const read = lines.map((line) => readLine(ports, task, line));
  return {
    users: read.filter((one) => typeof one !== 'string'),
    faults: read.flatMap((one, place) => (typeof one === 'string' ? { place, one } : [])),
  };
};

/** How many a newer run, or this one before, had written. */
const write = async (
  { off }: LoadPorts,
  { runId, cut }: LoadTask,
  users: readonly Line[],
): Promise<number> => {
  const day = dayNumber(cut);
  const ttl = (day + OFF_DAYS_KEPT) * DAY_SECONDS;
  let newer = 0;
  await eachBounded(users, WRITES_AT_ONCE, async ({ origin, tags }) => {
    if ((await off.save(origin, { runId, cut: day, ttl, tags })) === 'newer') newer += 1;
  });
  return newer;
};

const loadSome = async (
  ports: LoadPorts,
  task: LoadTask,
  before: Progress,
  lines: readonly string[],
): Promise<Progress> => {
  const { now, sleep, writesPerSecond } = ports;
  const begun = now();
  const { users, faults } = readLines(ports, task, lines);
  const newer = await write(ports, task, users);
  const { cursor } = before;
  const [first] = faults;
  const because =
    cursor.because === '' && first !== undefined
      ? `object ${cursor.object}, line ${cursor.line + first.place + 1}: ${first.one}`
      : cursor.because;
  const early = begun + (users.length * 1_000) / writesPerSecond - now();
  if (early > 0) await sleep(early);
  return {
    rows: before.rows + users.length,
    newer: before.newer + newer,
    cursor: {
      object: cursor.object,
      line: cursor.line + lines.length,
      bad: cursor.bad + faults.length,
      because,
    },
  };
};

/** Lines from `skipped` on, so many at once. */
async function* chunksOf(lines: AsyncIterable<string>, skipped: number) {
  let chunk: string[] = [];
  let place = 0;
  for await (const line of lines) {
    place += 1;
    if (place <= skipped) continue;
    chunk.push(line);
    if (chunk.length < LINES_AT_ONCE) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** One object; `done` says that nothing of it is left. */
const loadObject = async (
  ports: LoadPorts,
  task: LoadTask,
  before: Progress,
  { key, stopAtMs }: { readonly key: string; readonly stopAtMs: number },
): Promise<Progress & { readonly done: boolean }> => {
  let progress = before;
  for await (const lines of chunksOf(ports.objects.lines(key), before.cursor.line)) {
    progress = await loadSome(ports, task, progress, lines);
    // After a chunk, so that every call comes further.
    if (ports.now() >= stopAtMs) return { ...progress, done: false };
  }
  return { ...progress, done: true };
};

const atStart = ({ keys, progress }: LoadTask): Progress => ({
  rows: progress.rows,
  newer: progress.newer,
  cursor: progress.cursor ?? { object: keys.from, line: 0, bad: 0, because: '' },
});

const answered = (ports: LoadPorts, { rows, newer, cursor }: Progress): LoadProgress => {
  ports.count('OffLoaded', rows);
  ports.count('OffNewer', newer);
  if (cursor.bad === 0) return { done: true, cursor: null, rows, newer };
  throw new LinesUnread(
    `${cursor.bad} of ${rows + cursor.bad} lines could not be read; the first: ${cursor.because}`,
  );
};

/** `stopAtMs`: no further chunk begins after it, and the answer says where the next call goes on. */
export const load =
  (ports: LoadPorts) =>
  async (task: LoadTask, stopAtMs: number): Promise<LoadProgress> => {
    const { runId, keys: item, step = 'load' } = task;
    await ports.runs.change({ runId, attempt: item.attempt }, { step });
    const keys = await ports.objects.list({ runId, attempt: item.attempt });
    invariant(keys.length >= item.to, 'what was unloaded is still there');
    let progress = atStart(task);
    for (let { object } = progress.cursor; object < item.to; object += 1) {
      const key = keys[object] ?? '';
      const { done, ...some } = await loadObject(ports, task, progress, { key, stopAtMs });
      progress = some;
      if (!done) return { done: false, ...progress };
      progress = { ...progress, cursor: { ...progress.cursor, object: object + 1, line: 0 } };
    }
    return answered(ports, progress);
  };
