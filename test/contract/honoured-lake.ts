/** The lake: databases, tables, workgroups. What their queries give is in athena.test.ts. */
import { gzipSync } from 'node:zlib';
import { all, objectsIn, type Row, set } from './honoured-rows.ts';
import type { SmallTemplate, SmallWorld } from './small-world.ts';

const DATABASE = 'AWS::Glue::Database';
const TABLE = 'AWS::Glue::Table';
const WORKGROUP = 'AWS::Athena::WorkGroup';
const ACCOUNT = '000000000000';
const LINE_SERDE = 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe';

const location = (prefix: string): object => ({
  'Fn::Join': ['', ['s3://', { Ref: 'Bucket' }, `/${prefix}/`]],
});

const linesTable = {
  CatalogId: ACCOUNT,
  DatabaseName: { Ref: 'Database' },
  TableInput: {
    Name: 'lines',
    TableType: 'EXTERNAL_TABLE',
    PartitionKeys: [{ Name: 'dt', Type: 'string' }],
    Parameters: {
      'projection.enabled': 'true',
      'projection.dt.type': 'date',
      'projection.dt.format': 'yyyy-MM-dd',
      'projection.dt.range': '2026-01-01,2026-01-31',
    },
    StorageDescriptor: {
      Columns: [{ Name: 'line', Type: 'string' }],
      Location: location('raw'),
      InputFormat: 'in',
      OutputFormat: 'out',
      SerdeInfo: { SerializationLibrary: LINE_SERDE },
    },
  },
};

const rowsTable = {
  CatalogId: ACCOUNT,
  DatabaseName: { Ref: 'Database' },
  Name: 'kept',
  OpenTableFormatInput: {
    IcebergInput: {
      MetadataOperation: 'CREATE',
      IcebergTableInput: {
        Location: location('tables/kept'),
        Schema: {
          Fields: [
            { Id: 1, Name: 'day', Type: 'string', Required: true },
            { Id: 2, Name: 'n', Type: 'long', Required: false },
          ],
        },
        PartitionSpec: { Fields: [{ Name: 'day', SourceId: 1, Transform: 'identity' }] },
      },
    },
  },
};

const given = (template: SmallTemplate): void => {
  template.Database = {
    Type: DATABASE,
    Properties: { CatalogId: ACCOUNT, DatabaseInput: { Name: 'lake' } },
  };
  template.Lines = { Type: TABLE, Properties: structuredClone(linesTable) };
  template.Rows = { Type: TABLE, Properties: structuredClone(rowsTable) };
  template.WorkGroup = {
    Type: WORKGROUP,
    Properties: {
      Name: 'small',
      WorkGroupConfiguration: { ResultConfiguration: { OutputLocation: location('results') } },
    },
  };
};

const start = (world: SmallWorld, QueryString: string, more: object = {}) =>
  world.call('AmazonAthena.StartQueryExecution', {
    QueryString,
    WorkGroup: world.ref('WorkGroup'),
    QueryExecutionContext: { Database: world.ref('Database') },
    ...more,
  });

