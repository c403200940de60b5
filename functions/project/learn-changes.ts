/** What a batch teaches of items that belong together, and what becomes of it. */
import { readFx } from '../core/analytics/effects.ts';
import { parseOriginKey } from '../core/event/event.ts';
import type { Fx } from '../core/profile/fx.ts';
import { learn, speaksForItems } from '../core/recommend/learn.ts';
import type { LearningPreset } from '../core/recommend/learning.ts';
import type { LearntVersions } from '../ports/learnt-versions.ts';
import type { PairDeltas } from '../ports/pair-deltas.ts';
import { isBreakerOpen } from '../runtime/guarded-stream.ts';
import { readTableStreamBatch, type TableStreamEvent } from '../runtime/table-stream-batch.ts';
import { USER_PREFIX } from './read-changes.ts';

export interface Learning {
  readonly deltas: PairDeltas;
  readonly versions: LearntVersions;
  readonly preset: LearningPreset;
}

/** One version of a profile whose events speak for items. */
export interface TeachingChange {
  readonly tenant: string;
  readonly user: string;
  readonly originKey: string;
  readonly version: number;
  readonly fx: Fx;
}

/** Every version, not a user's latest alone: each has the effects of its own write. */
export const readTeaching = (event: TableStreamEvent): readonly TeachingChange[] =>
  readTableStreamBatch(event).flatMap((record): readonly TeachingChange[] => {
    const { pk, sk, removed } = record;
    if (removed || sk !== 'rt' || !pk.startsWith(USER_PREFIX)) return [];
    const originKey = pk.slice(USER_PREFIX.length);
    const origin = parseOriginKey(originKey);
    const version = record.number('v');
    const fx = readFx(record.text('fx') ?? '');
    if (origin === undefined || version === undefined || fx === undefined) return [];
    return speaksForItems(fx) ? [{ ...origin, originKey, version, fx }] : [];
  });

export interface LearntCounts {
  /** Changes whose pairs were taken in. */
  readonly learnt: number;
  /** Changes whose pairs the stream does not say: the night will. */
  readonly learningSkipped: number;
}

const newestOf = (changes: readonly TeachingChange[]): ReadonlyMap<string, number> => {
  const newest = new Map<string, number>();
  for (const { user, version } of changes)
    newest.set(user, Math.max(version, newest.get(user) ?? version));
  return newest;
};

/** One call a tenant and batch to each; nothing is tried again, for the night says it all once more. */
export const learnChanges = (
  learning: Learning | undefined,
  report: { readonly fault: (message: string, fault: unknown) => void },
) => {
  const learnMine = async (
    { deltas, versions, preset }: Learning,
    tenant: string,
    mine: readonly TeachingChange[],
  ): Promise<LearntCounts> => {
    let waiting = mine.length;
    try {
      // Another process may have learnt them: a stream that is read again from its start.
      const before = await versions.claim(tenant, newestOf(mine));
      const fresh = mine.filter(({ user, version }) => version > (before.get(user) ?? 0));
      waiting = fresh.length;
      if (waiting === 0) return { learnt: 0, learningSkipped: 0 };
      const effects = fresh.map(({ fx }) => fx);
      const { days, taken } = learn(effects, preset);
      await deltas.add(tenant, days);
      return { learnt: taken, learningSkipped: waiting - taken };
    } catch (cause) {
      if (!isBreakerOpen(cause)) report.fault('pairs were not learnt', cause);
      return { learnt: 0, learningSkipped: waiting };
    }
  };

  return async (changes: readonly TeachingChange[]): Promise<LearntCounts> => {
    const sum = { learnt: 0, learningSkipped: 0 };
    if (learning === undefined) return sum;
    for (const [tenant, mine] of Map.groupBy(changes, (change) => change.tenant)) {
      const { learnt, learningSkipped } = await learnMine(learning, tenant, mine);
      sum.learnt += learnt;
      sum.learningSkipped += learningSkipped;
    }
    return sum;
  };
};
