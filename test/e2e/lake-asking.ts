/** What the lake of a running platform holds, asked as AWS's own tools ask. */
import {
  AthenaClient,
  GetQueryExecutionCommand,
  ListWorkGroupsCommand,
  paginateGetQueryResults,
  StartQueryExecutionCommand,
} from '@aws-sdk/client-athena';
import {
  CopyObjectCommand,
  ListBucketsCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { aws, eventually } from './asking.ts';
import type { Ready } from './start-process.ts';

const local = ({ endpointUrl }: Ready) => ({
  endpoint: endpointUrl,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

const databaseOf = async (ready: Ready): Promise<string> => {
  const { DatabaseList } = await aws(ready, 'AWSGlue.GetDatabases', {});
  const [database] = DatabaseList as readonly { readonly Name: string }[];
  if (database === undefined) throw new Error('Glue has no database');
  return database.Name;
};

/** Sorted, each as JSON. */
export const tableRows = async (
  ready: Ready,
  table: string,
  columns: string,
): Promise<readonly string[]> => {
  const client = new AthenaClient(local(ready));
  try {
    const { WorkGroups = [] } = await client.send(new ListWorkGroupsCommand({}));
    const { QueryExecutionId } = await client.send(
      new StartQueryExecutionCommand({
        QueryString: `SELECT ${columns} FROM ${table}`,
        QueryExecutionContext: { Database: await databaseOf(ready) },
        WorkGroup: WorkGroups.find(({ Name }) => Name !== 'primary')?.Name ?? 'primary',
      }),
    );
    await eventually(async () => {
      const { QueryExecution } = await client.send(
        new GetQueryExecutionCommand({ QueryExecutionId }),
      );
      const { State, StateChangeReason } = QueryExecution?.Status ?? {};
      if (State === 'FAILED') throw new Error(StateChangeReason);
      return State === 'SUCCEEDED' ? true : undefined;
    });
    const rows: string[] = [];
    for await (const { ResultSet } of paginateGetQueryResults({ client }, { QueryExecutionId })) {
      for (const { Data = [] } of ResultSet?.Rows ?? [])
        rows.push(JSON.stringify(Data.map(({ VarCharValue }) => VarCharValue ?? null)));
    }
    // The first is the header.
    return rows.slice(1).toSorted((left, right) => (left < right ? -1 : 1));
  } finally {
    client.destroy();
  }
};

/** Every object below the prefix once more, under another name beside it. */
export const copyObjects = async (ready: Ready, prefix: string): Promise<number> => {
  const client = new S3Client({ ...local(ready), forcePathStyle: true });
  try {
    const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
    const Bucket = Buckets.find(({ Name }) => /lake/i.test(Name ?? ''))?.Name;
    if (Bucket === undefined) throw new Error('no bucket of the lake');
    const keys: string[] = [];
    for await (const { Contents } of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix }))
      keys.push(...(Contents ?? []).flatMap(({ Key }) => Key ?? []));
    for (const Key of keys)
      await client.send(
        new CopyObjectCommand({ Bucket, Key: `${Key}.again.gz`, CopySource: `${Bucket}/${Key}` }),
      );
    return keys.length;
  } finally {
    client.destroy();
  }
};
