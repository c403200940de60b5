/** A local Athena and S3 over a small lake, as a contract test meets them. */
import { gzipSync } from 'node:zlib';
import {
  AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type QueryExecution,
  StartQueryExecutionCommand,
  type StartQueryExecutionCommandInput,
} from '@aws-sdk/client-athena';
import type { ResolvedResource } from '../../localstack/cloud.ts';
import { type Athena, createAthena } from '../../localstack/services/athena/create-athena.ts';
import { createS3, type S3 } from '../../localstack/services/s3/create-s3.ts';
import { CREDENTIALS, serve, stillClock, temporaryFolder } from '../support/served.ts';

export const NOW_MS = Date.UTC(2026, 10, 25, 3);
export const DATABASE = 'tributary';
const BUCKET = 'lake';

const LINES = {
  Columns: [{ Name: 'line', Type: 'string' }],
  InputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
  OutputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
  SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' },
};

const landing = (name: string, prefix: string) => ({
  CatalogId: '000000000000',
  DatabaseName: DATABASE,
  TableInput: {
    Name: name,
    TableType: 'EXTERNAL_TABLE',
    PartitionKeys: [
      { Name: 'dt', Type: 'string' },
      { Name: 'hr', Type: 'string' },
    ],
    Parameters: {
      'projection.enabled': 'true',
      'projection.dt.type': 'date',
      'projection.dt.format': 'yyyy-MM-dd',
      'projection.dt.range': '2026-01-01,NOW',
      'projection.hr.type': 'integer',
      'projection.hr.range': '0,23',
      'projection.hr.digits': '2',
      'storage.location.template': `s3://${BUCKET}/${prefix}/dt=\${dt}/hr=\${hr}/`,
    },
    StorageDescriptor: { ...LINES, Location: `s3://${BUCKET}/${prefix}/` },
  },
});

const injected = {
  CatalogId: '000000000000',
  DatabaseName: DATABASE,
  TableInput: {
    Name: 'run_lines',
    PartitionKeys: [{ Name: 'run', Type: 'string' }],
    Parameters: {
      'projection.enabled': 'true',
      'projection.run.type': 'injected',
      'storage.location.template': `s3://${BUCKET}/nightly/\${run}/`,
    },
    StorageDescriptor: { ...LINES, Location: `s3://${BUCKET}/nightly/` },
  },
};

const iceberg = (name: string, columns: readonly (readonly [string, string])[]) => ({
  CatalogId: '000000000000',
  DatabaseName: DATABASE,
  Name: name,
  OpenTableFormatInput: {
    IcebergInput: {
      MetadataOperation: 'CREATE',
      Version: '2',
      IcebergTableInput: {
        Location: `s3://${BUCKET}/tables/${name}/`,
        Schema: {
          Type: 'struct',
          Fields: columns.map(([Name, Type], at) => ({ Id: at + 1, Name, Type, Required: false })),
        },
        PartitionSpec: {
          Fields: [{ Name: 'arrival_day', SourceId: 1, Transform: 'identity', FieldId: 1000 }],
        },
      },
    },
  },
});

const resource = (type: string, properties: object): ResolvedResource => ({
  stack: 'data',
  logicalId: 'R',
  type,
  physicalName: 'data-r',
  properties: properties as ResolvedResource['properties'],
  metadata: {},
});

export interface AthenaWorld {
  readonly athena: Athena;
  readonly s3: S3;
  readonly client: AthenaClient;
  readonly url: string;
  readonly glueUrl: string;
  readonly clock: ReturnType<typeof stillClock>;
  readonly metrics: readonly (readonly [name: string, value: number])[];
  /** Lines in an object of gzip, one member each text. */
  readonly put: (key: string, ...texts: readonly string[]) => Promise<void>;
  readonly start: (sql: string, more?: Partial<StartQueryExecutionCommandInput>) => Promise<string>;
  readonly settled: (id: string) => Promise<QueryExecution>;
  readonly run: (sql: string) => Promise<QueryExecution>;
  /** Rows without the header, as texts. */
  readonly rows: (sql: string) => Promise<readonly (readonly (string | null)[])[]>;
  readonly create: (type: string, properties: object) => Promise<void>;
  readonly close: () => Promise<void>;
}

