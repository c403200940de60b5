/** The calls about tables: dynalite's, with what it leaves out, and the ones that it lacks. */
import { AwsFault, type Input, type Operation } from '../aws-json.ts';
import type { LevelOperation, Table } from './dynalite.ts';
import type { Engine } from './engine.ts';
import type { StreamViewType } from './stream-record.ts';
import { stageNoExpiry } from './time-to-live.ts';

export const FAULTS = 'com.amazonaws.dynamodb.v20120810#';
export const notFound = (message: string): AwsFault =>
  new AwsFault(`${FAULTS}ResourceNotFoundException`, message);
export const invalid = (message: string): AwsFault =>
  new AwsFault('com.amazon.coral.validate#ValidationException', message);

interface StreamSpecification {
  readonly StreamEnabled?: boolean;
  readonly StreamViewType?: StreamViewType;
}

const nameOf = (input: Input): string => {
  if (typeof input.TableName !== 'string') throw invalid('TableName is required');
  // The SDK may say the ARN instead of the name.
  return input.TableName.slice(input.TableName.lastIndexOf('/') + 1);
};

/** The table as DescribeTable shows it. */
const described = (engine: Engine, table: Table): object => {
  const stream = engine.settings.streamOf(table.TableName)?.state;
  return {
    ...table,
    DeletionProtectionEnabled: engine.settings.of(table.TableName).deletionProtection,
    ...(stream === undefined
      ? {}
      : {
          LatestStreamArn: stream.arn,
          LatestStreamLabel: stream.label,
          ...(stream.enabled
            ? { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType } }
            : {}),
        }),
  };
};

/** The operations of a change of stream, or nothing to change. */
const stageStream = (
  engine: Engine,
  table: Table,
  wanted: StreamSpecification,
): readonly LevelOperation[] => {
  const stream = engine.settings.streamOf(table.TableName);
  const enabled = stream?.state.enabled === true;
  if (wanted.StreamEnabled !== true) return enabled ? (stream?.stageDisabled() ?? []) : [];
  if (enabled) {
    if (stream?.state.viewType === wanted.StreamViewType) return [];
    throw invalid(`Table already has an enabled stream: TableName: ${table.TableName}`);
  }
  return engine.settings.stageNewStream(table, wanted.StreamViewType ?? 'NEW_AND_OLD_IMAGES');
};

const applyOurs = async (engine: Engine, table: Table, input: Input): Promise<void> => {
  const name = table.TableName;
  await engine.commits.commit(() => [
    ...(typeof input.DeletionProtectionEnabled === 'boolean'
      ? engine.settings.stageSettings(name, {
          ...engine.settings.of(name),
          deletionProtection: input.DeletionProtectionEnabled,
        })
      : []),
    ...(input.StreamSpecification === undefined
      ? []
      : stageStream(engine, table, input.StreamSpecification as StreamSpecification)),
  ]);
};

const createTable = async (engine: Engine, input: Input): Promise<object> => {
  engine.items.forgetTables();
  const { TableDescription } = (await engine.perform('CreateTable', input)) as {
    readonly TableDescription: Table;
  };
  await applyOurs(engine, TableDescription, input);
  return { TableDescription: described(engine, TableDescription) };
};

/** dynalite knows neither of ours, and refuses a call in which nothing of its own changes. */
const updateTable = async (engine: Engine, input: Input): Promise<object> => {
  const { StreamSpecification, DeletionProtectionEnabled, TableName, ...theirs } = input;
  engine.items.forgetTables();
  const table = await engine.items.table(nameOf(input));
  if (Object.keys(theirs).length > 0) {
    await engine.perform('UpdateTable', { ...theirs, TableName });
    engine.items.forgetTables();
  }
  await applyOurs(engine, table, { StreamSpecification, DeletionProtectionEnabled });
  return { TableDescription: described(engine, table) };
};

