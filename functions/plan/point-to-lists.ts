/** The last thing that is done about a run's lists: from then on readers take them. */
import { errorSentence } from '../core/nightly/error-sentence.ts';
import { ERROR_CHARACTERS_MAX } from '../core/nightly/run.ts';
import type { Listed, PlanTask } from '../core/nightly/tasks.ts';
import type { ItemListsWriter } from '../ports/item-lists.ts';
import type { QueryResults } from '../ports/query-results.ts';
import type { RunStore } from '../ports/run-store.ts';
import type { Count } from '../runtime/metrics.ts';

export interface ListsPorts {
  readonly runs: RunStore;
  readonly results: QueryResults;
  readonly lists: Pick<ItemListsWriter, 'pointTo'>;
  readonly now: () => number;
  readonly count: Count;
}

type Point = Extract<PlanTask, { readonly task: 'point' }>;
type Unlisted = Extract<PlanTask, { readonly task: 'unlisted' }>;

export const pointToLists = async (
  { results, lists, now, count }: ListsPorts,
  { plan, queryExecutionId }: Point,
): Promise<Listed> => {
  const { runId: version, cut } = plan;
  for await (const { tenant } of results.rows(queryExecutionId)) {
    const said = await lists.pointTo(tenant ?? '', { version, cut }, now());
    count(said === 'pointed' ? 'ListsPointed' : 'ListsNewer', 1);
  }
  return { through: cut };
};

/** Readers keep what they have, and the next night takes up what this one has left. */
export const noteUnlisted = async (
  { runs, count }: ListsPorts,
  { error, ...run }: Unlisted,
): Promise<Listed> => {
  const sentence = `The tags are loaded, the lists of items are not: ${errorSentence(error)}`;
  await runs.change(run, { error: sentence.slice(0, ERROR_CHARACTERS_MAX) });
  count('NightUnlisted', 1);
  return { through: null };
};
