import { Aws, type RemovalPolicy } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import { CfnDatabase, CfnTable } from 'aws-cdk-lib/aws-glue';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { LAKE_TABLES, type LakeTable } from '../functions/core/lake/tables.ts';
import type { LakeConfig } from './config.ts';

export interface LakeProps {
  readonly config: LakeConfig;
  readonly stage: string;
  readonly bucket: IBucket;
  readonly key: IKey | undefined;
  readonly removalPolicy: RemovalPolicy;
}

/** Folders of the bucket beside those that the deliveries fill. */
export const LAKE_FOLDERS = { tables: 'tables', nightly: 'nightly', results: 'athena' } as const;

/** Of the folders that deliveries and runs fill. */
export const LINE_TABLES = ['raw_lines', 'enriched_lines', 'run_lines'] as const;
export const ICEBERG_TABLES = Object.keys(LAKE_TABLES);

/** No event of ours arrived before this day. */
const FIRST_DAY = '2026-01-01';

/**
 * What the lake's objects are called in SQL: lines as they arrived, tables that the nightly job
 * keeps, and the one place from which they are asked.
 *
 * Names are given here, as nowhere else: SQL needs them, and Glue and Athena make none up.
 */
export class Lake extends Construct {
  readonly databaseName: string;
  readonly workGroupName: string;
  readonly #props: LakeProps;

  constructor(scope: Construct, id: string, props: LakeProps) {
    super(scope, id);
    this.#props = props;
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: {
        name: `tributary_${props.stage.replaceAll('-', '_')}`,
        description: 'Events as they arrived, and what the nightly job makes of them',
      },
    });
    database.applyRemovalPolicy(props.removalPolicy);
    this.databaseName = database.ref;

    for (const folder of ['raw', 'enriched'] as const) {
      this.#lines(`${folder}_lines`, `${folder}/dt=\${dt}/hr=\${hr}/`, {
        dt: { type: 'date', range: `${FIRST_DAY},NOW+1DAY`, format: 'yyyy-MM-dd' },
        hr: { type: 'integer', range: '0,23', digits: '2' },
      });
    }
    this.#lines('run_lines', `${LAKE_FOLDERS.nightly}/\${run}/`, { run: { type: 'injected' } });
    for (const [name, table] of Object.entries(LAKE_TABLES)) this.#iceberg(name, table);

    this.workGroupName = this.#workGroup().ref;
  }

  /** A JSON SerDe fails the whole query on one odd line, so a line is a text, and SQL reads it. */
  #lines(
    name: string,
    folders: string,
    partitions: Readonly<Record<string, Readonly<Record<string, string>>>>,
  ): void {
    const { bucket, removalPolicy } = this.#props;
    const location = bucket.s3UrlForObject(folders.split('/')[0]);
    const projection = Object.entries(partitions).flatMap(([partition, settings]) =>
      Object.entries(settings).map(([setting, value]) => [
        `projection.${partition}.${setting}`,
        value,
      ]),
    );
    const table = new CfnTable(this, idOf(name), {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: this.databaseName,
      tableInput: {
        name,
        tableType: 'EXTERNAL_TABLE',
        parameters: {
          EXTERNAL: 'TRUE',
          'projection.enabled': 'true',
          ...Object.fromEntries(projection),
          'storage.location.template': bucket.s3UrlForObject(folders),
        },
        partitionKeys: Object.keys(partitions).map((partition) => ({
          name: partition,
          type: 'string',
        })),
        storageDescriptor: {
          columns: [{ name: 'line', type: 'string' }],
          location: `${location}/`,
          inputFormat: 'org.apache.hadoop.mapred.TextInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat',
          serdeInfo: {
            serializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
            parameters: { 'serialization.format': '1' },
          },
        },
      },
    });
    table.applyRemovalPolicy(removalPolicy);
  }

  #iceberg(name: string, { columns, partitionedBy }: LakeTable): void {
    const { bucket, removalPolicy } = this.#props;
    const ids = new Map(Object.keys(columns).map((column, place) => [column, place + 1]));
    const table = new CfnTable(this, idOf(name), {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: this.databaseName,
      name,
      openTableFormatInput: {
        icebergInput: {
          metadataOperation: 'CREATE',
          version: '2',
          icebergTableInput: {
            location: bucket.s3UrlForObject(`${LAKE_FOLDERS.tables}/${name}`),
            schema: {
              type: 'struct',
              fields: Object.entries(columns).map(([column, type]) => ({
                id: ids.get(column) ?? 0,
                name: column,
                type,
                required: false,
              })),
            },
            ...(partitionedBy.length > 0 && {
              partitionSpec: {
                fields: partitionedBy.map((column) => ({
                  name: column,
                  sourceId: ids.get(column) ?? 0,
                  transform: 'identity',
                })),
              },
            }),
          },
        },
      },
    });
    table.applyRemovalPolicy(removalPolicy);
  }

  /** A statement cannot choose where results go, nor how they are encrypted, nor read more. */
  #workGroup(): CfnWorkGroup {
    const { config, stage, bucket, key, removalPolicy } = this.#props;
    const group = new CfnWorkGroup(this, 'WorkGroup', {
      name: `tributary-${stage}`,
      description: 'Everything that asks the lake',
      state: 'ENABLED',
      // Only what was asked once: what it found is in the bucket.
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        requesterPaysEnabled: false,
        bytesScannedCutoffPerQuery: config.scanGbMax * BYTES_PER_GB,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: bucket.s3UrlForObject(`${LAKE_FOLDERS.results}/`),
          encryptionConfiguration:
            key === undefined
              ? { encryptionOption: 'SSE_S3' }
              : { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn },
        },
      },
    });
    group.applyRemovalPolicy(removalPolicy);
    return group;
  }
}

const BYTES_PER_GB = 1_000_000_000;

/** `user_day` is the construct `UserDay`. */
const idOf = (name: string): string =>
  name
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
