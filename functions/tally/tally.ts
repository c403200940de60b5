import type { Change } from '../core/analytics/effects.ts';
import { rowsOf } from '../core/analytics/tally-rows.ts';
import type { ItemDemand } from '../ports/item-demand.ts';
import type { TallyStore } from '../ports/tally-store.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import { batchAnswer } from '../runtime/kinesis-batch.ts';
import {
  shardIdOf,
  type TableStreamAnswer,
  type TableStreamEvent,
} from '../runtime/table-stream-batch.ts';
import { type DemandCounts, demandGatherer } from './gather-demand.ts';
import { FEED_EVERY_MS, liveFeeds } from './live-feeds.ts';
import { readChanges } from './read-changes.ts';
import { rowSaver } from './save-row.ts';

/** What a batch came to, for logs and metrics; the rows are what is read. */
export interface TallyCounts {
  readonly records: number;
  readonly unreadable: number;
  readonly rowsWritten: number;
  /** Rows in which all of the batch was counted already: redeliveries. */
  readonly rowsKnown: number;
  readonly rowsUnfinished: number;
}

export interface TallyPorts {
  readonly store: TallyStore;
  /** What is asked for, item by item; it may drift. */
  readonly demand: ItemDemand;
  /** What else is made of changes; it counts nothing, never fails, and may see them again. */
  readonly beside?: (changes: readonly Change[]) => Promise<void>;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly report: {
    readonly counted: (counts: TallyCounts) => void;
    readonly demand: (counts: DemandCounts) => void;
    readonly fault: (fault: unknown) => void;
  };
}

export interface Remaining {
  readonly getRemainingTimeInMillis: () => number;
}

const ROWS_AT_ONCE = 16;
/** Nothing is started in the last 30 % of a call, so that what runs can finish. */
const START_SHARE = 0.7;
/** The mapping's batch size: behind a full batch another one follows, so its feed need not wait. */
export const RECORDS_FULL = 500;

/**
 * Adds the effects of applied changes to the rows of their minutes and days, each row exactly once
 * by its own `last`: a batch may end after any of its rows and be delivered again.
 */
export const tally = (ports: TallyPorts) => {
  const save = rowSaver(ports.store);
  const feeds = liveFeeds(ports);
  const demand = demandGatherer(ports);

  /** A feed is a view: what fails here is told, and nothing waits for it. */
  const show = async (
    changes: readonly Change[],
    shardId: string,
    waitMsMax: number,
  ): Promise<void> => {
    try {
      await feeds.show(changes, shardId);
      await feeds.writeWaiting(shardId, Math.min(FEED_EVERY_MS, waitMsMax));
    } catch (fault) {
      ports.report.fault(fault);
    }
  };

  /** After all that is exact, and never in its way. */
  const gather = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (fault) {
      ports.report.fault(fault);
    }
  };

  return async (event: TableStreamEvent, context: Remaining): Promise<TableStreamAnswer> => {
    const shardId = shardIdOf(event);
    const deadlineMs = ports.now() + START_SHARE * context.getRemainingTimeInMillis();
    const { records, changes, unreadable } = readChanges(event);
    if (records === 0) {
      await show([], shardId, FEED_EVERY_MS);
      await gather(demand.writeAll);
      return { state: {}, batchItemFailures: [] };
    }

    const unfinished: string[] = [];
    const rows = { written: 0, known: 0 };
    await eachBounded(rowsOf(changes, shardId), ROWS_AT_ONCE, async (work) => {
      try {
        if (ports.now() > deadlineMs) unfinished.push(...work.sequences.slice(0, 1));
        else rows[await save(work)] += 1;
      } catch (fault) {
        ports.report.fault(fault);
        unfinished.push(...work.sequences.slice(0, 1));
      }
    });
    ports.report.counted({
      records,
      unreadable,
      rowsWritten: rows.written,
      rowsKnown: rows.known,
      rowsUnfinished: unfinished.length,
    });
    if (ports.now() <= deadlineMs) await ports.beside?.(changes);
    await show(changes, shardId, records < RECORDS_FULL ? deadlineMs - ports.now() : 0);
    await gather(async () => {
      // What is unfinished comes again whole, and a batch of which all is known came again.
      if (unfinished.length === 0 && rows.written > 0) await demand.gather(changes, shardId);
      if (ports.now() <= deadlineMs) await demand.writeDue();
    });
    return { state: {}, ...batchAnswer(unfinished) };
  };
};