export const EVENTS = [
  ['arrival_day', 'string'],
  ['event_id', 'string'],
  ['amount', 'long'],
] as const;

export const WORKGROUP = {
  Name: 'nightly',
  WorkGroupConfiguration: {
    EnforceWorkGroupConfiguration: true,
    PublishCloudWatchMetricsEnabled: true,
    BytesScannedCutoffPerQuery: 10_000_000,
    ResultConfiguration: { OutputLocation: `s3://${BUCKET}/athena/` },
  },
};

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const athenaClients = (endpoint: string) => {
  const client = new AthenaClient({
    endpoint,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts: 1,
  });
  const start: AthenaWorld['start'] = async (QueryString, more = {}) => {
    const started = await client.send(
      new StartQueryExecutionCommand({
        QueryString,
        WorkGroup: 'nightly',
        QueryExecutionContext: { Database: DATABASE },
        ...more,
      }),
    );
    return started.QueryExecutionId ?? '';
  };
  const settled: AthenaWorld['settled'] = async (QueryExecutionId) => {
    for (;;) {
      const answer = await client.send(new GetQueryExecutionCommand({ QueryExecutionId }));
      const execution = answer.QueryExecution ?? {};
      const { State } = execution.Status ?? {};
      if (State !== 'QUEUED' && State !== 'RUNNING') return execution;
      await sleep(5);
    }
  };
  const run: AthenaWorld['run'] = async (sql) => settled(await start(sql));
  const rows: AthenaWorld['rows'] = async (sql) => {
    const { QueryExecutionId, Status } = await run(sql);
    if (Status?.State !== 'SUCCEEDED') throw new Error(Status?.StateChangeReason);
    const { ResultSet } = await client.send(new GetQueryResultsCommand({ QueryExecutionId }));
    return (ResultSet?.Rows ?? [])
      .slice(1)
      .map(({ Data = [] }) => Data.map(({ VarCharValue }) => VarCharValue ?? null));
  };
  return { client, start, settled, run, rows };
};

/** Over a folder of the caller's, so that a second world can be the first one's restart. */
export const athenaWorld = async (dataDir: string): Promise<AthenaWorld> => {
  const clock = stillClock(NOW_MS);
  const s3 = await createS3({ dataDir, clock, upkeepEveryMs: 0 });
  const metrics: (readonly [string, number])[] = [];
  const athena = createAthena({
    dataDir,
    clock,
    objects: { ...s3.objects, folder: s3.objectFolder },
    metrics: { put: (_, name, __, value) => metrics.push([name, value]) },
    restAfterMs: 300,
  });
  const create = async (type: string, properties: object): Promise<void> => {
    const types = [...s3.resourceTypes, ...athena.resourceTypes, ...athena.glue.resourceTypes];
    await types.find((one) => one.type === type)?.create(resource(type, properties));
  };
  await create('AWS::S3::Bucket', { BucketName: BUCKET });
  await create('AWS::Athena::WorkGroup', WORKGROUP);
  await create('AWS::Glue::Database', {
    CatalogId: '000000000000',
    DatabaseInput: { Name: DATABASE },
  });
  await create('AWS::Glue::Table', landing('raw_lines', 'raw'));
  await create('AWS::Glue::Table', landing('enriched_lines', 'enriched'));
  await create('AWS::Glue::Table', injected);
  await create('AWS::Glue::Table', iceberg('events', EVENTS));
  const served = await serve(athena.handle);
  const glue = await serve(athena.glue.handle);
  return {
    ...athenaClients(served.url),
    athena,
    s3,
    url: served.url,
    glueUrl: glue.url,
    clock,
    metrics,
    create,
    put: (key, ...texts) =>
      s3.objects.put(BUCKET, key, Buffer.concat(texts.map((text) => gzipSync(text)))),
    close: async () => {
      await served.close();
      await glue.close();
      await athena.close();
      await s3.close();
    },
  };
};

export const smallLake = async (): Promise<AthenaWorld> => {
  const folder = temporaryFolder();
  const world = await athenaWorld(folder.path);
  return {
    ...world,
    close: async () => {
      await world.close();
      folder.remove();
    },
  };
};
