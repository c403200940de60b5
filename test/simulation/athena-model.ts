import type { QueryResults, ResultRow } from '../../functions/ports/query-results.ts';
import type { MappingWorld } from './function-model.ts';
import type { Process } from './process.ts';

export type QueryEnd =
  | { readonly kind: 'succeeded'; readonly queryExecutionId: string }
  | { readonly kind: 'failed'; readonly error: string };

/** What a statement does to the lake, and the rows that it answers with. */
export type Execute = (sql: string) => readonly ResultRow[];

const QUERY_MS_MAX = 4_000;
/** A statement may run for half an hour. */
const LATE_MS_MAX = 1_800_000;

/** Athena: a statement happens as a whole at one instant, or not, or when nobody waits for it any more. */
export class AthenaModel {
  /** Between a statement and the news of it, for histories that are written by hand. */
  onExecuted: (sql: string) => void = () => undefined;
  readonly #results = new Map<string, readonly ResultRow[]>();
  readonly #world: MappingWorld;
  readonly #execute: Execute;
  #ids = 0;

  constructor(world: MappingWorld, execute: Execute) {
    this.#world = world;
    this.#execute = execute;
  }

  run(sql: string, done: (end: QueryEnd) => void): void {
    const { scheduler, randoms, faults } = this.#world;
    this.#ids += 1;
    const queryExecutionId = `q-${this.#ids}`;
    const fails = faults.happens('statement fails before its effect', 0.5);
    const isLost = faults.happens('statement happens, its end is lost', 0.5);
    const isLate = faults.happens('statement happens after its caller gave up', 0.5);
    const lateMs = isLate ? LATE_MS_MAX * faults.draw() ** 3 : 0;
    const takesMs = 500 + QUERY_MS_MAX * randoms.night() ** 2;
    let error: string | undefined = fails || isLate || isLost ? 'States.TaskFailed' : undefined;
    if (!fails)
      scheduler.after(takesMs / 2 + lateMs, `execute ${queryExecutionId}`, () => {
        try {
          this.#results.set(queryExecutionId, this.#execute(sql));
        } catch (cause) {
          if (!(cause instanceof Error) || cause.name !== 'QueryError') throw cause;
          error = 'States.TaskFailed';
        }
        this.onExecuted(sql);
      });
    scheduler.after(takesMs, `end of ${queryExecutionId}`, () =>
      done(
        error === undefined ? { kind: 'succeeded', queryExecutionId } : { kind: 'failed', error },
      ),
    );
  }

  resultsPort(process: Process): QueryResults {
    const results = this.#results;
    return {
      rows: async function* (queryExecutionId) {
        yield* await process.call('query results', () => results.get(queryExecutionId) ?? []);
      },
    };
  }
}
