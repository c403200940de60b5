/** Writes what a run has unloaded into the items of users, or the lists of items: paced, and as far as its time goes. */
import { invariant } from '../core/invariant.ts';
import type { LoadCursor, LoadProgress, LoadTask } from '../core/nightly/tasks.ts';
import type { RunObjects } from '../ports/run-objects.ts';
import type { RunStore } from '../ports/run-store.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import type { Count } from '../runtime/metrics.ts';
import { type LinePorts, readLine, type Save } from './read-lines.ts';

export interface LoadPorts extends LinePorts {
  readonly runs: RunStore;
  readonly objects: RunObjects;
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
/** So far; it is the answer once the time is over, or nothing is left. */
type Progress = Omit<LoadProgress, 'cursor' | 'done'> & { readonly cursor: LoadCursor };

const readLines = (ports: LoadPorts, task: LoadTask, lines: readonly string[]) => {
  const read = lines.map((line) => readLine(ports, task, line));
  return {
    saves: read.filter((one) => typeof one !== 'string'),
    faults: read.flatMap((one, place) => (typeof one === 'string' ? { place, one } : [])),
  };
};

/** How many a newer run, or this one before, had written. */
const write = async (saves: readonly Save[]): Promise<number> => {
  let newer = 0;
  await eachBounded(saves, WRITES_AT_ONCE, async (save) => {
    if ((await save()) === 'newer') newer += 1;
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
  const { saves, faults } = readLines(ports, task, lines);
  const newer = await write(saves);
  const { cursor } = before;
  const [first] = faults;
  const because =
    cursor.because === '' && first !== undefined
      ? `object ${cursor.object}, line ${cursor.line + first.place + 1}: ${first.one}`
      : cursor.because;
  const early = begun + (saves.length * 1_000) / writesPerSecond - now();
  if (early > 0) await sleep(early);
  return {
    rows: before.rows + saves.length,
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

const answered = (
  ports: LoadPorts,
  { what }: LoadTask,
  { rows, newer, cursor }: Progress,
): LoadProgress => {
  if (what === 'lists') ports.count('ListsLoaded', rows);
  else {
    ports.count('OffLoaded', rows);
    ports.count('OffNewer', newer);
  }
  if (cursor.bad === 0) return { done: true, cursor: null, rows, newer };
  throw new LinesUnread(
    `${cursor.bad} of ${rows + cursor.bad} lines could not be read; the first: ${cursor.because}`,
  );
};

/** `stopAtMs`: no further chunk begins after it, and the answer says where the next call goes on. */
export const load =
  (ports: LoadPorts) =>
  async (task: LoadTask, stopAtMs: number): Promise<LoadProgress> => {
    const { what, runId, keys: item, step = 'load' } = task;
    await ports.runs.change({ runId, attempt: item.attempt }, { step });
    const keys = await ports.objects.list({ runId, attempt: item.attempt }, what);
    invariant(keys.length >= item.to, 'what was unloaded is still there');
    let progress = atStart(task);
    for (let { object } = progress.cursor; object < item.to; object += 1) {
      const key = keys[object] ?? '';
      const { done, ...some } = await loadObject(ports, task, progress, { key, stopAtMs });
      progress = some;
      if (!done) return { done: false, ...progress };
      progress = { ...progress, cursor: { ...progress.cursor, object: object + 1, line: 0 } };
    }
    return answered(ports, task, progress);
  };
