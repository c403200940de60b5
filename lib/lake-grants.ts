/** What it takes to ask the lake, with every action by its name. Athena acts as whoever asks. */
import { Stack } from 'aws-cdk-lib';
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ICEBERG_TABLES, LAKE_FOLDERS, LINE_TABLES } from './lake.ts';

/** The lake as Platform knows it. */
export interface LakeNames {
  readonly bucket: IBucket;
  readonly databaseName: string;
  readonly workGroupName: string;
}

interface Grant {
  readonly actions: readonly string[];
  readonly on: readonly string[];
}

export const allow = (grantee: IGrantable, ...grants: readonly Grant[]): void => {
  for (const { actions, on } of grants) {
    grantee.grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({ actions: [...actions], resources: [...on] }),
    );
  }
};

/** Snapshots of catalogues. */
export const snapshotReads = (bucket: IBucket): readonly Grant[] => [
  { actions: ['s3:GetObject'], on: [bucket.arnForObjects('catalogue/*')] },
  // Without it S3 answers for an object that is gone as if it were forbidden.
  { actions: ['s3:ListBucket'], on: [bucket.bucketArn] },
];

const workGroupArn = (scope: Construct, { workGroupName }: LakeNames): string =>
  Stack.of(scope).formatArn({
    service: 'athena',
    resource: 'workgroup',
    resourceName: workGroupName,
  });

/** What a statement of the nightly job reads, and the three folders into which it writes. */
export const grantStatements = (
  scope: Construct,
  grantee: IGrantable,
  { lake, key }: { readonly lake: LakeNames; readonly key: IKey | undefined },
): void => {
  const glue = (resource: string, resourceName?: string): string =>
    Stack.of(scope).formatArn({ service: 'glue', resource, resourceName });
  const tables = (names: readonly string[]): readonly string[] =>
    names.map((name) => glue('table', `${lake.databaseName}/${name}`));
  const catalog = [glue('catalog'), glue('database', lake.databaseName)];
  const written = Object.values(LAKE_FOLDERS).map((folder) =>
    lake.bucket.arnForObjects(`${folder}/*`),
  );
  allow(
    grantee,
    {
      actions: [
        'athena:GetQueryExecution',
        'athena:StartQueryExecution',
        'athena:StopQueryExecution',
      ],
      on: [workGroupArn(scope, lake)],
    },
    {
      actions: ['athena:GetDataCatalog'],
      on: [
        Stack.of(scope).formatArn({
          service: 'athena',
          resource: 'datacatalog',
          resourceName: 'AwsDataCatalog',
        }),
      ],
    },
    {
      actions: ['glue:GetDatabase', 'glue:GetTable'],
      on: [...catalog, ...tables([...LINE_TABLES, ...ICEBERG_TABLES])],
    },
    // A commit of Iceberg is a new pointer in the catalogue.
    { actions: ['glue:UpdateTable'], on: [...catalog, ...tables(ICEBERG_TABLES)] },
    {
      actions: ['s3:GetBucketLocation', 's3:ListBucket', 's3:ListBucketMultipartUploads'],
      on: [lake.bucket.bucketArn],
    },
    {
      actions: ['s3:GetObject'],
      on: [lake.bucket.arnForObjects('enriched/*'), ...written],
    },
    {
      actions: ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:PutObject'],
      on: written,
    },
    // VACUUM takes away what no snapshot needs.
    {
      actions: ['s3:DeleteObject'],
      on: [lake.bucket.arnForObjects(`${LAKE_FOLDERS.tables}/*`)],
    },
  );
  key?.grant(grantee, 'kms:Decrypt', 'kms:GenerateDataKey');
};

/** Rows of a query that somebody else had run. */
export const grantResults = (scope: Construct, grantee: IGrantable, lake: LakeNames): void =>
  allow(
    grantee,
    { actions: ['athena:GetQueryResults'], on: [workGroupArn(scope, lake)] },
    {
      actions: ['s3:GetObject'],
      on: [lake.bucket.arnForObjects(`${LAKE_FOLDERS.results}/*`)],
    },
  );
