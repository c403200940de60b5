/** A DuckDB that answers as Trino does; `openLake` makes one. */
import type { DuckDBResultReader } from '@duckdb/node-api';
import type { Polyglot } from './dialect.ts';

export interface Lake {
  /** A statement in Trino's text; UNLOAD gives the rows that it would write. */
  readonly run: (trino: string) => Promise<DuckDBResultReader>;
  /** A statement in DuckDB's own text, as it is. */
  readonly runDuck: (sql: string) => Promise<DuckDBResultReader>;
  readonly toDuck: (trino: string) => string;
  readonly polyglot: Polyglot;
  /** Ends the statement that runs. */
  readonly interrupt: () => void;
  readonly close: () => void;
}
