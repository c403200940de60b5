/** Where what is known of items is read from, as whoever recommends takes it. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { type GatherLearnt, type GatherPorts, gatherLearnt } from '../runtime/gather-learnt.ts';
import { heldTrends } from '../runtime/held-trends.ts';
import { type CatalogueOf, newestCatalogues } from '../runtime/newest-catalogues.ts';
import { type StillAvailable, stillAvailable } from '../runtime/still-available.ts';
import { dynamoAvailability } from './dynamo-availability.ts';
import { dynamoItemListsReader } from './dynamo-item-lists-reader.ts';
import { dynamoTrendsReader } from './dynamo-trends-reader.ts';
import { s3CatalogueSnapshotsReader } from './s3-catalogue-snapshots-reader.ts';

export interface RecommendingClients {
  readonly dynamo: DynamoDBClient;
  readonly s3: S3Client;
}

export const newRecommendingClients = (): RecommendingClients => ({
  dynamo: new DynamoDBClient(),
  s3: new S3Client(),
});

export interface RecommendingPlaces {
  readonly table: string;
  readonly bucket: string;
}

export interface RecommendingSources {
  readonly catalogueOf: CatalogueOf;
  readonly gather: GatherLearnt;
  readonly stillAvailable: StillAvailable;
}

export const recommendingSources = (
  clients: RecommendingClients,
  { table, bucket }: RecommendingPlaces,
  { deltas, fault }: Pick<GatherPorts, 'deltas' | 'fault'>,
): RecommendingSources => {
  const now = Date.now;
  const snapshots = s3CatalogueSnapshotsReader(clients, { bucket, table });
  const trends = heldTrends({
    trends: dynamoTrendsReader(clients.dynamo, table, now),
    now,
    fault,
  }).of;
  const lists = dynamoItemListsReader(clients.dynamo, table);
  return {
    catalogueOf: newestCatalogues({ snapshots, now, fault }),
    stillAvailable: stillAvailable({ rows: dynamoAvailability(clients.dynamo, table), now, fault }),
    gather: gatherLearnt({ lists, deltas, trends, now, fault }),
  };
};
