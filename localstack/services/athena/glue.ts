/** Glue's catalogue by wire, and its types of the template. */
import type { LocalService, ResourceType } from '../../cloud.ts';
import { AwsFault, type Input, jsonService, type Operation } from '../aws-json.ts';
import type { Catalog, Database, LakeTable } from './catalog.ts';
import { databaseOf, TABLE_HONOURED, tableOf } from './glue-properties.ts';

const ACCOUNT = '000000000000';

const notFound = (what: string): AwsFault => new AwsFault('EntityNotFoundException', what);

const describeDatabase = ({ name, description, location }: Database): object => ({
  Name: name,
  ...(description === undefined ? {} : { Description: description }),
  ...(location === undefined ? {} : { LocationUri: location }),
  CatalogId: ACCOUNT,
});

const describeTable = (table: LakeTable): object => ({
  ...table.shown,
  Name: table.name,
  DatabaseName: table.database,
  CatalogId: ACCOUNT,
  ...(table.kind === 'landing'
    ? {}
    : {
        TableType: 'EXTERNAL_TABLE',
        StorageDescriptor: {
          Columns: table.columns.map(({ name, type }) => ({ Name: name, Type: type })),
          Location: table.location,
        },
      }),
});

const databaseIn = (catalog: Catalog, name: unknown): Database => {
  const found = catalog.database(String(name));
  if (found === undefined) throw notFound(`Database ${String(name)} not found.`);
  return found;
};

export const glueOperations = (catalog: Catalog): Readonly<Record<string, Operation>> => ({
  GetDatabase: ({ Name }: Input) => ({ Database: describeDatabase(databaseIn(catalog, Name)) }),
  GetDatabases: () => ({ DatabaseList: catalog.databases().map(describeDatabase) }),
  GetTable: ({ DatabaseName, Name }: Input) => {
    const { name } = databaseIn(catalog, DatabaseName);
    const table = catalog.table(name, String(Name));
    if (table === undefined) throw notFound(`Table ${String(Name)} not found.`);
    return { Table: describeTable(table) };
  },
  GetTables: ({ DatabaseName }: Input) => ({
    TableList: catalog.tables(databaseIn(catalog, DatabaseName).name).map(describeTable),
  }),
});

const databaseType = (catalog: Catalog): ResourceType => ({
  type: 'AWS::Glue::Database',
  honoured: [
    'CatalogId',
    'DatabaseName',
    'DatabaseInput.Name',
    'DatabaseInput.Description',
    'DatabaseInput.LocationUri',
  ],
  inert: { 'DatabaseInput.CreateTableDefaultPermissions': 'iam' },
  create: async (resource) => {
    const database = databaseOf(resource, ACCOUNT);
    catalog.putDatabase(database);
    return { ref: database.name, attributes: {} };
  },
});

const tableType = (catalog: Catalog): ResourceType => ({
  type: 'AWS::Glue::Table',
  honoured: TABLE_HONOURED,
  inert: {},
  create: async (resource) => {
    const table = tableOf(resource, ACCOUNT);
    catalog.putTable(table);
    return { ref: table.name, attributes: {} };
  },
});

export const createGlue = (
  catalog: Catalog,
  report: ((fault: unknown) => void) | undefined,
): LocalService => ({
  handle: jsonService({ version: '1.1', operations: glueOperations(catalog), report }),
  resourceTypes: [databaseType(catalog), tableType(catalog)],
  close: async () => undefined,
});
