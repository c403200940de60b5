import type { ProfileDefinitions } from '../core/profile/facets.ts';
import { profileUpdate } from '../core/profile/update.ts';
import type { EventStream } from '../ports/event-stream.ts';
import type { CacheChange, ProfileCache } from '../ports/profile-cache.ts';
import { isBreakerOpen } from '../runtime/guarded-stream.ts';
import { batchAnswer } from '../runtime/kinesis-batch.ts';
import { putInOrder } from '../runtime/put-in-order.ts';
import type { TableStreamEvent } from '../runtime/table-stream-batch.ts';
import { profileChanges, traitsChanges } from './cache-changes.ts';
import { publishedVersions } from './published-versions.ts';
import { type ProfileVersion, readChanges, type UserChange } from './read-changes.ts';

/** What a batch came to, for logs and metrics; a redelivery counts again. */
export interface ProjectCounts {
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

type Published = UserChange & { readonly latest: ProfileVersion };

const PUT_TRIES_MAX = 5;
/** Nothing is started in the last 30 % of a call, so that what runs can finish. */
const START_SHARE = 0.7;

/** Tells others what became of a profile: once per user and batch, its latest version. */
export const project = (ports: ProjectPorts) => {
  const published = publishedVersions();

  const publish = async (
    changes: readonly Published[],
    deadlineMs: number,
  ): Promise<ReadonlySet<UserChange>> => {
    const records = changes.map(({ originKey, origin, latest }) => ({
      partitionKey: originKey,
      data: `${JSON.stringify(profileUpdate(origin.user, latest))}\n`,
    }));
    const { now, sleep } = ports;
    const limits = { triesMax: PUT_TRIES_MAX, deadlineMs, now, sleep };
    const { outcomes, fault } = await putInOrder(ports.updates, records, limits);
    if (fault !== undefined) ports.report.fault('a put of updates failed', fault);
    const stored = changes.filter((_, place) => outcomes[place] === 'stored');
    for (const { originKey, latest } of stored) published.add(originKey, latest.version);
    return new Set(stored);
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

  return async (event: TableStreamEvent, context: Remaining): Promise<ProjectAnswer> => {
    const deadlineMs = ports.now() + START_SHARE * context.getRemainingTimeInMillis();
    const { records, changes, unreadable } = readChanges(event, ports.definitions);
    const written = changes.filter((change): change is Published => change.latest !== undefined);
    const fresh = written.filter(
      ({ originKey, latest }) => !published.has(originKey, latest.version),
    );
    const stored = await publish(fresh, deadlineMs);
    const unfinished = fresh.filter((change) => !stored.has(change));
    const comesAgain = new Set<UserChange>(unfinished);
    const copies = await copy([
      ...changes.filter((change) => !comesAgain.has(change)).flatMap(profileChanges),
      ...traitsChanges(event),
    ]);
    ports.report.counted({
      records,
      unreadable,
      published: stored.size,
      known: written.length - fresh.length,
      unfinished: unfinished.length,
      ...copies,
    });
    return batchAnswer(unfinished.map(({ sequence }) => sequence));
  };
};
