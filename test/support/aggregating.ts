/** `aggregate` over memory ports that a test can break. */

import { memoryFailedStore } from '../../functions/adapters/memory-failed-store.ts';
import { MemoryProfileStore } from '../../functions/adapters/memory-profile-store.ts';
import { MemoryTimeline } from '../../functions/adapters/memory-timeline.ts';
import { type AggregateCounts, aggregate } from '../../functions/aggregate/aggregate.ts';
import type { Envelope as CutEnvelope } from '../../functions/core/event/envelope.ts';
import type { ProfileDefinitions } from '../../functions/core/profile/facets.ts';
import type { Fx } from '../../functions/core/profile/fx.ts';
import type { StoredProfile } from '../../functions/core/profile/stored-profile.ts';
import { decodeTraits } from '../../functions/core/profile/traits.ts';
import type { EpochMs } from '../../functions/core/time.ts';
import type { FailedStore } from '../../functions/ports/failed-store.ts';
import type { ProfileStore } from '../../functions/ports/profile-store.ts';
import type { TimelineStore } from '../../functions/ports/timeline.ts';
import {
  enriched,
  kinesisEvent,
  NOW,
  positionOf,
  recordText,
  definitions as shipped,
  type Totals,
  totalsOf,
} from './enriched-lines.ts';

export interface Aggregating {
  readonly profiles?: (memory: ProfileStore) => ProfileStore;
  readonly failed?: (memory: FailedStore) => FailedStore;
  /** Without it there is none, as in a size that keeps none. */
  readonly timeline?: (memory: MemoryTimeline) => TimelineStore;
  readonly definitions?: ProfileDefinitions;
  readonly deployedAt?: EpochMs;
  readonly clock?: { ms: number };
  /** Keeps its items from an earlier process. */
  readonly memory?: MemoryProfileStore;
}

export interface EnrichedText {
  readonly partitionKey: string;
  readonly text: string;
}

export const aggregating = (options: Aggregating = {}) => {
  const { clock = { ms: NOW }, memory = new MemoryProfileStore() } = options;
  const store = memoryFailedStore();
  const timeline = new MemoryTimeline(() => clock.ms);
  /** The effects of each version that was ever held: what the table's stream would carry. */
  const effects = new Map<string, Fx>();
  const writes: string[] = [];
  const recording: ProfileStore = {
    ...memory,
    save: async (origin, profile, readVersion) => {
      const saved = await memory.save(origin, profile, readVersion);
      if (saved.kind === 'saved') {
        effects.set(`${origin.tenant}#${origin.user}/${profile.version}`, JSON.parse(profile.fx));
        writes.push(origin.user);
      }
      return saved;
    },
  };
  const counts: AggregateCounts[] = [];
  const faults: unknown[] = [];
  const verdicts: string[] = [];
  const handle = aggregate({
    profiles: options.profiles?.(recording) ?? recording,
    failed: options.failed?.(store) ?? store,
    timeline: options.timeline?.(timeline),
    outcomes: store,
    definitions: options.definitions ?? shipped,
    deployedAt: options.deployedAt,
    now: () => clock.ms,
    report: {
      counted: (each) => counts.push(each),
      fault: (fault) => faults.push(fault),
      bugs: (verdict) => verdicts.push(verdict),
    },
  });
  const itemOf = (user: string): StoredProfile => {
    const item = memory.profiles.get(`main#${user}`);
    if (item === undefined || 'unreadable' in item) throw new Error(`no readable item of ${user}`);
    return item;
  };
  const effectsOf = (user: string): readonly Fx[] =>
    [...effects].flatMap(([key, fx]) => (key.startsWith(`main#${user}/`) ? [fx] : []));
  return {
    run: async (
      records: readonly EnrichedText[],
      { from = 0, remainingMs = 60_000 } = {},
    ): Promise<string | undefined> => {
      const answer = await handle(kinesisEvent(records, { from }), {
        getRemainingTimeInMillis: () => remainingMs,
      });
      return answer.batchItemFailures[0]?.itemIdentifier;
    },
    memory,
    timeline,
    clock,
    writes,
    counts,
    faults,
    verdicts,
    objects: store.objects,
    itemOf,
    effectsOf,
    totals: (user: string): Totals => totalsOf(effectsOf(user)),
    traitsOf: (user: string): Readonly<Record<string, unknown>> => {
      const item = memory.traits.get(`main#${user}`);
      if (item === undefined || 'unreadable' in item) return {};
      return Object.fromEntries(
        [...decodeTraits(item.traits).byName].map(([name, { value }]) => [name, value]),
      );
    },
  };
};

/** Raw envelopes, enriched at ascending positions: a record of `enriched-events` each. */
export const recordsOf = (
  cuts: readonly CutEnvelope[],
  { from = 0, shard = 0 } = {},
): readonly EnrichedText[] =>
  cuts.map((cut, place) => ({
    partitionKey: cut.partitionKey,
    text: recordText(enriched(cut, positionOf(from + place, shard))),
  }));
