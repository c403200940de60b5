import { memoryItemLists } from '../../functions/adapters/memory-item-lists.ts';
import { memoryRunObjects } from '../../functions/adapters/memory-run-objects.ts';
import { requestOf } from '../../functions/core/nightly/print-statement.ts';
import type { PlanTask } from '../../functions/core/nightly/tasks.ts';
import { encodeOff, offFromRows } from '../../functions/core/tags/off.ts';
import { load } from '../../functions/load/load.ts';
import { startRun } from '../../functions/nightly/start-run.ts';
import { plan } from '../../functions/plan/plan.ts';
import { planLoad } from '../../functions/plan-load/plan-load.ts';
import type { ItemListsWriter } from '../../functions/ports/item-lists.ts';
import { AthenaModel } from './athena-model.ts';
import { FunctionModel, type Handler, type MappingWorld } from './function-model.ts';
import type { LagsModel } from './lags-model.ts';
import { lakeTags } from './lake-compiled.ts';
import type { LakeModel } from './lake-model.ts';
import { LakeTables } from './lake-tables.ts';
import { MachineModel } from './machine-model.ts';
import type { Process } from './process.ts';
import { RunStoreModel } from './run-store-model.ts';
import type { TableModel } from './table-model.ts';

export interface NightParts extends MappingWorld {
  readonly lags: LagsModel;
  readonly raw: LakeModel;
  readonly enriched: LakeModel;
  readonly table: TableModel;
}

const TIMEOUT_MS = 60_000;
const TIME_SHARE = 0.8;
const WRITES_PER_SECOND = 50;
/** Whoever asked and got no answer asks again; who finds that a night failed asks a little later. */
const AGAIN_MS = 60_000;
const LOOKS_MAX = 40;
const nothing = (): void => undefined;

/** The nightly job: its shipped functions, its shipped machine, and the lake that its statements make. */
export const createNight = (parts: NightParts) => {
  const { scheduler, faults, randoms, lags, raw, enriched, table } = parts;
  const world = { scheduler, faults, randoms };
  const runs = new RunStoreModel(faults);
  const tables = new LakeTables(
    () => raw.objects(),
    () => enriched.objects(),
    lakeTags,
  );
  // A statement travels as what it was asked by: its tree is made, and read, where it is executed.
  const athena = new AthenaModel(world, (sql) => tables.execute(JSON.parse(sql)));
  const made = (name: string, start: (process: Process) => unknown) =>
    new FunctionModel(world, name, TIMEOUT_MS, (process) => start(process) as Handler);
  const count = () => undefined;
  const lists = memoryItemLists();
  const listsPort = (process: Process): ItemListsWriter => ({
    put: (row) => process.call('put lists', () => lists.put(row)).then(() => undefined),
    pointTo: (...asked) =>
      process.call('point to lists', () => lists.pointTo(...asked)).then((said) => said),
  });
  const objects = (process: Process) => {
    const kept = memoryRunObjects(tables.unloaded, enriched.firstDay());
    return {
      ...kept,
      list: (...[run, what]: Parameters<typeof kept.list>) =>
        process.call('list', () => kept.list(run, what)).then((keys) => keys),
    };
  };
  const functions = {
    Plan: made('plan', (process) => {
      const answer = plan({
        runs: runs.port(process),
        lags: lags.port(process),
        objects: { firstLanding: () => process.call('list', () => enriched.firstDay()) },
        results: athena.resultsPort(process),
        versions: lakeTags.lake.map(({ version }) => version),
        nameOf: (version) => version,
        lists: listsPort(process),
        print: (statement, planned) => JSON.stringify(requestOf(statement, planned)),
        ...{ now: process.now, count },
      });
      return (task: PlanTask) => answer(task);
    }),
    PlanLoad: made('plan-load', (process) =>
      planLoad({ runs: runs.port(process), objects: objects(process) }),
    ),
    Load: made('load', (process) => {
      const serve = load({
        runs: runs.port(process),
        objects: objects(process),
        off: table.offPort(process),
        lists: listsPort(process),
        encode: (rows, versions) => encodeOff(offFromRows(rows, versions, lakeTags.lake)),
        writesPerSecond: WRITES_PER_SECOND,
        ...{ now: process.now, sleep: process.sleep, count },
      });
      return (
        task: Parameters<typeof serve>[0],
        context: { readonly getRemainingTimeInMillis: () => number },
      ) => serve(task, process.now() + TIME_SHARE * context.getRemainingTimeInMillis());
    }),
    Reconcile: made('reconcile', () => async () => ({ users: 0, drift: {} })),
  };
  const machine = new MachineModel(world, functions, athena);
  const nightly = made('nightly', (process) => {
    const ports = {
      runs: runs.port(process),
      machine: machine.port(process),
      ...{ now: process.now, random: randoms.night },
    };
    return () => startRun(ports);
  });

  let open = 0;
  /** What nobody asks for any more while things go wrong is the next night's; afterwards it is a fault. */
  const giveUp = (): void => {
    if (faults.on) open -= 1;
  };

  /** As the Scheduler does it: until somebody answers. */
  const trigger = (then = nothing, orElse = nothing, left = LOOKS_MAX): void =>
    nightly.invoke('{"source":"schedule"}', ({ error }) => {
      if (error === undefined) then();
      else if (left > 0)
        scheduler.after(AGAIN_MS, 'trigger again', () => trigger(then, orElse, left - 1));
      else orElse();
    });

  /** A night, and whatever it takes until one has been loaded that began no earlier. */
  const begin = (): void => {
    open += 1;
    const sinceMs = scheduler.nowMs;
    const look = (left: number): void => {
      void runs.kept.loaded().then((loaded) => {
        if (loaded !== undefined && Number(loaded.runId.slice(0, 13)) >= sinceMs) open -= 1;
        else if (left > 0)
          trigger(
            () => scheduler.after(AGAIN_MS, 'look at the night', () => look(left - 1)),
            giveUp,
          );
        else giveUp();
      });
    };
    if (faults.happens('run is started twice', 15)) trigger();
    look(LOOKS_MAX);
  };
  return {
    runs,
    tables,
    lists,
    athena,
    machine,
    functions,
    trigger,
    begin,
    isOver: () => open === 0,
  };
};
export type Night = ReturnType<typeof createNight>;