const settled = async (world: SmallWorld, started: Record<string, unknown>) => {
  const { QueryExecutionId } = started;
  for (;;) {
    const answer = await world.call('AmazonAthena.GetQueryExecution', { QueryExecutionId });
    const execution = Object(answer.QueryExecution);
    if (!['QUEUED', 'RUNNING'].includes(execution.Status.State)) return execution;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

const query = async (world: SmallWorld, sql: string): Promise<unknown> => {
  const { QueryExecutionId, Status } = await settled(world, await start(world, sql));
  if (Status.State !== 'SUCCEEDED') return Status.StateChangeReason.split(':')[0];
  const { ResultSet } = await world.call('AmazonAthena.GetQueryResults', { QueryExecutionId });
  return Object(ResultSet)
    .Rows.slice(1)
    .map((row: { Data: { VarCharValue?: string }[] }) =>
      row.Data.map(({ VarCharValue }) => VarCharValue),
    );
};

const put = (world: SmallWorld, key: string): Promise<void> =>
  world.cloud.s3.objects.put(world.ref('Bucket'), key, gzipSync('text\n'));

const seenLines = async (world: SmallWorld): Promise<unknown> => {
  await put(world, 'raw/dt=2026-01-05/a.gz');
  await put(world, 'raw/dt=2026-02-05/a.gz');
  await put(world, 'other/dt=2026-01-06/a.gz');
  return query(world, 'SELECT dt FROM lines ORDER BY dt');
};

const glue = async (world: SmallWorld, operation: string, input: object): Promise<unknown> =>
  world.call(`AWSGlue.${operation}`, input);

const table = (name: string) => async (world: SmallWorld) =>
  Object(
    Object(await glue(world, 'GetTable', { DatabaseName: world.ref('Database'), Name: name }))
      .Table,
  );

/** A member of what GetTable shows. */
const shown =
  (name: string, ...path: readonly (string | number)[]) =>
  async (world: SmallWorld): Promise<unknown> =>
    path.reduce((at, key) => Object(at)[key], await table(name)(world));

const names = async (world: SmallWorld): Promise<unknown> => {
  const { TableList } = Object(await glue(world, 'GetTables', { DatabaseName: 'lake' }));
  return Object(TableList).map?.(({ Name }: { Name: string }) => Name) ?? 'no database';
};

const database = (key: string) => async (world: SmallWorld) => {
  const answer = await glue(world, 'GetDatabase', { Name: world.ref('Database') });
  return Object(Object(answer).Database)[key];
};

const scannedOfADay = async (world: SmallWorld): Promise<unknown> => {
  await query(world, "INSERT INTO kept VALUES ('a', 1), ('a', 2), ('a', 3), ('b', 4)");
  const started = await start(world, "SELECT count(*) AS n FROM kept WHERE day = 'b'");
  const { Statistics } = await settled(world, started);
  return Statistics.DataScannedInBytes > 30 ? 'all days' : 'the day';
};

const inLines = (path: string): string => `TableInput.${path}`;
const ICEBERG = 'OpenTableFormatInput.IcebergInput';
const STORAGE = 'StorageDescriptor';

const databaseRows: readonly Row[] = [
  {
    type: DATABASE,
    path: 'CatalogId',
    change: all(given, set('Database', 'CatalogId', '111111111111')),
    refused: 'the catalogue of the local cloud',
  },
  {
    type: DATABASE,
    path: 'DatabaseName',
    given,
    change: all(
      set('Database', 'DatabaseInput', { Description: 'named below' }),
      set('Database', 'DatabaseName', 'other'),
    ),
    observe: async (world) => world.ref('Database'),
    before: 'lake',
    after: 'other',
  },
  {
    type: DATABASE,
    path: 'DatabaseInput.Name',
    given,
    change: set('Database', 'DatabaseInput.Name', 'other'),
    observe: names,
    before: ['lines', 'kept'],
    after: 'no database',
  },
  {
    type: DATABASE,
    path: 'DatabaseInput.Description',
    given,
    change: set('Database', 'DatabaseInput.Description', 'all of it'),
    observe: database('Description'),
    before: undefined,
    after: 'all of it',
  },
  {
    type: DATABASE,
    path: 'DatabaseInput.LocationUri',
    given,
    change: set('Database', 'DatabaseInput.LocationUri', 's3://b/'),
    observe: database('LocationUri'),
    before: undefined,
    after: 's3://b/',
  },
];

const described = (
  path: string,
  value: unknown,
  [before, ...shownAt]: readonly [unknown, ...(string | number)[]],
): Row => ({
  type: TABLE,
  path: inLines(path),
  given,
  change: set('Lines', inLines(path).replaceAll('[]', '.0'), value),
  observe: shown('lines', ...shownAt),
  before,
  after: value,
});

const linesRows: readonly Row[] = [
  {
    type: TABLE,
    path: 'CatalogId',
    change: all(given, set('Lines', 'CatalogId', '111111111111')),
    refused: 'the catalogue of the local cloud',
  },
  {
    type: TABLE,
    path: 'DatabaseName',
    change: all(given, set('Lines', 'DatabaseName', 'nowhere')),
    refused: 'which is not there',
  },
  {
    type: TABLE,
    path: inLines('Name'),
    given,
    change: set('Lines', inLines('Name'), 'others'),
    observe: names,
    before: ['lines', 'kept'],
    after: ['others', 'kept'],
  },
  described('Description', 'lines as they came', [undefined, 'Description']),
  described('TableType', 'VIRTUAL', ['EXTERNAL_TABLE', 'TableType']),
  {
    type: TABLE,
    path: inLines('Parameters.*'),
    given,
    change: (template) => {
      const { TableInput } = Object(template.Lines?.Properties);
      TableInput.Parameters['projection.dt.range'] = '2026-02-01,2026-02-28';
    },
    observe: seenLines,
    before: [['2026-01-05']],
    after: [['2026-02-05']],
  },
  {
    type: TABLE,
    path: inLines('PartitionKeys[].Name'),
    change: all(given, set('Lines', inLines('PartitionKeys.0.Name'), 'day')),
    refused: 'is not projected',
  },
  {
    type: TABLE,
    path: inLines('PartitionKeys[].Type'),
    change: all(given, set('Lines', inLines('PartitionKeys.0.Type'), 'struct')),
    refused: 'string, int, bigint',
  },
  described('PartitionKeys[].Comment', 'the day', [undefined, 'PartitionKeys', 0, 'Comment']),
  {
    type: TABLE,
    path: inLines(`${STORAGE}.Columns[].Name`),
    given,
    change: set('Lines', inLines(`${STORAGE}.Columns.0.Name`), 'text'),
    observe: async (world) => {
      await put(world, 'raw/dt=2026-01-05/a.gz');
      return query(world, 'SELECT text FROM lines');
    },
    before: 'COLUMN_NOT_FOUND',
    after: [['text']],
  },
  {
    type: TABLE,
    path: inLines(`${STORAGE}.Columns[].Type`),
    change: all(given, set('Lines', inLines(`${STORAGE}.Columns.0.Type`), 'bigint')),
    refused: 'ONE column of type string',
  },
  described(`${STORAGE}.Columns[].Comment`, 'a line', [
    undefined,
    STORAGE,
    'Columns',
    0,
    'Comment',
  ]),
  {
    type: TABLE,
    path: inLines(`${STORAGE}.Location`),
    given,
    change: set('Lines', inLines(`${STORAGE}.Location`), location('other')),
    observe: seenLines,
    before: [['2026-01-05']],
    after: [['2026-01-06']],
  },
  described(`${STORAGE}.InputFormat`, 'another', ['in', STORAGE, 'InputFormat']),
  described(`${STORAGE}.OutputFormat`, 'another', ['out', STORAGE, 'OutputFormat']),
  described(`${STORAGE}.Compressed`, true, [undefined, STORAGE, 'Compressed']),
  {
    type: TABLE,
    path: inLines(`${STORAGE}.SerdeInfo.SerializationLibrary`),
    change: all(
      given,
      set('Lines', inLines(`${STORAGE}.SerdeInfo.SerializationLibrary`), 'org.openx.JsonSerDe'),
    ),
    refused: 'reads lines by',
  },
  {
    type: TABLE,
    path: inLines(`${STORAGE}.SerdeInfo.Parameters.*`),
    change: all(given, (template) => {
      Object(template.Lines?.Properties).TableInput.StorageDescriptor.SerdeInfo.Parameters = {
        'field.delim': ',',
      };
    }),
    refused: 'would change what a line is',
  },
];

const TABLE_INPUT = `${ICEBERG}.IcebergTableInput`;

const rowsRows: readonly Row[] = [
  {
    type: TABLE,
    path: 'Name',
    given,
    change: set('Rows', 'Name', 'others'),
    observe: names,
    before: ['lines', 'kept'],
    after: ['lines', 'others'],
  },
  {
    type: TABLE,
    path: `${ICEBERG}.MetadataOperation`,
    change: all(given, set('Rows', `${ICEBERG}.MetadataOperation`, 'REPLACE')),
    refused: 'must be CREATE',
  },
  {
    type: TABLE,
    path: `${ICEBERG}.Version`,
    change: all(given, set('Rows', `${ICEBERG}.Version`, '1')),
    refused: 'Iceberg version 2 or 3',
  },
  {
    type: TABLE,
    path: `${TABLE_INPUT}.Location`,
    given,
    change: set('Rows', `${TABLE_INPUT}.Location`, 's3://b/t/'),
    observe: async (world) => (await shown('kept', STORAGE, 'Location')(world)) === 's3://b/t/',
    before: false,
    after: true,
  },
  {
    type: TABLE,
    path: `${TABLE_INPUT}.Schema`,
    given,
    change: set('Rows', `${TABLE_INPUT}.Schema.Fields.1.Type`, 'string'),
    observe: async (world) => {
      const shownType = await shown('kept', STORAGE, 'Columns', 1, 'Type')(world);
      return [shownType, await query(world, "INSERT INTO kept VALUES ('a', 'x')")];
    },
    before: ['long', 'INVALID_CAST_ARGUMENT'],
    after: ['string', []],
  },
  {
    type: TABLE,
    path: `${TABLE_INPUT}.PartitionSpec`,
    given,
    change: set('Rows', `${TABLE_INPUT}.PartitionSpec.Fields`, []),
    observe: scannedOfADay,
    before: 'the day',
    after: 'all days',
  },
  {
    type: TABLE,
    path: `${TABLE_INPUT}.Properties.*`,
    given,
    change: set('Rows', `${TABLE_INPUT}.Properties`, { vacuum_max_snapshot_age_seconds: '60' }),
    observe: shown('kept', 'Parameters', 'vacuum_max_snapshot_age_seconds'),
    before: undefined,
    after: '60',
  },
];

const CONFIGURATION = 'WorkGroupConfiguration';

const group =
  (...path: readonly string[]) =>
  async (world: SmallWorld): Promise<unknown> => {
    const answer = await world.call('AmazonAthena.GetWorkGroup', {
      WorkGroup: world.ref('WorkGroup'),
    });
    return path.reduce((at, key) => Object(at)[key], Object(answer.WorkGroup));
  };

const workGroupRows: readonly Row[] = [
  {
    type: WORKGROUP,
    path: 'Name',
    given,
    change: set('WorkGroup', 'Name', 'other'),
    observe: group('Name'),
    before: 'small',
    after: 'other',
  },
  {
    type: WORKGROUP,
    path: 'Description',
    given,
    change: set('WorkGroup', 'Description', 'of the night'),
    observe: group('Description'),
    before: undefined,
    after: 'of the night',
  },
  {
    type: WORKGROUP,
    path: 'State',
    given,
    change: set('WorkGroup', 'State', 'DISABLED'),
    observe: async (world) => (await start(world, 'SELECT 1 AS a')).message ?? 'started',
    before: 'started',
    after: 'WorkGroup small is disabled.',
  },
  {
    type: WORKGROUP,
    path: `${CONFIGURATION}.BytesScannedCutoffPerQuery`,
    given,
    change: set('WorkGroup', `${CONFIGURATION}.BytesScannedCutoffPerQuery`, 20_000_000),
    observe: group('Configuration', 'BytesScannedCutoffPerQuery'),
    before: undefined,
    after: 20_000_000,
  },
  {
    type: WORKGROUP,
    path: `${CONFIGURATION}.EnforceWorkGroupConfiguration`,
    given,
    change: set('WorkGroup', `${CONFIGURATION}.EnforceWorkGroupConfiguration`, false),
    observe: async (world) => {
      const own = `s3://${world.ref('Bucket')}/own/`;
      const more = { ResultConfiguration: { OutputLocation: own } };
      await settled(world, await start(world, 'SELECT 1 AS a', more));
      return objectsIn(world, 'Bucket').some((key) => key.startsWith('own/')) ? 'own' : 'enforced';
    },
    before: 'enforced',
    after: 'own',
  },
  {
    type: WORKGROUP,
    path: `${CONFIGURATION}.EngineVersion.SelectedEngineVersion`,
    change: all(
      given,
      set(
        'WorkGroup',
        `${CONFIGURATION}.EngineVersion.SelectedEngineVersion`,
        'PySpark engine version 3',
      ),
    ),
    refused: 'Athena engine version 3',
  },
  {
    type: WORKGROUP,
    path: `${CONFIGURATION}.PublishCloudWatchMetricsEnabled`,
    given,
    change: set('WorkGroup', `${CONFIGURATION}.PublishCloudWatchMetricsEnabled`, true),
    observe: async (world) => {
      await query(world, 'SELECT 1 AS a');
      return group('Configuration', 'PublishCloudWatchMetricsEnabled')(world);
    },
    before: false,
    after: true,
  },
  {
    type: WORKGROUP,
    path: `${CONFIGURATION}.RequesterPaysEnabled`,
    change: all(given, set('WorkGroup', `${CONFIGURATION}.RequesterPaysEnabled`, true)),
    refused: 'whose requester pays',
  },
  {
    type: WORKGROUP,
    path: `${CONFIGURATION}.ResultConfiguration.OutputLocation`,
    given,
    change: set(
      'WorkGroup',
      `${CONFIGURATION}.ResultConfiguration.OutputLocation`,
      location('there'),
    ),
    observe: async (world) => {
      await query(world, 'SELECT 1 AS a');
      return [...new Set(objectsIn(world, 'Bucket').map((key) => key.split('/')[0]))];
    },
    before: ['results'],
    after: ['there'],
  },
];

export const lakeRows: readonly Row[] = [
  ...databaseRows,
  ...linesRows,
  ...rowsRows,
  ...workGroupRows,
];
