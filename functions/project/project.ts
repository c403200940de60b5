import type { ProfileDefinitions } from '../core/profile/facets.ts';
import { offUpdate, profileUpdate } from '../core/profile/update.ts';
import type { EventStream, StreamRecord } from '../ports/event-stream.ts';
import type { CacheChange, ProfileCache } from '../ports/profile-cache.ts';
import { isBreakerOpen } from '../runtime/guarded-stream.ts';
import { batchAnswer } from '../runtime/kinesis-batch.ts';
import { putInOrder } from '../runtime/put-in-order.ts';
import type { TableStreamEvent } from '../runtime/table-stream-batch.ts';
import { offCacheChanges, profileChanges, traitsChanges } from './cache-changes.ts';
import {
  type Learning,
  type LearntCounts,
  learnChanges,
  readTeaching,
  type TeachingChange,
} from './learn-changes.ts';
import { publishedVersions } from './published-versions.ts';
import { readChanges, type UserChange } from './read-changes.ts';
import { type OffChange, readOffChanges } from './read-off-changes.ts';
import {
  type RecommendedCounts,
  type Recommending,
  tellRecommendations,
} from './tell-recommendations.ts';

/** What a batch came to, for logs and metrics; a redelivery counts again. */
export interface ProjectCounts extends LearntCounts, RecommendedCounts {
  readonly records: number;
  readonly unreadable: number;
  readonly published: number;
  /** Versions that this process had published before: redeliveries. */
  readonly known: number;
  readonly unfinished: number;
  /** Copies that the cache took, or held newer ones of. */
  readonly cached: number;
  /** Copies that it did not take: it is away, and what it holds of them ends by itself. */
  readonly cacheSkipped: number;
}

export interface ProjectPorts {
  readonly updates: EventStream;
  /** Gives up by itself; absent where there is none. */
  readonly cache?: ProfileCache | undefined;
  /** Where pairs of items are kept that the nightly lists do not say yet; beside the cache. */
  readonly learning?: Learning | undefined;
  /** Absent where nobody is told of a user's best items. */
  readonly recommending?: Recommending | undefined;
  readonly definitions: ProfileDefinitions;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly report: {
    readonly counted: (counts: ProjectCounts) => void;
    readonly fault: (message: string, fault: unknown) => void;
  };
}

export interface Remaining {
  readonly getRemainingTimeInMillis: () => number;
}

export interface ProjectAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** One user's item as the batch left it, and what is told of it. */
interface Telling {
  readonly change: UserChange | OffChange;
  readonly record: StreamRecord;
  readonly isKnown: boolean;
  /** Remembers that it was told. */
  readonly told: () => void;
}

const PUT_TRIES_MAX = 5;
/** What is not put by then is told with the next change. */
const BEST_PUT_MS = 2_000;
/** Nothing is started in the last 30 % of a call, so that what runs can finish. */
const START_SHARE = 0.7;

/** Tells others what became of a profile: once per user and batch, its latest version. */
export const project = (ports: ProjectPorts) => {
  const publishedProfiles = publishedVersions<number>();
  const publishedOffs = publishedVersions<string>();

  const line = (update: object): string => `${JSON.stringify(update)}\n`;

  const tellingOf = (change: UserChange): readonly Telling[] => {
    const { latest, originKey: partitionKey, origin } = change;
    if (latest === undefined) return [];
    return [
      {
        change,
        record: { partitionKey, data: line(profileUpdate(origin.user, latest)) },
        isKnown: publishedProfiles.has(partitionKey, latest.version),
        told: () => publishedProfiles.add(partitionKey, latest.version),
      },
    ];
  };

  const offTellingOf = (change: OffChange): readonly Telling[] => {
    const { latest, originKey: partitionKey, origin } = change;
    if (latest === undefined) return [];
    return [
      {
        change,
        record: { partitionKey, data: line(offUpdate(origin.user, latest)) },
        isKnown: publishedOffs.has(partitionKey, latest.runId),
        told: () => publishedOffs.add(partitionKey, latest.runId),
      },
    ];
  };

  /** What could not be put. */
  const publish = async (
    tellings: readonly Telling[],
    deadlineMs: number,
  ): Promise<readonly Telling[]> => {
    const records = tellings.map(({ record }) => record);
    const { now, sleep } = ports;
    const limits = { triesMax: PUT_TRIES_MAX, deadlineMs, now, sleep };
    const { outcomes, fault } = await putInOrder(ports.updates, records, limits);
    if (fault !== undefined) ports.report.fault('a put of updates failed', fault);
    for (const [place, { told }] of tellings.entries()) if (outcomes[place] === 'stored') told();
    return tellings.filter((_, place) => outcomes[place] !== 'stored');
  };

  /** After publishing, and never in its way: whoever reads the stream waits for no cache. */
  const copy = async (
    changes: readonly CacheChange[],
  ): Promise<Pick<ProjectCounts, 'cached' | 'cacheSkipped'>> => {
    const { cache, report } = ports;
    if (cache === undefined || changes.length === 0) return { cached: 0, cacheSkipped: 0 };
    try {
      await cache.write(changes);
      return { cached: changes.length, cacheSkipped: 0 };
    } catch (cause) {
      if (!isBreakerOpen(cause)) report.fault('the cache was not written', cause);
      return { cached: 0, cacheSkipped: changes.length };
    }
  };

  const tellBest = tellRecommendations(ports.recommending, {
    put: async (records) => {
      const { now, sleep } = ports;
      const limits = { triesMax: 1, deadlineMs: now() + BEST_PUT_MS, now, sleep };
      const { outcomes } = await putInOrder(ports.updates, records, limits);
      return outcomes.map((outcome) => outcome === 'stored');
    },
    now: ports.now,
    fault: ports.report.fault,
  });
  const teach = learnChanges(ports.learning, ports.report);
  const untold = (event: TableStreamEvent): readonly TeachingChange[] =>
    ports.learning === undefined
      ? []
      : readTeaching(event).filter(
          ({ originKey, version }) => !publishedProfiles.has(originKey, version),
        );

  return async (event: TableStreamEvent, context: Remaining): Promise<ProjectAnswer> => {
    const deadlineMs = ports.now() + START_SHARE * context.getRemainingTimeInMillis();
    const { records, changes, unreadable } = readChanges(event, ports.definitions);
    const offs = readOffChanges(event);
    const tellings = [...changes.flatMap(tellingOf), ...offs.flatMap(offTellingOf)];
    // As of now: what is told of below was not known before.
    const teaching = untold(event);
    const fresh = tellings.filter(({ isKnown }) => !isKnown);
    const unfinished = await publish(fresh, deadlineMs);
    const comesAgain = new Set<UserChange | OffChange>(unfinished.map(({ change }) => change));
    const copies = await copy([
      ...changes.filter((change) => !comesAgain.has(change)).flatMap(profileChanges),
      ...offs.filter((change) => !comesAgain.has(change)).flatMap(offCacheChanges),
      ...traitsChanges(event),
    ]);
    const taught = await teach(teaching);
    const isFresh = new Set<UserChange | OffChange>(fresh.map(({ change }) => change));
    const told = changes.filter((change) => isFresh.has(change) && !comesAgain.has(change));
    const best = await tellBest(told, deadlineMs);
    ports.report.counted({
      records,
      unreadable,
      published: fresh.length - unfinished.length,
      known: tellings.length - fresh.length,
      unfinished: unfinished.length,
      ...copies,
      ...taught,
      ...best,
    });
    return batchAnswer(unfinished.map(({ change }) => change.sequence));
  };
};
