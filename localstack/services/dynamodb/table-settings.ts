/** What a table has that dynalite does not know: expiry, protection, backups, its stream. */
import type { Level, LevelOperation, Table } from './dynalite.ts';
import { openShards, type ShardOptions, type StreamState } from './shards.ts';
import type { StreamViewType } from './stream-record.ts';
import { stateKey, TableStream, type TableStreamContext } from './table-stream.ts';

export interface TableSettings {
  readonly timeToLiveAttribute?: string;
  readonly deletionProtection: boolean;
  /** Since when the table could be restored to a point in time; absent = not at all. */
  readonly restorableSinceMs?: number;
  readonly restorableDays?: number;
}

export const SETTINGS_DEFAULT: TableSettings = { deletionProtection: false };

const settingsKey = (table: string): string => `settings~${table}`;

export interface SettingsOptions {
  readonly db: Level;
  readonly region: string;
  readonly shards: ShardOptions;
  readonly now: () => number;
}

const newStreamState = (
  table: Table,
  viewType: StreamViewType,
  { shards, now }: SettingsOptions,
): StreamState => {
  const label = new Date(now()).toISOString().replace('Z', '');
  const state: StreamState = {
    arn: `${table.TableArn}/stream/${label}`,
    label,
    viewType,
    createdAtMs: now(),
    enabled: true,
    lastSequence: (shards.firstSequenceNumber - 1n).toString(),
    shards: [],
  };
  openShards(state, shards, now());
  return state;
};

/** All tables' settings and streams in memory, as they are on disk. */
export class Settings {
  private readonly options: SettingsOptions;
  private readonly settings = new Map<string, TableSettings>();
  private readonly streams = new Map<string, TableStream>();

  constructor(options: SettingsOptions) {
    this.options = options;
  }

  private context(table: string): TableStreamContext {
    const { db, region, shards, now } = this.options;
    return { table, db, region, options: shards, now };
  }

  async load(): Promise<void> {
    const { db } = this.options;
    for (const [key, value] of await db.iterator({ gt: 'settings~', lt: 'settings~~' }).all()) {
      this.settings.set(key.slice('settings~'.length), value as TableSettings);
    }
    for (const [key, value] of await db.iterator({ gt: 'shards~', lt: 'shards~~' }).all()) {
      const table = key.slice('shards~'.length);
      const stream = new TableStream(this.context(table), value as StreamState);
      await stream.recover();
      stream.committed();
      this.streams.set(table, stream);
    }
  }

  of(table: string): TableSettings {
    return this.settings.get(table) ?? SETTINGS_DEFAULT;
  }

  streamOf(table: string): TableStream | undefined {
    return this.streams.get(table);
  }

  allStreams(): readonly (readonly [string, TableStream])[] {
    return [...this.streams];
  }

  stageSettings(table: string, settings: TableSettings): readonly LevelOperation[] {
    this.settings.set(table, settings);
    return [{ type: 'put', key: settingsKey(table), value: settings }];
  }

  stageNewStream(table: Table, viewType: StreamViewType): readonly LevelOperation[] {
    const state = newStreamState(table, viewType, this.options);
    const stream = new TableStream(this.context(table.TableName), state);
    this.streams.set(table.TableName, stream);
    return stream.stageState();
  }

  stageForget(table: string): readonly LevelOperation[] {
    this.settings.delete(table);
    this.streams.delete(table);
    return [
      { type: 'del', key: settingsKey(table) },
      { type: 'del', key: stateKey(table) },
    ];
  }

  committed(): void {
    for (const stream of this.streams.values()) stream.committed();
  }
}
