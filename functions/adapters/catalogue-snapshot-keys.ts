/** A folder of the lake's bucket that no delivery, run or table of the lake has. */
const CATALOGUE_FOLDER = 'catalogue';

export const snapshotKey = (tenant: string, version: string): string =>
  `${CATALOGUE_FOLDER}/${tenant}/${version}.ndjson.gz`;

export const snapshotPointerKey = (tenant: string) => ({
  pk: { S: `rec#${tenant}` },
  sk: { S: 'catalogue' },
});

/** Objects lie in the lake's bucket, the pointer in the table of records. */
export interface SnapshotPlaces {
  readonly bucket: string;
  readonly table: string;
}
