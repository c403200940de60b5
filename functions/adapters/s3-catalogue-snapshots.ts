import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { CatalogueSnapshots } from '../ports/catalogue-snapshots.ts';
import type { SnapshotPlaces } from './catalogue-snapshot-keys.ts';
import { s3CatalogueSnapshotsReader } from './s3-catalogue-snapshots-reader.ts';
import { s3CatalogueSnapshotsWriter } from './s3-catalogue-snapshots-writer.ts';

/** For whoever makes them; whoever only reads takes the reader alone. */
export const s3CatalogueSnapshots = (
  clients: { readonly s3: S3Client; readonly dynamo: DynamoDBClient },
  places: SnapshotPlaces,
): CatalogueSnapshots => ({
  ...s3CatalogueSnapshotsReader(clients, places),
  ...s3CatalogueSnapshotsWriter(clients, places),
});
