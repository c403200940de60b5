import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { apply } from '../../engines/kinesis/apply.ts';
import type { KinesisSettings } from '../../engines/kinesis/context.ts';
import {
  type KinesisEngine,
  type KinesisInput,
  type KinesisOutput,
  kinesisEngine,
} from '../../engines/kinesis/kinesis.ts';
import type { Entry, KinesisState, RecordEntry, StreamEntry } from '../../engines/kinesis/state.ts';
import { type ControlLog, openControlLog } from '../control-log.ts';
import { openShardLog, type ShardLog } from './shard-log.ts';

/** The engine with its disk: what `call` answers is written before it is answered. */
export interface KinesisStore {
  readonly state: KinesisState;
  readonly call: (operation: string, parameters: Fields) => Fields;
  /** Lets go of what retention has passed, in memory and on disk. */
  readonly trim: () => void;
  readonly onChange: (stream: string, listener: () => void) => () => void;
  readonly close: () => void;
}

type Fields = Readonly<Record<string, unknown>>;

const HOUR_MS = 60 * 60 * 1000;

export interface StoreOptions {
  readonly folder: string;
  readonly settings: KinesisSettings;
  readonly clock: () => number;
  readonly random: () => number;
}

export const openStore = (options: StoreOptions): KinesisStore => new DurableStore(options);

class DurableStore implements KinesisStore {
  readonly #options: StoreOptions;
  readonly #engine: KinesisEngine;
  readonly #control: ControlLog<StreamEntry>;
  readonly #files: Files;
  readonly #listeners = new Map<string, Set<() => void>>();

  constructor(options: StoreOptions) {
    this.#options = options;
    const { folder, settings } = options;
    this.#engine = kinesisEngine(settings);
    this.#control = openControlLog(join(folder, 'control.log'), this.#engine.apply);
    this.#control.rewrite(snapshot(this.state));
    this.#files = openFiles(folder, this.#engine);
  }

  get state(): KinesisState {
    return this.#engine.state;
  }

  call(operation: string, parameters: Fields): Fields {
    const { body, entries } = this.#step({ kind: 'call', operation, parameters });
    this.#commit(entries);
    return body;
  }

  trim(): void {
    this.#commit(this.#step({ kind: 'trim' }).entries);
    for (const stream of this.state.streams.values()) {
      const oldestMs = this.#options.clock() - stream.retentionHours * HOUR_MS;
      for (const shardId of stream.shards.keys())
        this.#files.log(stream.name, shardId).deleteBefore(oldestMs);
    }
  }

  onChange(stream: string, listener: () => void): () => void {
    const mine = this.#listeners.get(stream) ?? new Set();
    this.#listeners.set(stream, mine.add(listener));
    return () => mine.delete(listener);
  }

  close(): void {
    this.#files.close();
    this.#control.close();
  }

  #step(input: KinesisInput): KinesisOutput {
    const { clock, random } = this.#options;
    return this.#engine.step(clock(), random, input);
  }

  #commit(entries: readonly Entry[]): void {
    for (const group of groups(entries)) {
      write(this.#control, this.#files, group);
      for (const entry of group) apply(this.state, entry);
      afterwards(this.#files, group);
    }
    for (const stream of new Set(entries.map((entry) => entry.stream)))
      for (const listener of this.#listeners.get(stream) ?? []) listener();
  }
}

/** What the control log says, without what has passed. */
const snapshot = (state: KinesisState): readonly StreamEntry[] =>
  [...state.streams.values()].flatMap((stream) => [
    {
      kind: 'stream' as const,
      stream: stream.name,
      createdAtMs: stream.createdAtMs,
      retentionHours: stream.retentionHours,
    },
    ...[...stream.shards.values()].map((shard) => ({
      kind: 'shard' as const,
      stream: stream.name,
      shardId: shard.shardId,
      parents: shard.parents,
      start: `${shard.start}`,
      end: `${shard.end}`,
      createdS: shard.createdS,
    })),
    ...[...stream.shards.values()].flatMap(({ shardId, closed }) =>
      closed === null ? [] : [{ kind: 'closed' as const, stream: stream.name, shardId, ...closed }],
    ),
  ]);

interface Files {
  readonly log: (stream: string, shardId: string) => ShardLog;
  readonly drop: (stream: string, shardId?: string) => void;
  readonly close: () => void;
}

const openFiles = (folder: string, engine: KinesisEngine): Files => {
  const logs = new Map<string, ShardLog>();
  const pathOf = (stream: string, shardId?: string): string =>
    join(folder, 'streams', stream, shardId ?? '');
  const log = (stream: string, shardId: string): ShardLog => {
    const path = pathOf(stream, shardId);
    const open = logs.get(path);
    if (open !== undefined) return open;
    const opened = openShardLog(path, (record) =>
      engine.apply({ kind: 'record', stream, shardId, record }),
    );
    logs.set(path, opened);
    return opened;
  };
  dropForgotten(join(folder, 'streams'), engine.state);
  for (const stream of engine.state.streams.values())
    for (const shardId of stream.shards.keys()) log(stream.name, shardId);
  return {
    log,
    drop: (stream, shardId) => {
      const path = pathOf(stream, shardId);
      for (const [key, open] of logs) {
        if (key !== path && !key.startsWith(`${path}${sep}`)) continue;
        open.close();
        logs.delete(key);
      }
      rmSync(path, { recursive: true, force: true });
    },
    close: () => {
      for (const open of logs.values()) open.close();
    },
  };
};

/** A process that was killed between a deletion's entry and its files has left files behind. */
const dropForgotten = (folder: string, state: KinesisState): void => {
  for (const stream of foldersIn(folder)) {
    const known = state.streams.get(stream)?.shards;
    for (const shardId of foldersIn(join(folder, stream)))
      if (known?.has(shardId) !== true)
        rmSync(join(folder, stream, shardId), { recursive: true, force: true });
  }
};

const foldersIn = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder) : [];

/** Runs of entries that one write takes: the records of one shard, or facts of streams. */
const groups = (entries: readonly Entry[]): readonly (readonly Entry[])[] => {
  const byFile = new Map<string, Entry[]>();
  for (const entry of entries) {
    const key = entry.kind === 'record' ? `${entry.stream}/${entry.shardId}` : '';
    const group = byFile.get(key);
    if (group === undefined) byFile.set(key, [entry]);
    else group.push(entry);
  }
  return [...byFile.values()];
};

const write = (control: ControlLog<StreamEntry>, files: Files, group: readonly Entry[]): void => {
  const records = group.filter((entry): entry is RecordEntry => entry.kind === 'record');
  const [first] = records;
  if (first !== undefined)
    files.log(first.stream, first.shardId).append(records.map(({ record }) => record));
  else control.append(group.filter((entry): entry is StreamEntry => entry.kind !== 'record'));
};

/** A closed shard takes no more writes; what expired or was deleted leaves the disk. */
const afterwards = (files: Files, group: readonly Entry[]): void => {
  for (const entry of group) {
    if (entry.kind === 'closed') files.log(entry.stream, entry.shardId).close();
    if (entry.kind === 'expired') files.drop(entry.stream, entry.shardId);
    if (entry.kind === 'deleted') files.drop(entry.stream);
  }
};
