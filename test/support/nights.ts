/** The nightly job's functions over memory, driven as its machine drives them. */
import { memoryItemLists } from '../../functions/adapters/memory-item-lists.ts';
import { MemoryMachine } from '../../functions/adapters/memory-machine.ts';
import { memoryQueryResults } from '../../functions/adapters/memory-query-results.ts';
import { memoryRunObjects } from '../../functions/adapters/memory-run-objects.ts';
import { memoryRunStore } from '../../functions/adapters/memory-run-store.ts';
import type { Lags } from '../../functions/core/nightly/cut.ts';
import type { PlanTask, PrintRequest } from '../../functions/core/nightly/tasks.ts';
import { plan } from '../../functions/plan/plan.ts';
import type { ResultRow } from '../../functions/ports/query-results.ts';

export const NIGHT_MS = Date.parse('2026-11-24T02:00:00.000Z');
const CALM: Lags = { iteratorAgeMs: [], readLagMs: [], freshnessMs: [], incoming: [] };

export const nights = () => {
  const clock = { nowMs: NIGHT_MS };
  const runs = memoryRunStore();
  const machine = new MemoryMachine();
  const lists = memoryItemLists();
  const objects = new Map<string, readonly string[]>();
  const results = new Map<string, readonly ResultRow[]>();
  const counts = new Map<string, number>();
  const lake = { versions: ['a', 'b'], lags: CALM };
  let randoms = 0;
  const ports = {
    runs,
    machine,
    now: () => clock.nowMs,
    random: () => {
      randoms += 1;
      return (randoms % 0x1_0000) / 0x1_0000;
    },
  };
  const serve = (task: PlanTask): Promise<object> =>
    plan({
      runs,
      lags: { read: async () => lake.lags },
      results: memoryQueryResults((id) => results.get(id)),
      objects: memoryRunObjects(objects, '2026-11-22'),
      versions: lake.versions,
      nameOf: (version) => `tag ${version}`,
      lists,
      print: (statement: PrintRequest) => `-- ${JSON.stringify(statement)}`,
      now: () => clock.nowMs,
      count: (name, count) => {
        counts.set(name, (counts.get(name) ?? 0) + count);
      },
    })(task);
  return { ...{ clock, runs, machine, lists, objects, results, counts, lake, ports, serve } };
};

export type Nights = ReturnType<typeof nights>;

export const sizeRows = (
  rows: number,
  users: number,
  totals: Readonly<Record<string, string>>,
): readonly ResultRow[] => [
  { measure: 'rows', version: null, amount: String(rows) },
  { measure: 'users', version: null, amount: String(users) },
  ...Object.entries(totals).map(([version, amount]) => ({ measure: 'total', version, amount })),
];
