/** What Glue knows: databases and tables, as the template describes them at each start. */

export interface Column {
  readonly name: string;
  /** As Glue names it: string, bigint, … */
  readonly type: string;
}

export type Projection =
  | { readonly kind: 'date'; readonly range: string }
  | {
      readonly kind: 'integer';
      readonly min: number;
      readonly max: number;
      readonly digits: number;
    }
  | { readonly kind: 'enum'; readonly values: readonly string[] }
  /** Its values are nowhere listed: a query says them. */
  | { readonly kind: 'injected' };

export interface Partition extends Column {
  readonly projection: Projection;
}

interface Described {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly Column[];
  /** Parameters, storage and the rest, as GetTable shows them. */
  readonly shown: Readonly<Record<string, unknown>>;
}

/** Lines of objects in a bucket; partitions are projected over its prefixes. */
export interface LandingTable extends Described {
  readonly kind: 'landing';
  readonly partitions: readonly Partition[];
  /** s3://bucket/enriched/dt=${dt}/hr=${hr}/ */
  readonly template: string;
}

/** Rows that are written; a table of the one DuckDB file. */
export interface IcebergTable extends Described {
  readonly kind: 'iceberg';
  readonly partitionedBy: readonly string[];
  readonly location: string;
}

export type LakeTable = LandingTable | IcebergTable;

export interface Database {
  readonly name: string;
  readonly description?: string;
  readonly location?: string;
}

export class Catalog {
  private readonly byName = new Map<string, Database>();
  private readonly tablesOf = new Map<string, Map<string, LakeTable>>();
  private changes = 0;

  /** Rises with each change: whoever made something of the catalog looks whether it still holds. */
  get version(): number {
    return this.changes;
  }

  putDatabase(database: Database): void {
    this.byName.set(database.name, database);
    this.changes += 1;
  }

  putTable(table: LakeTable): void {
    if (!this.byName.has(table.database)) {
      throw new Error(
        `the table ${table.name} names the database ${table.database}, which is not there`,
      );
    }
    const tables = this.tablesOf.get(table.database) ?? new Map<string, LakeTable>();
    this.tablesOf.set(table.database, tables.set(table.name, table));
    this.changes += 1;
  }

  databases(): readonly Database[] {
    return [...this.byName.values()];
  }

  database(name: string): Database | undefined {
    return this.byName.get(name.toLowerCase());
  }

  tables(database: string): readonly LakeTable[] {
    return [...(this.tablesOf.get(database.toLowerCase())?.values() ?? [])];
  }

  table(database: string, name: string): LakeTable | undefined {
    return this.tablesOf.get(database.toLowerCase())?.get(name.toLowerCase());
  }
}
