/** The catalogue as whoever recommends takes it: immutable versions, of which a pointer names the newest. */
export interface CatalogueSnapshotsReader {
  /** Undefined where nothing was ever put. */
  readonly pointer: (tenant: string) => Promise<CataloguePointer | undefined>;
  /** A line for each item (core/catalogue/snapshot.ts); undefined where it is gone, or was never. */
  readonly read: (tenant: string, version: string) => Promise<readonly string[] | undefined>;
}

export interface CataloguePointer {
  readonly version: string;
  /** Kept for readers that hold the pointer from before. */
  readonly previous?: string | undefined;
}

export interface CatalogueSnapshotsWriter {
  /** The same version says the same, so writing it twice is writing it once. */
  readonly write: (tenant: string, version: string, lines: readonly string[]) => Promise<void>;
  /** Where the pointer is still as expected, or moved here already; `expected` becomes the previous one. */
  readonly pointTo: (
    tenant: string,
    version: string,
    expected: string | undefined,
  ) => Promise<'moved' | 'lost'>;
  /** What is not there is as good as removed. */
  readonly remove: (tenant: string, version: string) => Promise<void>;
}

export interface CatalogueSnapshots extends CatalogueSnapshotsReader, CatalogueSnapshotsWriter {}
