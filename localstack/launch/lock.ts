/**
 * One platform per data folder. A running owner is left alone; what a killed one left behind is
 * ended by its recorded process id, after a look at whether that process is still ours.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const LOCK = 'owner.pid';
const CHILDREN = 'children';
/** How long an orphan may take to end; it needs no more than a second by itself. */
const END_MAX_MS = 5_000;
const LOOK_EVERY_MS = 50;

/** The command line of a process, or undefined where there is none: ids are used again. */
const commandOf = (pid: number): string | undefined => {
  try {
    if (process.platform === 'linux') {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return command === '' ? undefined : command;
    }
    return execFileSync('ps', ['-p', String(pid), '-o', 'args='], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
};

const lives = (pid: number, mark: string): boolean => commandOf(pid)?.includes(mark) ?? false;

const pause = (forMs: number): Promise<void> => new Promise((done) => setTimeout(done, forMs));

const endOrphan = async (pid: number): Promise<void> => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    return;
  }
  const until = performance.now() + END_MAX_MS;
  while (lives(pid, 'bootstrap.ts')) {
    if (performance.now() > until) throw new Error(`process ${pid} of the last run does not end`);
    await pause(LOOK_EVERY_MS);
  }
};

const recordedChildren = (folder: string): readonly number[] => {
  const children = join(folder, CHILDREN);
  return existsSync(children) ? readdirSync(children).map(Number).filter(Number.isInteger) : [];
};

/** Gives back what releases the folder. */
export const takeLock = async (dataDir: string): Promise<() => void> => {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, LOCK);
  const owner = existsSync(path) ? Number(readFileSync(path, 'utf8')) : Number.NaN;
  if (Number.isInteger(owner) && owner !== process.pid && lives(owner, 'node')) {
    throw new Error(
      `${dataDir} is in use by process ${owner}: end it with Ctrl-C there (or: kill ${owner}), or choose another folder with --data <folder>`,
    );
  }
  for (const pid of recordedChildren(dataDir)) {
    if (lives(pid, 'bootstrap.ts')) await endOrphan(pid);
    rmSync(join(dataDir, CHILDREN, String(pid)), { force: true });
  }
  writeFileSync(path, String(process.pid));
  return () => rmSync(path, { force: true });
};
