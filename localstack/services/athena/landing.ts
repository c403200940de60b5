/** The objects that a statement reads of a table on objects: the partitions that its WHERE allows. */
import { join } from 'node:path';
import { keyPath } from '../s3/object-paths.ts';
import type { LandingTable } from './catalog.ts';
import {
  filesUnder,
  folderOf,
  namesBelow,
  type ObjectFile,
  parseLocation,
  type StoredObjects,
} from './objects.ts';
import { isProjected, locationOf, placeholdersOf, readSegment } from './projection.ts';
import { conditionsOn, type TableReference } from './references.ts';
import { Refusal } from './refusal.ts';

export type PartitionValues = Readonly<Record<string, string>>;

interface Found {
  readonly folder: string;
  readonly values: PartitionValues;
}

/** Folders that are there and that the projection knows, segment by segment of the template. */
const presentPartitions = (
  table: LandingTable,
  objects: StoredObjects,
  nowMs: number,
): readonly PartitionValues[] => {
  const { bucket, key } = parseLocation(table.template);
  const projections = new Map(table.partitions.map(({ name, projection }) => [name, projection]));
  let found: readonly Found[] = [{ folder: objects.folder(bucket), values: {} }];
  for (const segment of key.split('/').filter(Boolean)) {
    found = found.flatMap(({ folder, values }) => {
      if (placeholdersOf(segment).length === 0) {
        return [{ folder: join(folder, keyPath(segment)), values }];
      }
      return namesBelow(folder).flatMap((name) => {
        const read = readSegment(segment, name);
        const known = Object.entries(read ?? { '': '' }).every(([partition, value]) => {
          const projection = projections.get(partition);
          return projection !== undefined && isProjected(projection, value, nowMs);
        });
        return read !== undefined && known
          ? [{ folder: join(folder, name), values: { ...values, ...read } }]
          : [];
      });
    });
  }
  return found.map(({ values }) => values);
};

/** An injected partition has the values that the query says, and must be said. */
const injectedValues = (
  table: LandingTable,
  reference: TableReference,
): readonly PartitionValues[] => {
  const [partition] = table.partitions;
  if (partition === undefined || table.partitions.length > 1) {
    throw new Refusal('NOT_SUPPORTED', 'an injected partition beside others');
  }
  const said = conditionsOn(reference, [partition.name]);
  const values = said.flatMap((condition) => condition.values ?? []);
  if (values.length === 0) {
    throw new Refusal(
      'CONSTRAINT_VIOLATION',
      `For the injected projected partition column ${partition.name}, the WHERE clause must contain only static equality conditions, and at least one such condition must be present.`,
    );
  }
  return [...new Set(values)].map((value) => ({ [partition.name]: value }));
};

/** Keeps the partitions for which the conditions hold; asked of the engine that runs the query. */
export type PartitionFilter = (
  candidates: readonly PartitionValues[],
  columns: readonly string[],
  where: { readonly alias: string; readonly conditions: readonly string[] },
) => Promise<readonly PartitionValues[]>;

export interface LandingOptions {
  readonly objects: StoredObjects;
  readonly nowMs: number;
  readonly filter: PartitionFilter;
}

export const filesOf = async (
  table: LandingTable,
  references: readonly TableReference[],
  { objects, nowMs, filter }: LandingOptions,
): Promise<readonly ObjectFile[]> => {
  const columns = table.partitions.map(({ name }) => name);
  const injected = table.partitions.some(({ projection }) => projection.kind === 'injected');
  const folders = new Set<string>();
  for (const reference of references) {
    const candidates = injected
      ? injectedValues(table, reference)
      : presentPartitions(table, objects, nowMs);
    const conditions = conditionsOn(reference, columns).map(({ text }) => text);
    const kept =
      conditions.length === 0 || columns.length === 0
        ? candidates
        : await filter(candidates, columns, { alias: reference.alias, conditions });
    for (const values of kept) folders.add(folderOf(objects, locationOf(table, values)));
  }
  return [...folders].flatMap((folder) => filesUnder(folder));
};
