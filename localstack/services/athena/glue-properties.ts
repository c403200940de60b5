/** AWS::Glue::Database and AWS::Glue::Table, read strictly: what cannot be honoured is a sentence. */
import type { ResolvedResource } from '../../cloud.ts';
import type {
  Column,
  Database,
  IcebergTable,
  LakeTable,
  LandingTable,
  Partition,
  Projection,
} from './catalog.ts';

interface StorageDescriptor {
  readonly Columns?: readonly { readonly Name: string; readonly Type?: string }[];
  readonly Location?: string;
  readonly SerdeInfo?: {
    readonly SerializationLibrary?: string;
    readonly Parameters?: Readonly<Record<string, string>>;
  };
}

interface TableInput {
  readonly Name?: string;
  readonly TableType?: string;
  readonly Parameters?: Readonly<Record<string, unknown>>;
  readonly PartitionKeys?: readonly { readonly Name: string; readonly Type?: string }[];
  readonly StorageDescriptor?: StorageDescriptor;
}

interface IcebergTableInput {
  readonly Location: string;
  readonly Schema: {
    readonly Fields: readonly {
      readonly Id: number;
      readonly Name: string;
      readonly Required?: boolean | string;
      readonly Type: string;
    }[];
  };
  readonly Properties?: Readonly<Record<string, string>>;
  readonly PartitionSpec?: {
    readonly Fields: readonly { readonly SourceId: number; readonly Transform: string }[];
  };
}

interface TableProperties {
  readonly CatalogId?: string;
  readonly DatabaseName: string;
  readonly Name?: string;
  readonly TableInput?: TableInput;
  readonly OpenTableFormatInput?: {
    readonly IcebergInput?: {
      readonly MetadataOperation?: string;
      readonly Version?: string | number;
      readonly IcebergTableInput?: IcebergTableInput;
    };
  };
}

const NAME = /^[a-z0-9_]+$/;

const named = (name: string | undefined): string => {
  if (name !== undefined && NAME.test(name)) return name;
  throw new Error(`Glue's names are of a-z, 0-9 and _, not ${name}`);
};

/** One account has one catalogue, and there is one account. */
const checkCatalog = (catalogId: unknown, accountId: string): void => {
  if (catalogId === accountId) return;
  throw new Error(`the catalogue of the local cloud is ${accountId}, not ${String(catalogId)}`);
};

export const databaseOf = ({ properties }: ResolvedResource, accountId: string): Database => {
  checkCatalog(properties.CatalogId, accountId);
  const input = properties.DatabaseInput as {
    readonly Name?: string;
    readonly Description?: string;
    readonly LocationUri?: string;
  };
  const name = named(input.Name ?? (properties.DatabaseName as string | undefined));
  return {
    name,
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.LocationUri === undefined ? {} : { location: input.LocationUri }),
  };
};

const ONE_COLUMN =
  'a table on objects has ONE column of type string in the local cloud, a line (a JSON SerDe fails whole queries)';
const SERDE = 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe';

/** A delimiter that no JSON text holds as it is. */
const isUnprintable = (value: string): boolean => value.length === 1 && value < '\t';

const checkSerde = (storage: StorageDescriptor): void => {
  const { SerializationLibrary: library = SERDE, Parameters: parameters = {} } =
    storage.SerdeInfo ?? {};
  if (library !== SERDE) throw new Error(`the local cloud reads lines by ${SERDE}, not ${library}`);
  for (const [name, value] of Object.entries(parameters)) {
    const harmless =
      (name === 'field.delim' && isUnprintable(value)) ||
      (name === 'serialization.format' && (value === '1' || isUnprintable(value)));
    if (!harmless) throw new Error(`the SerDe's ${name} would change what a line is`);
  }
};

const projectionOf = (name: string, parameters: Readonly<Record<string, unknown>>): Projection => {
  const setting = (what: string): string => String(parameters[`projection.${name}.${what}`] ?? '');
  const type = setting('type');
  if (type === 'injected') return { kind: 'injected' };
  if (type === 'enum') return { kind: 'enum', values: setting('values').split(',') };
  const range = setting('range');
  if (type === 'date') {
    if (setting('format') !== 'yyyy-MM-dd')
      throw new Error('dates are projected by yyyy-MM-dd here');
    return { kind: 'date', range };
  }
  const [min, max] = range.split(',').map(Number);
  if (type !== 'integer' || min === undefined || max === undefined || Number.isNaN(min + max)) {
    throw new Error(`the partition ${name} is not projected: projection.${name}.type and .range`);
  }
  return { kind: 'integer', min, max, digits: Number(setting('digits') || 0) };
};

const PARAMETER =
  /^(EXTERNAL|classification|compressionType|typeOfData|projection\.enabled|projection\.[a-z0-9_]+\.(type|range|format|digits|interval|interval\.unit|values)|storage\.location\.template)$/;

const partitionsOf = (
  keys: readonly { readonly Name: string; readonly Type?: string }[],
  parameters: Readonly<Record<string, unknown>>,
): readonly Partition[] =>
  keys.map(({ Name, Type = 'string' }) => {
    if (!['string', 'int', 'bigint'].includes(Type)) {
      throw new Error(
        `the partition ${Name} is a ${Type}; the local cloud has string, int, bigint`,
      );
    }
    return { name: named(Name), type: Type, projection: projectionOf(Name, parameters) };
  });

