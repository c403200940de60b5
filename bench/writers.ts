/**
 * `aggregate` and `tally` as shipped, over stores that weigh what is put into them: each item as its
 * adapter prints it, keys and names included.
 */

import { memoryFailedStore } from '../functions/adapters/memory-failed-store.ts';
import { memoryItemDemand } from '../functions/adapters/memory-item-demand.ts';
import { MemoryProfileStore } from '../functions/adapters/memory-profile-store.ts';
import { MemoryTallyStore } from '../functions/adapters/memory-tally-store.ts';
import { MemoryTimeline } from '../functions/adapters/memory-timeline.ts';
import { itemKeyOf, profileToItem, traitsToItem } from '../functions/adapters/profile-items.ts';
import { feedToItem, itemKeyOf as rowKeyOf, rowToItem } from '../functions/adapters/tally-items.ts';
import { timelineToItem } from '../functions/adapters/timeline-items.ts';
import { aggregate } from '../functions/aggregate/aggregate.ts';
import { feedPk } from '../functions/core/analytics/live-feed.ts';
import { compileProfile } from '../functions/core/profile/facets.ts';
import type { StreamRecord } from '../functions/ports/event-stream.ts';
import { tally } from '../functions/tally/tally.ts';
import { config } from '../tributary.config.ts';
import { type Image, kinesisBatch, tableBatch } from './batches.ts';
import { itemBytes, writeUnits } from './item-bytes.ts';

export const WRITERS = ['rt', 'tr', 'timeline', 'minute rows', 'session rows', 'feed'] as const;
export type Writer = (typeof WRITERS)[number];

export interface Written {
  writes: number;
  bytes: number;
  units: number;
}
export type Weighed = Record<Writer, Written>;
type Item = Parameters<typeof itemBytes>[0];
type Note = (writer: Writer, item: Item) => void;

const CALL = { getRemainingTimeInMillis: () => 60_000 };
const definitions = compileProfile(config);
const fail = (message: string) => (thrown: unknown) => {
  throw new Error(message, { cause: thrown });
};
const none = (): Weighed => {
  const weighed = WRITERS.map((name) => [name, { writes: 0, bytes: 0, units: 0 }]);
  return Object.fromEntries(weighed) as Weighed;
};

const weighingProfiles = (note: Note, changed: (image: Image) => void) => {
  const { load, loadTraits, save, saveTraits } = new MemoryProfileStore();
  return {
    load,
    loadTraits,
    save: (async (origin, profile, readVersion) => {
      const item = { ...itemKeyOf(origin, 'rt'), ...profileToItem(profile) };
      note('rt', item);
      changed(item as Image);
      return save(origin, profile, readVersion);
    }) satisfies typeof save,
    saveTraits: (async (origin, traits, readVersion) => {
      note('tr', { ...itemKeyOf(origin, 'tr'), ...traitsToItem(traits) });
      return saveTraits(origin, traits, readVersion);
    }) satisfies typeof saveTraits,
  };
};

const weighingTimeline = (note: Note, now: () => number) => {
  const { putIfAbsent } = new MemoryTimeline(now);
  return {
    putIfAbsent: (async (origin, row) => {
      note('timeline', timelineToItem(origin, row));
      return putIfAbsent(origin, row);
    }) satisfies typeof putIfAbsent,
  };
};

const weighingTally = (note: Note) => {
  const { load, save, loadFeed, saveFeed } = new MemoryTallyStore();
  return {
    load,
    loadFeed,
    save: (async (key, row, readLast) => {
      const writer = key.pk.startsWith('m#') ? 'minute rows' : 'session rows';
      note(writer, { ...rowKeyOf(key), ...rowToItem(row) });
      return save(key, row, readLast);
    }) satisfies typeof save,
    saveFeed: (async (row) => {
      const key = { pk: feedPk(row.tenant), sk: row.shardId };
      const last = row.events.at(-1)?.id ?? '';
      note('feed', { ...rowKeyOf(key), ...feedToItem({ ...row, last }) });
      return saveFeed(row);
    }) satisfies typeof saveFeed,
  };
};

export interface Writing {
  /** One call of `aggregate`. */
  readonly aggregate: (records: readonly StreamRecord[], arrivedAtMs: number) => Promise<void>;
  /** One call of `tally`, with all that changed since the last one. */
  readonly tally: (atMs: number) => Promise<void>;
  /** What was written since the last time that it was asked. */
  readonly taken: () => Weighed;
}

export const newWriting = (): Writing => {
  let weighed = none();
  let nowMs = 0;
  let records = 0;
  let changes = 1;
  let images: Image[] = [];
  const now = (): number => nowMs;
  const note: Note = (writer, item) => {
    const bytes = itemBytes(item);
    const sums = weighed[writer];
    sums.writes += 1;
    sums.bytes += bytes;
    sums.units += writeUnits(bytes);
  };
  const failed = memoryFailedStore();
  const fold = aggregate({
    profiles: weighingProfiles(note, (image) => images.push(image)),
    timeline: weighingTimeline(note, now),
    failed,
    outcomes: failed,
    definitions,
    deployedAt: undefined,
    now,
    report: { counted: () => {}, bugs: fail('a bug'), fault: fail('a fault') },
  });
  const count = tally({
    store: weighingTally(note),
    demand: memoryItemDemand(),
    now,
    sleep: async (ms) => {
      nowMs += ms;
    },
    report: { counted: () => {}, demand: () => {}, fault: fail('a fault') },
  });
  return {
    aggregate: async (given, arrivedAtMs) => {
      nowMs = arrivedAtMs;
      await fold(kinesisBatch('enriched-events', given, { first: records, arrivedAtMs }), CALL);
      records += given.length;
    },
    tally: async (atMs) => {
      nowMs = atMs;
      const given = images;
      images = [];
      if (given.length === 0) return;
      await count(tableBatch(given, { first: changes, arrivedAtMs: atMs }), CALL);
      changes += given.length;
    },
    taken: () => {
      const before = weighed;
      weighed = none();
      return before;
    },
  };
};
