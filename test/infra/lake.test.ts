import { expect, test } from 'vitest';
import { LAKE_TABLES } from '../../functions/core/lake/tables.ts';
import { ofSize, plain, SIZES, sorted, theOne } from './templates.ts';

const { dataTemplate } = ofSize('standard');

interface TableProperties {
  readonly Name?: string;
  readonly TableInput?: {
    readonly Name: string;
    readonly Parameters: Readonly<Record<string, unknown>>;
    readonly PartitionKeys: readonly unknown[];
    readonly StorageDescriptor: {
      readonly Columns: readonly unknown[];
      readonly Location: unknown;
      readonly SerdeInfo: { readonly SerializationLibrary: string };
    };
  };
  readonly OpenTableFormatInput?: {
    readonly IcebergInput: {
      readonly IcebergTableInput: {
        readonly Location: unknown;
        readonly Schema: {
          readonly Fields: readonly { readonly Id: number; readonly Name: string }[];
        };
        readonly PartitionSpec?: {
          readonly Fields: readonly { readonly SourceId: number; readonly Transform: string }[];
        };
      };
    };
  };
}

const tables = Object.values(dataTemplate.findResources('AWS::Glue::Table')).map(
  ({ Properties }) => Properties as TableProperties,
);

const lines = (name: string) => {
  const found = tables.find(({ TableInput }) => TableInput?.Name === name)?.TableInput;
  if (found === undefined) throw new Error(`no table ${name}`);
  return found;
};

const iceberg = (name: string) => {
  const found = tables.find(({ Name }) => Name === name)?.OpenTableFormatInput;
  if (found === undefined) throw new Error(`no Iceberg table ${name}`);
  return found.IcebergInput.IcebergTableInput;
};

test('a table on objects has one column, a line, and finds its partitions by arithmetic', () => {
  for (const name of ['raw_lines', 'enriched_lines', 'run_lines']) {
    const { StorageDescriptor, Parameters } = lines(name);
    expect(StorageDescriptor.Columns).toEqual([{ Name: 'line', Type: 'string' }]);
    // A JSON SerDe would fail the whole query on a line that is none.
    expect(StorageDescriptor.SerdeInfo.SerializationLibrary).toMatch(/LazySimpleSerDe$/);
    expect(Parameters['projection.enabled']).toBe('true');
  }
});

test('the hours of raw and enriched lines are the folders that the deliveries fill', () => {
  for (const folder of ['raw', 'enriched']) {
    const { Parameters, PartitionKeys } = lines(`${folder}_lines`);
    expect(PartitionKeys).toEqual([
      { Name: 'dt', Type: 'string' },
      { Name: 'hr', Type: 'string' },
    ]);
    expect(plain(Parameters['storage.location.template'])).toBe(
      `s3://{Lake}/${folder}/dt=\${dt}/hr=\${hr}/`,
    );
    expect(Parameters).toMatchObject({
      'projection.dt.type': 'date',
      'projection.dt.format': 'yyyy-MM-dd',
      'projection.hr.type': 'integer',
      'projection.hr.range': '0,23',
      'projection.hr.digits': '2',
    });
    const delivery = theOne(
      dataTemplate,
      'AWS::KinesisFirehose::DeliveryStream',
      folder === 'raw' ? 'Raw' : 'Enriched',
    ).Properties as { ExtendedS3DestinationConfiguration: { Prefix: string } };
    expect(delivery.ExtendedS3DestinationConfiguration.Prefix).toBe(
      `${folder}/dt=!{timestamp:yyyy-MM-dd}/hr=!{timestamp:HH}/`,
    );
  }
});

test('what a run unloaded is read where the statement says which run', () => {
  const { Parameters } = lines('run_lines');
  expect(Parameters['projection.run.type']).toBe('injected');
  expect(plain(Parameters['storage.location.template'])).toBe(`s3://{Lake}/nightly/\${run}/`);
});

test('the Iceberg tables have the columns that the core says, and none that a tag made', () => {
  expect(sorted(tables.flatMap(({ Name }) => Name ?? []))).toEqual(
    sorted(Object.keys(LAKE_TABLES)),
  );
  for (const [name, { columns }] of Object.entries(LAKE_TABLES)) {
    const { Location, Schema } = iceberg(name);
    expect(plain(Location)).toBe(`s3://{Lake}/tables/${name}`);
    expect(Schema.Fields.map(({ Name }) => Name)).toEqual(Object.keys(columns));
    expect(new Set(Schema.Fields.map(({ Id }) => Id)).size).toBe(Schema.Fields.length);
  }
});

test('events and their rows of a day lie by the day of arrival, which never changes', () => {
  for (const name of ['events', 'user_day']) {
    const { PartitionSpec, Schema } = iceberg(name);
    const day = Schema.Fields.find(({ Name }) => Name === 'arrival_day')?.Id;
    expect(PartitionSpec?.Fields).toMatchObject([{ SourceId: day, Transform: 'identity' }]);
  }
});

test('two stages of one account have each a database and a workgroup of its own', () => {
  const names = [
    theOne(dataTemplate, 'AWS::Glue::Database').Properties.DatabaseInput,
    theOne(dataTemplate, 'AWS::Athena::WorkGroup').Properties.Name,
  ];
  expect(names).toMatchObject([{ Name: 'tributary_dev' }, 'tributary-dev']);
});

test('results are encrypted, kept for a day, and no statement can send them elsewhere', () => {
  const groups = SIZES.map(
    (size) =>
      theOne(ofSize(size).dataTemplate, 'AWS::Athena::WorkGroup').Properties
        .WorkGroupConfiguration as Record<string, unknown>,
  );
  for (const group of groups) {
    expect(group.EnforceWorkGroupConfiguration).toBe(true);
    expect(group.EngineVersion).toEqual({ SelectedEngineVersion: 'Athena engine version 3' });
  }
  const encryption = groups.map(({ ResultConfiguration }) => {
    const { OutputLocation, EncryptionConfiguration } = Object(ResultConfiguration);
    expect(plain(OutputLocation)).toBe('s3://{Lake}/athena/');
    return EncryptionConfiguration.EncryptionOption;
  });
  expect(encryption).toEqual(['SSE_S3', 'SSE_KMS', 'SSE_KMS']);
  const { LifecycleConfiguration } = theOne(dataTemplate, 'AWS::S3::Bucket', 'Lake').Properties;
  const { Rules } = Object(LifecycleConfiguration);
  expect(Rules).toContainEqual({ Prefix: 'athena/', ExpirationInDays: 1, Status: 'Enabled' });
  expect(Rules).toContainEqual({ Prefix: 'nightly/', ExpirationInDays: 14, Status: 'Enabled' });
  // Iceberg alone knows which of its files are still somebody's.
  expect(JSON.stringify(Rules)).not.toContain('tables/');
});

test('a scan is capped: 50 GB, 500 GB, 20 TB', () => {
  const caps = SIZES.map(
    (size) =>
      Object(
        theOne(ofSize(size).dataTemplate, 'AWS::Athena::WorkGroup').Properties
          .WorkGroupConfiguration,
      ).BytesScannedCutoffPerQuery,
  );
  expect(caps).toEqual([50e9, 500e9, 20e12]);
});
