import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import type { CatalogueSnapshotsReader } from '../ports/catalogue-snapshots.ts';
import { type SnapshotPlaces, snapshotKey, snapshotPointerKey } from './catalogue-snapshot-keys.ts';

const unzip = promisify(gunzip);

const bytesOf = async (
  client: S3Client,
  at: { readonly Bucket: string; readonly Key: string },
): Promise<Uint8Array | undefined> => {
  try {
    const { Body } = await client.send(new GetObjectCommand(at));
    return await Body?.transformToByteArray();
  } catch (fault) {
    if (fault instanceof NoSuchKey) return undefined;
    throw fault;
  }
};

export const s3CatalogueSnapshotsReader = (
  { s3, dynamo }: { readonly s3: S3Client; readonly dynamo: DynamoDBClient },
  { bucket, table }: SnapshotPlaces,
): CatalogueSnapshotsReader => ({
  pointer: async (tenant) => {
    const { Item: row } = await dynamo.send(
      // A pointer from before would let a change be laid over what has it already.
      new GetItemCommand({
        TableName: table,
        Key: snapshotPointerKey(tenant),
        ConsistentRead: true,
      }),
    );
    const version = row?.version?.S;
    return version === undefined ? undefined : { version, previous: row?.previous?.S };
  },
  read: async (tenant, version) => {
    const bytes = await bytesOf(s3, { Bucket: bucket, Key: snapshotKey(tenant, version) });
    if (bytes === undefined) return undefined;
    const text = (await unzip(bytes)).toString();
    return text === '' ? [] : text.trimEnd().split('\n');
  },
});
