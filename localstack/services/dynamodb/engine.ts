/** The database: store, commits, settings and sweeps, behind which the API's operations stand. */
import { mkdirSync } from 'node:fs';
import { type Commits, createCommits } from './commits.ts';
import {
  createStore,
  type DynaliteOperation,
  type Item,
  type LevelOperation,
  type Store,
  type Table,
} from './dynalite.ts';
import { type ItemChange, ItemWrites } from './item-writes.ts';
import { SHARD_DEFAULTS, type ShardOptions } from './shards.ts';
import { Settings } from './table-settings.ts';
import { EXPIRIES_PER_SWEEP_MAX, expiredKeys, expiryOf, expiryOperations } from './time-to-live.ts';

export interface Clock {
  readonly now: () => number;
}

export interface EngineOptions {
  /** A folder that is the database's alone; nothing for a store in memory. */
  readonly path?: string;
  readonly clock: Clock;
  readonly region: string;
  readonly accountId: string;
  readonly shards?: Partial<ShardOptions>;
  /** How long after its time an item is removed; AWS says "within a few days". */
  readonly expiryLagMs?: number;
  /**
   * The seam for fault doors: true refuses one read or write of one item as if its partition were
   * out of capacity. Batches leave it unprocessed.
   */
  readonly throttled?: (access: { readonly operation: string; readonly table: string }) => boolean;
}

const EXPIRY_LAG_DEFAULT_MS = 3_600_000;

export class Engine {
  readonly options: EngineOptions;
  readonly store: Store;
  readonly commits: Commits;
  readonly settings: Settings;
  readonly items: ItemWrites;

  private constructor(options: EngineOptions, store: Store) {
    this.options = options;
    this.store = store;
    this.settings = new Settings({
      db: store.db,
      region: options.region,
      shards: { ...SHARD_DEFAULTS, ...options.shards },
      now: options.clock.now,
    });
    this.commits = createCommits(store.db, () => this.settings.committed());
    this.items = new ItemWrites({
      store,
      commits: this.commits,
      follow: (change) => this.follow(change),
    });
  }

  static async open(options: EngineOptions): Promise<Engine> {
    if (options.path !== undefined) mkdirSync(options.path, { recursive: true });
    const store = createStore(options);
    await store.db.open();
    const engine = new Engine(options, store);
    await engine.finishTables();
    await engine.settings.load();
    return engine;
  }

  /** A kill may have left a table on its way; the way is finished here. */
  private async finishTables(): Promise<void> {
    const rows = await this.store.db.iterator({ gt: 'table~', lt: 'table~~' }).all();
    for (const [key, value] of rows) {
      const table = value as Table;
      if (table.TableStatus === 'DELETING') await this.commits.commit(() => [{ type: 'del', key }]);
      if (table.TableStatus === 'CREATING' || table.TableStatus === 'UPDATING') {
        const active = { ...table, TableStatus: 'ACTIVE' };
        await this.commits.commit(() => [{ type: 'put', key, value: active }]);
      }
    }
  }

  now(): number {
    return this.options.clock.now();
  }

  private follow(change: ItemChange): readonly LevelOperation[] {
    const { table, itemKey } = change;
    const attribute = this.settings.of(table.TableName).timeToLiveAttribute;
    const expiry =
      attribute === undefined
        ? []
        : expiryOperations({ ...change, table: table.TableName, attribute });
    return [...expiry, ...(this.settings.streamOf(table.TableName)?.stage(change, itemKey) ?? [])];
  }

  perform(operation: DynaliteOperation, input: object): Promise<object> {
    return this.items.perform(operation, input);
  }

  /** Removes what has been expired for long enough. Says how many. */
  async sweep(): Promise<number> {
    const lagMs = this.options.expiryLagMs ?? EXPIRY_LAG_DEFAULT_MS;
    const beforeSeconds = Math.floor((this.now() - lagMs) / 1000);
    let removed = 0;
    for (const name of await this.tableNames()) {
      const attribute = this.settings.of(name).timeToLiveAttribute;
      if (attribute === undefined) continue;
      for (const keys of await expiredKeys(this.store.db, name, beforeSeconds)) {
        if (await this.expire(name, attribute, keys, beforeSeconds)) removed += 1;
      }
    }
    return removed;
  }

  /** The condition is the item's own time: it may have been given another since the row was read. */
  private async expire(
    table: string,
    attribute: string,
    keys: Item,
    beforeSeconds: number,
  ): Promise<boolean> {
    const input = {
      TableName: table,
      Key: keys,
      ConditionExpression: '#expiry < :before',
      ExpressionAttributeNames: { '#expiry': attribute },
      ExpressionAttributeValues: { ':before': { N: String(beforeSeconds) } },
    };
    try {
      await this.items.perform('DeleteItem', input, true);
      return true;
    } catch (fault) {
      if (fault instanceof Error && 'statusCode' in fault) return false;
      throw fault;
    }
  }

  /** Stream rows past their day, shards that roll with time, items past their expiry. */
  async upkeep(): Promise<void> {
    for (const [, stream] of this.settings.allStreams()) {
      for (let more = true; more; ) {
        const upkeep = await stream.upkeep();
        await this.commits.commit(upkeep.stage);
        more = upkeep.more;
      }
    }
    while ((await this.sweep()) >= EXPIRIES_PER_SWEEP_MAX);
  }

  async tableNames(): Promise<readonly string[]> {
    const keys = await this.store.db.keys({ gt: 'table~', lt: 'table~~' }).all();
    return keys.map((key) => key.slice('table~'.length));
  }

  /** Expiry rows for what a table held before it had the attribute. */
  async indexExpiry(name: string, attribute: string): Promise<void> {
    const table = await this.items.table(name);
    const prefix = `item-${name}~`;
    let after = prefix;
    for (;;) {
      const page = { gt: after, lt: `${prefix}~`, limit: EXPIRIES_PER_SWEEP_MAX };
      const rows = await this.store.db.iterator(page).all();
      const last = rows.at(-1);
      if (last === undefined) return;
      after = last[0];
      await this.commits.commit(() =>
        rows.flatMap(([key, value]) => {
          const next = value as Item;
          if (expiryOf(next, attribute) === undefined) return [];
          const keys = Object.fromEntries(
            table.KeySchema.map(({ AttributeName: part }) => [part, next[part] ?? {}]),
          );
          const itemKey = key.slice(prefix.length);
          return [...expiryOperations({ table: name, itemKey, attribute, keys, next })];
        }),
      );
    }
  }

  async close(): Promise<void> {
    await this.commits.idle();
    await this.store.db.close();
  }
}
