/** Athena and Glue of the local cloud: DuckDB over the object files, tables in one file of its own. */
import { join } from 'node:path';
import type { LocalService, MetricSink } from '../../cloud.ts';
import { type Input, jsonService } from '../aws-json.ts';
import { Catalog } from './catalog.ts';
import { LakeEngine } from './engine.ts';
import { ExecutionStore } from './execution-store.ts';
import { createGlue } from './glue.ts';
import type { StoredObjects } from './objects.ts';
import { operations } from './operations.ts';
import { ResultPages } from './results.ts';
import { Runner } from './runner.ts';
import { PRIMARY, type WorkGroup, workGroupType } from './workgroup.ts';

export interface AthenaOptions {
  /** The data folder of the local cloud; the lake lives in `lake/` below it. */
  readonly dataDir: string;
  readonly clock: { readonly now: () => number };
  readonly objects: StoredObjects;
  readonly metrics: MetricSink;
  readonly report?: (fault: unknown) => void;
  readonly restAfterMs?: number;
}

export interface Athena extends LocalService {
  readonly glue: LocalService;
  /** For callers in this process: an operation of the API by its name. */
  readonly call: (operation: string, input: Input) => Promise<object>;
}

export const createAthena = (options: AthenaOptions): Athena => {
  const { dataDir, clock, objects, metrics, report } = options;
  const folder = join(dataDir, 'lake');
  const catalog = new Catalog();
  const { now } = clock;
  const store = new ExecutionStore(join(folder, 'executions'), now);
  const engine = new LakeEngine({ folder, catalog, objects, now });
  const runner = new Runner({ ...options, engine, store, objects, metrics, now, report });
  const groups = new Map<string, WorkGroup>([[PRIMARY.name, PRIMARY]]);
  const results = new ResultPages(objects);
  const api = operations({ objects, store, runner, results, groups, now });
  return {
    handle: jsonService({ version: '1.1', operations: api, report }),
    resourceTypes: [workGroupType(groups)],
    glue: createGlue(catalog, report),
    call: async (operation, input) => {
      const known = api[operation];
      if (known === undefined) throw new Error(`Athena's ${operation} is not in the local cloud`);
      return known(input);
    },
    close: async () => {
      await runner.close();
      await engine.close();
    },
  };
};
