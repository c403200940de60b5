import type { RunName, Unloaded, UtcDate } from '../core/nightly/tasks.ts';

/** Objects of the lake, as far as the nightly job needs them beside its queries. */
export interface RunObjects {
  /** Keys of what a run has unloaded, sorted. They do not change once it has ended. */
  readonly list: (run: RunName, what: Unloaded) => Promise<readonly string[]>;
  /** Lines of one of them, in their order. */
  readonly lines: (key: string) => AsyncIterable<string>;
  /** The first day under which an enriched object lies. */
  readonly firstLanding: () => Promise<UtcDate | undefined>;
}
