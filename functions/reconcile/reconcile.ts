/** Compares the stream's sums of the users that were loaded with the lake's, tag by tag. */
import type { Origin } from '../core/event/event.ts';
import {
  addDifferences,
  type ComparedDays,
  type Difference,
  DRIFT_DAYS,
  difference,
  type LakeAmount,
  percentOf,
  readLakeAmount,
  streamAmount,
} from '../core/nightly/drift.ts';
import { dayNumber } from '../core/nightly/plan-night.ts';
import type { Reconciled, ReconcileTask } from '../core/nightly/tasks.ts';
import type { FoldedTag } from '../core/tags/compile.ts';
import type { TagState, Tags } from '../core/tags/fold.ts';
import { utcDayOf } from '../core/time.ts';
import { UnreadableEntry } from '../ports/profile-entries.ts';
import type { ProfileReader, ReadProfile } from '../ports/profile-reader.ts';
import type { QueryResults } from '../ports/query-results.ts';
import type { RunStore } from '../ports/run-store.ts';

export interface ReconcilePorts {
  readonly runs: RunStore;
  readonly results: QueryResults;
  readonly profiles: ProfileReader;
  /** Tags that are both in the stream and in the lake. */
  readonly tags: readonly FoldedTag[];
  readonly now: () => number;
  /** Once for each tag, in percent. */
  readonly measured: (tag: string, percent: number) => void;
}

/** As many as one read of the table takes. */
const USERS_AT_ONCE = 50;

interface UserAmounts {
  readonly origin: Origin;
  readonly amounts: readonly LakeAmount[];
}

/** Rows come in the order of their users; the last chunk is what is left. */
async function* usersOf(rows: AsyncIterable<Readonly<Record<string, string | null>>>) {
  let users: UserAmounts[] = [];
  for await (const row of rows) {
    const amount = readLakeAmount(row);
    const last = users.at(-1);
    if (last?.origin.tenant === amount.tenant && last.origin.user === amount.user) {
      users[users.length - 1] = { ...last, amounts: [...last.amounts, amount] };
      continue;
    }
    if (users.length === USERS_AT_ONCE) {
      yield users;
      users = [];
    }
    users.push({ origin: { tenant: amount.tenant, user: amount.user }, amounts: [amount] });
  }
  if (users.length > 0) yield users;
}

/** It has been folded since before the first of those days. */
const hasMet = ({ since }: TagState, { cut }: ComparedDays): boolean =>
  utcDayOf(since) < cut - DRIFT_DAYS;

/** What can be compared of a user: versions whose every event of those days the profile has met. */
const compared = (
  tags: Tags | undefined,
  { amounts }: UserAmounts,
  days: ComparedDays,
): readonly (readonly [string, Difference])[] =>
  amounts.flatMap(({ version, amount }) => {
    const state = tags?.states.find(({ tag }) => tag.version === version);
    if (state?.held.kind !== 'days' || !hasMet(state, days)) return [];
    const { shape } = state.tag;
    const windowDays = shape.kind === 'days' ? shape.windowDays : undefined;
    const stream = streamAmount(state.held.value, windowDays, days);
    return stream === undefined ? [] : [[version, difference(stream, amount)] as const];
  });

/** A profile that cannot be read pages by itself; it says nothing here. */
const readOne = async (
  profiles: ProfileReader,
  { origin }: UserAmounts,
): Promise<ReadProfile | undefined> => {
  try {
    return (await profiles.read([origin]))[0];
  } catch (fault) {
    if (fault instanceof UnreadableEntry) return undefined;
    throw fault;
  }
};

const readSome = async (profiles: ProfileReader, users: readonly UserAmounts[]) => {
  try {
    return await profiles.read(users.map(({ origin }) => origin));
  } catch (fault) {
    if (!(fault instanceof UnreadableEntry)) throw fault;
    return Promise.all(users.map((user) => readOne(profiles, user)));
  }
};

const sumUp = async (
  { results, profiles, now }: ReconcilePorts,
  { plan, queryExecutionId }: ReconcileTask,
  stopAtMs: number,
) => {
  const days = { cut: dayNumber(plan.cut), today: dayNumber(plan.today) };
  const sums = new Map<string, Difference>();
  let users = 0;
  for await (const some of usersOf(results.rows(queryExecutionId))) {
    const read = await readSome(profiles, some);
    for (const [place, user] of some.entries()) {
      for (const [version, one] of compared(read[place]?.facets.tags, user, days))
        sums.set(version, addDifferences(sums.get(version), one));
    }
    users += some.length;
    // Whoever comes first stands for the rest.
    if (now() >= stopAtMs) break;
  }
  return { users, sums };
};

export const reconcile =
  (ports: ReconcilePorts) =>
  async (task: ReconcileTask, stopAtMs: number): Promise<Reconciled> => {
    const { runs, tags, measured } = ports;
    await runs.change(task.plan, { step: task.step ?? 'reconcile' });
    const { users, sums } = await sumUp(ports, task, stopAtMs);
    const drift = new Map<string, number>();
    for (const { version, definition } of tags) {
      const sum = sums.get(version);
      if (sum === undefined) continue;
      const percent = percentOf(sum);
      drift.set(definition.name, percent);
      measured(definition.name, percent);
    }
    return { users, drift: Object.fromEntries(drift) };
  };
