/** What a batch teaches of items that belong together, and what becomes of it. */
import { readFx } from '../core/analytics/effects.ts';
import { parseOriginKey } from '../core/event/event.ts';
import type { Fx } from '../core/profile/fx.ts';
import { learn, speaksForItems } from '../core/recommend/learn.ts';
import type { LearningPreset } from '../core/recommend/learning.ts';
import type { PairDeltas } from '../ports/pair-deltas.ts';
import { isBreakerOpen } from '../runtime/guarded-stream.ts';
import { paddedSequence } from '../runtime/kinesis-batch.ts';
import { readTableStreamBatch, type TableStreamEvent } from '../runtime/table-stream-batch.ts';
import { USER_PREFIX } from './read-changes.ts';

export interface Learning {
  readonly deltas: PairDeltas;
  readonly preset: LearningPreset;
}

/** One version of a profile whose events speak for items. */
export interface TeachingChange {
  readonly tenant: string;
  readonly originKey: string;
  readonly version: number;
  readonly sequence: string;
  readonly fx: Fx;
}

/** Every version, not a user's latest alone: each has the effects of its own write. */
export const readTeaching = (event: TableStreamEvent): readonly TeachingChange[] =>
  readTableStreamBatch(event).flatMap((record): readonly TeachingChange[] => {
    const { pk, sk, sequence, removed } = record;
    if (removed || sk !== 'rt' || !pk.startsWith(USER_PREFIX)) return [];
    const originKey = pk.slice(USER_PREFIX.length);
    const origin = parseOriginKey(originKey);
    const version = record.number('v');
    const fx = readFx(record.text('fx') ?? '');
    if (origin === undefined || version === undefined || fx === undefined) return [];
    return speaksForItems(fx) ? [{ tenant: origin.tenant, originKey, version, sequence, fx }] : [];
  });

/**
 * What does not come again is learnt now, and so is what will be known when it comes again. The rest
 * is of users who could not be told of, and is learnt with their telling.
 */
export const learntNow = (
  changes: readonly TeachingChange[],
  again: readonly { readonly sequence: string }[],
  isKnown: (change: TeachingChange) => boolean,
): readonly TeachingChange[] => {
  const places = again.map(({ sequence }) => paddedSequence(sequence));
  return changes.filter((change) => {
    const place = paddedSequence(change.sequence);
    return places.every((first) => place < first) || isKnown(change);
  });
};

export interface LearntCounts {
  /** Changes whose pairs were taken in. */
  readonly learnt: number;
  /** Changes whose pairs the stream does not say: the night will. */
  readonly learningSkipped: number;
}

/** One call a tenant and batch; nothing is tried again, for the night says it all once more. */
export const learnChanges =
  (
    learning: Learning | undefined,
    report: { readonly fault: (message: string, fault: unknown) => void },
  ) =>
  async (changes: readonly TeachingChange[]): Promise<LearntCounts> => {
    if (learning === undefined) return { learnt: 0, learningSkipped: 0 };
    let learnt = 0;
    for (const [tenant, mine] of Map.groupBy(changes, (change) => change.tenant)) {
      try {
        const { days, taken } = learn(
          mine.map(({ fx }) => fx),
          learning.preset,
        );
        await learning.deltas.add(tenant, days);
        learnt += taken;
      } catch (cause) {
        if (!isBreakerOpen(cause)) report.fault('pairs were not learnt', cause);
      }
    }
    return { learnt, learningSkipped: changes.length - learnt };
  };
