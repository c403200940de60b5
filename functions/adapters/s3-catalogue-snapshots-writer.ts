import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { CatalogueSnapshotsWriter } from '../ports/catalogue-snapshots.ts';
import { type SnapshotPlaces, snapshotKey, snapshotPointerKey } from './catalogue-snapshot-keys.ts';

const zip = promisify(gzip);
const textOf = (version: string) => ({ S: version });

export const s3CatalogueSnapshotsWriter = (
  { s3, dynamo }: { readonly s3: S3Client; readonly dynamo: DynamoDBClient },
  { bucket, table }: SnapshotPlaces,
): CatalogueSnapshotsWriter => ({
  write: async (tenant, version, lines) => {
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: snapshotKey(tenant, version),
        Body: await zip(lines.map((line) => `${line}\n`).join('')),
        ContentType: 'application/gzip',
      }),
    );
  },
  pointTo: async (tenant, version, expected) => {
    const isWhere = expected === undefined ? 'attribute_not_exists(pk)' : 'version = :expected';
    try {
      await dynamo.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            ...snapshotPointerKey(tenant),
            version: textOf(version),
            ...(expected !== undefined && { previous: textOf(expected) }),
          },
          // A try whose answer was lost has moved it here.
          ConditionExpression: `${isWhere} OR version = :version`,
          ExpressionAttributeValues: {
            ':version': textOf(version),
            ...(expected !== undefined && { ':expected': textOf(expected) }),
          },
        }),
      );
      return 'moved';
    } catch (fault) {
      if (fault instanceof ConditionalCheckFailedException) return 'lost';
      throw fault;
    }
  },
  remove: async (tenant, version) => {
    await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: snapshotKey(tenant, version) }));
  },
});