const deleteTable = async (engine: Engine, input: Input): Promise<object> => {
  const name = nameOf(input);
  if (engine.settings.of(name).deletionProtection) {
    throw invalid(
      `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
    );
  }
  engine.items.forgetTables();
  const answer = await engine.perform('DeleteTable', input);
  const expiry = await stageNoExpiry(engine.store.db, name);
  await engine.commits.commit(() => [...expiry, ...engine.settings.stageForget(name)]);
  engine.items.forgetTables();
  return answer;
};

const TABLES_PER_PAGE_MAX = 100;

const listTables = async (engine: Engine, input: Input): Promise<object> => {
  const limit = typeof input.Limit === 'number' ? input.Limit : TABLES_PER_PAGE_MAX;
  const after =
    typeof input.ExclusiveStartTableName === 'string' ? input.ExclusiveStartTableName : '';
  const names = (await engine.tableNames()).filter((name) => name > after);
  const TableNames = names.slice(0, limit);
  return names.length > limit
    ? { TableNames, LastEvaluatedTableName: TableNames.at(-1) }
    : { TableNames };
};

const updateTimeToLive = async (engine: Engine, input: Input): Promise<object> => {
  const { TimeToLiveSpecification: wanted } = input as {
    readonly TimeToLiveSpecification?: {
      readonly Enabled?: boolean;
      readonly AttributeName?: string;
    };
  };
  const { TableName: name } = await engine.items.table(nameOf(input));
  const attribute = wanted?.AttributeName;
  if (typeof wanted?.Enabled !== 'boolean' || typeof attribute !== 'string' || attribute === '') {
    throw invalid('TimeToLiveSpecification must name Enabled and AttributeName');
  }
  const before = engine.settings.of(name);
  if (wanted.Enabled === (before.timeToLiveAttribute !== undefined)) {
    throw invalid(`TimeToLive is already ${wanted.Enabled ? 'enabled' : 'disabled'}`);
  }
  const { timeToLiveAttribute: _, ...rest } = before;
  const after = wanted.Enabled ? { ...rest, timeToLiveAttribute: attribute } : rest;
  const forgotten = wanted.Enabled ? [] : await stageNoExpiry(engine.store.db, name);
  await engine.commits.commit(() => [...forgotten, ...engine.settings.stageSettings(name, after)]);
  if (wanted.Enabled) await engine.indexExpiry(name, attribute);
  return { TimeToLiveSpecification: wanted };
};

const describeTimeToLive = async (engine: Engine, input: Input): Promise<object> => {
  const { TableName } = await engine.items.table(nameOf(input));
  const attribute = engine.settings.of(TableName).timeToLiveAttribute;
  return {
    TimeToLiveDescription:
      attribute === undefined
        ? { TimeToLiveStatus: 'DISABLED' }
        : { TimeToLiveStatus: 'ENABLED', AttributeName: attribute },
  };
};

/** AWS restores to any second of the last 35 days but the last five minutes. */
const RESTORABLE_DAYS_MAX = 35;
const DAY_MS = 86_400_000;
const NOT_YET_RESTORABLE_MS = 5 * 60_000;

const describeBackups = async (engine: Engine, input: Input): Promise<object> => {
  const { TableName } = await engine.items.table(nameOf(input));
  const { restorableSinceMs: since, restorableDays = RESTORABLE_DAYS_MAX } =
    engine.settings.of(TableName);
  const now = engine.now();
  const PointInTimeRecoveryDescription =
    since === undefined
      ? { PointInTimeRecoveryStatus: 'DISABLED' }
      : {
          PointInTimeRecoveryStatus: 'ENABLED',
          RecoveryPeriodInDays: restorableDays,
          EarliestRestorableDateTime: Math.max(since, now - restorableDays * DAY_MS) / 1000,
          LatestRestorableDateTime: Math.max(since, now - NOT_YET_RESTORABLE_MS) / 1000,
        };
  return {
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: 'ENABLED',
      PointInTimeRecoveryDescription,
    },
  };
};

const updateBackups = async (engine: Engine, input: Input): Promise<object> => {
  const { TableName: name } = await engine.items.table(nameOf(input));
  const wanted = input.PointInTimeRecoverySpecification as
    | { readonly PointInTimeRecoveryEnabled?: boolean; readonly RecoveryPeriodInDays?: number }
    | undefined;
  const restorableDays = wanted?.RecoveryPeriodInDays ?? RESTORABLE_DAYS_MAX;
  if (!(restorableDays >= 1 && restorableDays <= RESTORABLE_DAYS_MAX)) {
    throw invalid(`RecoveryPeriodInDays must be 1 to ${RESTORABLE_DAYS_MAX}`);
  }
  const { restorableSinceMs = engine.now(), restorableDays: _, ...rest } = engine.settings.of(name);
  const after =
    wanted?.PointInTimeRecoveryEnabled === true
      ? { ...rest, restorableSinceMs, restorableDays }
      : rest;
  await engine.commits.commit(() => engine.settings.stageSettings(name, after));
  return describeBackups(engine, input);
};

export const tableOperations = (engine: Engine) =>
  ({
    CreateTable: (input) => createTable(engine, input),
    UpdateTable: (input) => updateTable(engine, input),
    DeleteTable: (input) => deleteTable(engine, input),
    ListTables: (input) => listTables(engine, input),
    DescribeTable: async (input) => {
      const { Table: table } = (await engine.perform('DescribeTable', input)) as { Table: Table };
      return { Table: described(engine, table) };
    },
    UpdateTimeToLive: (input) => updateTimeToLive(engine, input),
    DescribeTimeToLive: (input) => describeTimeToLive(engine, input),
    DescribeContinuousBackups: (input) => describeBackups(engine, input),
    UpdateContinuousBackups: (input) => updateBackups(engine, input),
    ListTagsOfResource: (input) => engine.perform('ListTagsOfResource', input),
    TagResource: (input) => engine.perform('TagResource', input),
    UntagResource: (input) => engine.perform('UntagResource', input),
  }) satisfies Readonly<Record<string, Operation>>;
