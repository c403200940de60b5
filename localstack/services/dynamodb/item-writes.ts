/**
 * dynalite's actions on a store of ours: what they put and delete is gathered, and one batch takes
 * the item, its index rows, its stream record and its expiry row.
 */
import type { Commits } from './commits.ts';
import {
  type Done,
  type DynaliteOperation,
  type Item,
  type LevelOperation,
  perform,
  type Store,
  type SubStore,
  type Table,
} from './dynalite.ts';

export interface ItemChange {
  readonly table: Table;
  readonly itemKey: string;
  readonly keys: Item;
  readonly old?: Item;
  readonly next?: Item;
  readonly byTimeToLive?: boolean;
}

/** What else the batch of a changed item holds. Called when the batch is put together. */
export type Follow = (change: ItemChange) => readonly LevelOperation[];

export interface ItemWritesOptions {
  readonly store: Store;
  readonly commits: Commits;
  readonly follow: Follow;
}

export const keysOf = (item: Item, table: Table): Item =>
  Object.fromEntries(
    table.KeySchema.flatMap(({ AttributeName }) => {
      const value = item[AttributeName];
      return value === undefined ? [] : [[AttributeName, value]];
    }),
  );

const CONDITION_FAILED = /ConditionalCheckFailedException$/;

const failedCondition = (fault: unknown): { body: Record<string, unknown> } | undefined =>
  fault instanceof Error &&
  'body' in fault &&
  CONDITION_FAILED.test(String((fault.body as Record<string, unknown>).__type))
    ? (fault as unknown as { body: Record<string, unknown> })
    : undefined;

export class ItemWrites {
  private readonly options: ItemWritesOptions;
  /** Table definitions by name: every write needs one, and they hardly ever change. */
  private readonly tables = new Map<string, Table>();

  constructor(options: ItemWritesOptions) {
    this.options = options;
  }

  forgetTables(): void {
    this.tables.clear();
  }

  table(name: string): Promise<Table> {
    return new Promise((resolve, reject) => {
      this.readTable(name, [true], (fault, table) => {
        if (table === undefined) reject(fault ?? new Error(`no table ${name}`));
        else resolve(table as Table);
      });
    });
  }

  private readTable(name: string, options: readonly unknown[], done: Done<unknown>): void {
    const known = this.tables.get(name);
    if (known !== undefined) {
      done(null, known);
      return;
    }
    const remember: Done<unknown> = (fault, value) => {
      const table = value as Table | undefined;
      if (table?.TableStatus === 'ACTIVE') this.tables.set(name, table);
      done(fault, value);
    };
    this.options.store.getTable(name, ...options, remember);
  }

  /** Acts, and commits what the action wrote. */
  async perform(
    operation: DynaliteOperation,
    input: object,
    byTimeToLive = false,
  ): Promise<object> {
    const before = new Map<string, Item>();
    const store = this.storeFor(before, byTimeToLive);
    try {
      return await perform(store, operation, input);
    } catch (fault) {
      const failed = failedCondition(fault);
      const wanted = 'ReturnValuesOnConditionCheckFailure' in input;
      const [old] = before.values();
      if (failed !== undefined && wanted && old !== undefined) {
        if (input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD') failed.body.Item = old;
      }
      throw fault;
    }
  }

  private storeFor(before: Map<string, Item>, byTimeToLive: boolean): Store {
    const { store } = this.options;
    const indexRows: LevelOperation[] = [];
    return {
      ...store,
      getTable: (name, ...rest) =>
        this.readTable(name, rest.slice(0, -1), rest.at(-1) as Done<unknown>),
      getIndexDb: (kind, table, index) =>
        gathered(
          store.getIndexDb(kind, table, index),
          `index-${kind.toLowerCase()}~${table}~${index}~`,
          indexRows,
        ),
      getItemDb: (table) => this.itemDb(table, { before, indexRows, byTimeToLive }),
    };
  }

  private itemDb(
    table: string,
    context: {
      readonly before: Map<string, Item>;
      readonly indexRows: LevelOperation[];
      readonly byTimeToLive: boolean;
    },
  ): SubStore {
    const real = this.options.store.getItemDb(table);
    const commit = (itemKey: string, next: Item | undefined, done: Done<void>): void => {
      const old = context.before.get(itemKey);
      const rows = context.indexRows.splice(0);
      this.commitItem({ table, itemKey, old, next, rows, byTimeToLive: context.byTimeToLive }).then(
        () => done(null),
        done,
      );
    };
    return {
      ...real,
      get: (key, done) =>
        real.get(key, (fault, item) => {
          if (item !== undefined) context.before.set(key, item as Item);
          done(fault, item);
        }),
      put: (key, value, done) => commit(key, value as Item, done),
      del: (key, done) => commit(key, undefined, done),
    };
  }

  private async commitItem(write: {
    readonly table: string;
    readonly itemKey: string;
    readonly old: Item | undefined;
    readonly next: Item | undefined;
    readonly rows: readonly LevelOperation[];
    readonly byTimeToLive: boolean;
  }): Promise<void> {
    const { itemKey, old, next, rows, byTimeToLive } = write;
    const item = next ?? old;
    if (item === undefined) return;
    const table = await this.table(write.table);
    const key = `item-${write.table}~${itemKey}`;
    const keys = keysOf(item, table);
    await this.options.commits.commit(() => [
      next === undefined ? { type: 'del', key } : { type: 'put', key, value: next },
      ...rows,
      ...this.options.follow({ table, itemKey, keys, old, next, byTimeToLive }),
    ]);
  }
}

/** An index whose changes wait for the batch of their item; it is read as it is. */
const gathered = (real: SubStore, prefix: string, rows: LevelOperation[]): SubStore => ({
  ...real,
  put: (key, value, done) => {
    rows.push({ type: 'put', key: prefix + key, value });
    done(null);
  },
  del: (key, done) => {
    rows.push({ type: 'del', key: prefix + key });
    done(null);
  },
});
