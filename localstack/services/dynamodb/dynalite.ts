/**
 * The parts of dynalite that we drive, with the types that it does not ship.
 *
 * dynalite has no exports map, so its store, actions and validations load by path. Everything that
 * we add stands outside of it: we hand its actions a store of our own making (item-writes.ts).
 */
import { createRequire } from 'node:module';

export type AttributeValue = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, AttributeValue>>;
export type Done<T> = (fault?: Error | null, value?: T) => void;

export type LevelOperation =
  | {
      readonly type: 'put';
      readonly key: string;
      readonly value: unknown;
      readonly valueEncoding?: string;
    }
  | { readonly type: 'del'; readonly key: string };

export interface RangeOptions {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly limit?: number;
  readonly reverse?: boolean;
  readonly valueEncoding?: string;
}

/** The one LevelDB under all tables. */
export interface Level {
  readonly open: () => Promise<void>;
  readonly close: () => Promise<void>;
  readonly get: (key: string) => Promise<unknown>;
  readonly batch: (operations: readonly LevelOperation[]) => Promise<void>;
  readonly iterator: (range: RangeOptions) => { readonly all: () => Promise<[string, unknown][]> };
  readonly keys: (range: RangeOptions) => { readonly all: () => Promise<string[]> };
}

export interface SubStore {
  readonly lock: (
    key: string,
    whenHeld: (release: (done: Done<unknown>) => Done<unknown>) => void,
  ) => void;
  readonly get: (key: string, done: Done<unknown>) => void;
  readonly put: (key: string, value: unknown, done: Done<void>) => void;
  readonly del: (key: string, done: Done<void>) => void;
}

export interface Table {
  readonly TableName: string;
  readonly TableArn: string;
  readonly TableId: string;
  readonly TableStatus: string;
  readonly CreationDateTime: number;
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: string }[];
  readonly AttributeDefinitions: readonly {
    readonly AttributeName: string;
    readonly AttributeType: string;
  }[];
}

export interface Store {
  readonly db: Level;
  readonly tableDb: SubStore & { awsAccountId: string; awsRegion: string };
  readonly getItemDb: (table: string) => SubStore;
  readonly getIndexDb: (kind: string, table: string, index: string) => SubStore;
  readonly getTable: (name: string, ...rest: readonly unknown[]) => void;
}

type Action = (store: Store, data: object, done: Done<object>) => void;

interface Validation {
  readonly types: object;
  readonly custom?: object;
}

const load = createRequire(import.meta.url);

const engine = load('dynalite/db') as {
  readonly create: (options: object) => Store;
  readonly createKey: (item: Item, table: Table) => string;
  readonly validateKey: (key: Item, table: Table) => Error | undefined;
};

const validations = load('dynalite/validations') as {
  readonly toLowerFirst: (name: string) => string;
  readonly checkTypes: (data: object, types: object) => object;
  readonly checkValidations: (
    data: object,
    types: object,
    custom: object | undefined,
    store: Store,
  ) => void;
};

export const itemKeyOf = engine.createKey;
export const validateKey = engine.validateKey;

export interface StoreOptions {
  /** A folder, or nothing for a store in memory. */
  readonly path?: string;
  readonly region: string;
  readonly accountId: string;
}

export const createStore = ({ path, region, accountId }: StoreOptions): Store => {
  const store = engine.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  store.tableDb.awsRegion = region;
  store.tableDb.awsAccountId = accountId;
  return store;
};

/** What dynalite implements itself; its ListTables reads every key of the database, so that is ours. */
const OPERATIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DeleteTable',
  'DescribeTable',
  'GetItem',
  'ListTagsOfResource',
  'PutItem',
  'Query',
  'Scan',
  'TagResource',
  'UntagResource',
  'UpdateItem',
  'UpdateTable',
] as const;

export type DynaliteOperation = (typeof OPERATIONS)[number];

const actions = new Map(
  OPERATIONS.map((name) => {
    const file = validations.toLowerFirst(name);
    return [
      name,
      {
        act: load(`dynalite/actions/${file}`) as Action,
        validation: load(`dynalite/validations/${file}`) as Validation,
      },
    ];
  }),
);

/** Validates as AWS would, then acts on the given store; refusals reject with statusCode and body. */
export const perform = (
  store: Store,
  operation: DynaliteOperation,
  input: object,
): Promise<object> =>
  new Promise((resolve, reject) => {
    const found = actions.get(operation);
    if (found === undefined) throw new Error(`dynalite has no ${operation}`);
    const { types, custom } = found.validation;
    // checkTypes deletes from what it is given; the caller may still want the whole input.
    const data = validations.checkTypes({ ...input }, types);
    validations.checkValidations(data, types, custom, store);
    found.act(store, data, (fault, answer) => (fault ? reject(fault) : resolve(answer ?? {})));
  });
