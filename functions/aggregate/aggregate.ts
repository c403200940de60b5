import type { KinesisStreamBatchResponse, KinesisStreamEvent } from 'aws-lambda';
import {
  type BugWave,
  foundBugs,
  noBugs,
  sawRecords,
  type WaveVerdict,
  waveVerdict,
} from '../core/bug-wave.ts';
import { type EpochMs, epochMs } from '../core/time.ts';
import { eachBounded } from '../runtime/each-bounded.ts';
import { batchAnswer, readKinesisBatch } from '../runtime/kinesis-batch.ts';
import { type FoldPorts, foldUser } from './fold-user.ts';
import { readBatch, type UserBatch } from './read-batch.ts';

/** What a batch came to, for logs and metrics; `fx` is what is counted from. */
export interface AggregateCounts {
  readonly records: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly parked: number;
  readonly foreign: number;
  /** Parked under stage `state`, outside of `parked`: no profile has counted them. */
  readonly unreadable: number;
  readonly unfinishedUsers: number;
}

export interface AggregatePorts extends Omit<FoldPorts, 'sawBugs' | 'now'> {
  readonly deployedAt: EpochMs | undefined;
  readonly now: () => number;
  readonly report: {
    readonly counted: (counts: AggregateCounts) => void;
    readonly fault: (fault: unknown) => void;
    readonly bugs: (verdict: WaveVerdict, traces: readonly string[]) => void;
  };
}

export interface Remaining {
  readonly getRemainingTimeInMillis: () => number;
}

/** Users folded at once; the events of one never are. */
export const USERS_AT_ONCE = 32;
/** Nothing is started in the last 30 % of a call, so that what runs can finish. */
const START_SHARE = 0.7;

/** A wave of bugs right after a deploy: the batch waits for the next deploy rather than be parked. */
export class DeployIsBroken extends Error {
  override readonly name = 'DeployIsBroken';
}

/** Folds a batch of enriched records into profiles, one write per user. */
export const aggregate = (ports: AggregatePorts) => {
  let wave: BugWave = noBugs;

  const sawBugs = (user: string, traces: readonly string[]): void => {
    const now = epochMs(ports.now());
    wave = foundBugs(
      wave,
      traces.map(() => user),
      now,
    );
    const verdict = waveVerdict(wave, ports, now);
    ports.report.bugs(verdict, traces);
    if (verdict === 'deploy') throw new DeployIsBroken(traces[0]);
  };

  return async (
    event: KinesisStreamEvent,
    context: Remaining,
  ): Promise<KinesisStreamBatchResponse> => {
    const startedAtMs = ports.now();
    const deadlineMs = startedAtMs + START_SHARE * context.getRemainingTimeInMillis();
    const records = readKinesisBatch(event);
    const { users, unreadable, foreign } = readBatch(records);
    wave = sawRecords(
      wave,
      records.map(({ partitionKey }) => ({ user: partitionKey, bug: false })),
      epochMs(startedAtMs),
    );
    if (unreadable.length > 0) await ports.failed.park(unreadable);

    const sums = { applied: 0, duplicate: 0, parked: unreadable.length - foreign, unreadable: 0 };
    const unfinished: UserBatch[] = [];
    const fold = { ...ports, now: () => epochMs(ports.now()), sawBugs };
    await eachBounded(users, USERS_AT_ONCE, async (user) => {
      if (ports.now() > deadlineMs) {
        unfinished.push(user);
        return;
      }
      try {
        await foldUser(fold, user, (what, events) => {
          sums[what] += events;
        });
      } catch (fault) {
        ports.report.fault(fault);
        unfinished.push(user);
      }
    });
    ports.report.counted({
      records: records.length,
      ...sums,
      foreign,
      unfinishedUsers: unfinished.length,
    });
    // Lambda hands the shard over again from the lowest number; the fences make that harmless.
    return batchAnswer(unfinished.map(({ firstSequence }) => firstSequence));
  };
};
