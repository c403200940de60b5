/** Executions on disk, one file each, so that a restart can answer for what ran before it. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile, writeJsonFile } from '../json-file.ts';
import { type Execution, isSettled } from './execution.ts';

/** Athena keeps 45 days; a laptop so many. */
const EXECUTIONS_MAX = 2_000;

export class ExecutionStore {
  private readonly folder: string;
  private readonly now: () => number;
  private loaded: Map<string, Execution> | undefined;

  constructor(folder: string, now: () => number) {
    this.folder = folder;
    this.now = now;
  }

  /** Read at the first question, not at the start of the local cloud. */
  private get all(): Map<string, Execution> {
    this.loaded ??= this.load();
    return this.loaded;
  }

  private load(): Map<string, Execution> {
    mkdirSync(this.folder, { recursive: true });
    const found = readdirSync(this.folder)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => readJsonFile<Execution>(join(this.folder, name)) ?? [])
      .sort((a, b) => a.submittedAtMs - b.submittedAtMs);
    const all = new Map<string, Execution>();
    for (const execution of found) {
      const ended = isSettled(execution) ? execution : this.cutOff(execution);
      all.set(ended.id, ended);
    }
    return all;
  }

  /** The process that ran it is gone, and with it what it had not committed. */
  private cutOff(execution: Execution): Execution {
    const ended: Execution = {
      ...execution,
      state: 'FAILED',
      wasCutOff: true,
      reason: 'GENERIC_INTERNAL_ERROR: the local cloud stopped while the query ran',
      completedAtMs: this.now(),
    };
    writeJsonFile(this.path(execution.id), ended);
    return ended;
  }

  private path(id: string): string {
    return join(this.folder, `${id}.json`);
  }

  get(id: string): Execution | undefined {
    return this.all.get(id);
  }

  byToken(token: string): Execution | undefined {
    return [...this.all.values()].find((execution) => execution.token === token);
  }

  list(workGroup: string): readonly Execution[] {
    return [...this.all.values()]
      .filter((execution) => execution.workGroup === workGroup)
      .reverse();
  }

  put(execution: Execution): Execution {
    const { all } = this;
    writeJsonFile(this.path(execution.id), execution);
    all.set(execution.id, execution);
    for (const [id, oldest] of all) {
      if (all.size <= EXECUTIONS_MAX || !isSettled(oldest)) break;
      all.delete(id);
      rmSync(this.path(id), { force: true });
    }
    return execution;
  }
}