const landingOf = (
  described: { readonly database: string; readonly name: string },
  input: TableInput,
): LandingTable => {
  const { Parameters: parameters = {}, StorageDescriptor: storage = {} } = input;
  const unknown = Object.keys(parameters).filter((name) => !PARAMETER.test(name));
  if (unknown.length > 0) throw new Error(`the parameters ${unknown.join(', ')} are not honoured`);
  const [line, ...more] = storage.Columns ?? [];
  if (line === undefined || more.length > 0 || line.Type !== 'string') throw new Error(ONE_COLUMN);
  checkSerde(storage);
  const partitions = partitionsOf(input.PartitionKeys ?? [], parameters);
  const enabled = String(parameters['projection.enabled'] ?? 'false') === 'true';
  if (partitions.length > 0 && !enabled) {
    throw new Error('partitions are projected in the local cloud: projection.enabled = true');
  }
  const location = `${storage.Location ?? ''}`.replace(/\/*$/, '/');
  const hive = partitions.map(({ name }) => `${name}=\${${name}}/`).join('');
  const template = String(parameters['storage.location.template'] ?? `${location}${hive}`);
  return {
    ...described,
    kind: 'landing',
    columns: [{ name: line.Name, type: 'string' }],
    partitions,
    template: template.replace(/\/*$/, '/'),
    shown: { ...input },
  };
};

const hasIceberg = (fields: IcebergTableInput): Pick<IcebergTable, 'columns' | 'partitionedBy'> => {
  const names = new Map(fields.Schema.Fields.map(({ Id, Name }) => [Id, Name]));
  return {
    columns: fields.Schema.Fields.map(({ Name, Type }) => ({ name: named(Name), type: Type })),
    partitionedBy: (fields.PartitionSpec?.Fields ?? []).flatMap(({ SourceId, Transform }) =>
      Transform === 'identity' ? (names.get(SourceId) ?? []) : [],
    ),
  };
};

const icebergOf = (
  described: { readonly database: string; readonly name: string },
  { TableInput: input = {}, OpenTableFormatInput: format }: TableProperties,
): IcebergTable => {
  const iceberg = format?.IcebergInput;
  if (iceberg?.MetadataOperation !== 'CREATE') throw new Error('MetadataOperation must be CREATE');
  if (!['2', '3'].includes(String(iceberg.Version ?? '2')))
    throw new Error('Iceberg version 2 or 3');
  const given = iceberg.IcebergTableInput;
  const storage = input.StorageDescriptor ?? {};
  const columns = (storage.Columns ?? []).map(
    ({ Name, Type = 'string' }): Column => ({ name: named(Name), type: Type }),
  );
  return {
    ...described,
    kind: 'iceberg',
    location: given?.Location ?? storage.Location ?? '',
    ...(given === undefined ? { columns, partitionedBy: [] } : hasIceberg(given)),
    shown: {
      ...input,
      Parameters: { ...input.Parameters, ...given?.Properties, table_type: 'ICEBERG' },
    },
  };
};

export const tableOf = ({ properties }: ResolvedResource, accountId: string): LakeTable => {
  const given = properties as unknown as TableProperties;
  checkCatalog(given.CatalogId, accountId);
  const described = {
    database: named(given.DatabaseName),
    name: named(given.TableInput?.Name ?? given.Name),
  };
  if (given.OpenTableFormatInput !== undefined) return icebergOf(described, given);
  if (given.TableInput === undefined) throw new Error('a table needs TableInput');
  return landingOf(described, given.TableInput);
};

export const TABLE_HONOURED = [
  'CatalogId',
  'DatabaseName',
  'Name',
  'TableInput.Name',
  'TableInput.Description',
  'TableInput.TableType',
  'TableInput.Parameters.*',
  'TableInput.PartitionKeys[].Name',
  'TableInput.PartitionKeys[].Type',
  'TableInput.PartitionKeys[].Comment',
  'TableInput.StorageDescriptor.Columns[].Name',
  'TableInput.StorageDescriptor.Columns[].Type',
  'TableInput.StorageDescriptor.Columns[].Comment',
  'TableInput.StorageDescriptor.Location',
  'TableInput.StorageDescriptor.InputFormat',
  'TableInput.StorageDescriptor.OutputFormat',
  'TableInput.StorageDescriptor.Compressed',
  'TableInput.StorageDescriptor.SerdeInfo.SerializationLibrary',
  'TableInput.StorageDescriptor.SerdeInfo.Parameters.*',
  'OpenTableFormatInput.IcebergInput.MetadataOperation',
  'OpenTableFormatInput.IcebergInput.Version',
  'OpenTableFormatInput.IcebergInput.IcebergTableInput.Location',
  'OpenTableFormatInput.IcebergInput.IcebergTableInput.Schema',
  'OpenTableFormatInput.IcebergInput.IcebergTableInput.PartitionSpec',
  'OpenTableFormatInput.IcebergInput.IcebergTableInput.Properties.*',
] as const;
