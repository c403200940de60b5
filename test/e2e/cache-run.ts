/**
 * kill -9 the cache during traffic, and for a time: reads are answered all along, and whoever reads
 * `user-profile-updates` never waits for it. Then one comes back, empty, and fills.
 */
import { startCacheServer } from '../support/cache-server.ts';
import { aws, eventually } from './asking.ts';
import { type Started, startProcess } from './start-process.ts';

export interface CacheRunOptions {
  readonly awayMs: number;
  readonly dataDir: string;
  readonly say: (line: string) => void;
}

export interface CacheRunResult {
  readonly events: number;
  readonly reads: number;
  /** Answers that were no profile, by what was answered. */
  readonly wrong: readonly string[];
  readonly readsWhileAway: number;
  readonly updates: number;
  /** The greatest age of the newest record of the stream, while events flowed. */
  readonly oldestNewestMs: number;
  /** Copies in the cache that came back. */
  readonly refilled: number;
}

const USERS = Array.from({ length: 20 }, (_, index) => `cached-${index}`);
const BEFORE_MS = 2_000;
const AFTER_MS = 3_000;
const PAUSE_MS = 20;
/** A shard answers five reads a second. */
const LOOK_EVERY_MS = 250;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Run {
  readonly platform: Started;
  stopped: boolean;
  isAway: boolean;
  events: number;
  reads: number;
  readsWhileAway: number;
  updates: number;
  oldestNewestMs: number;
  readonly wrong: string[];
}

const send = async (run: Run): Promise<void> => {
  const userId = USERS[run.events % USERS.length];
  run.events += 1;
  const properties = { product_id: `item-${run.events % 50}`, category: 'books' };
  const event = { eventId: `cache-${run.events}`, userId, event: 'Product Viewed', properties };
  const answer = await fetch(`${run.platform.apiUrl}/v1/events`, {
    method: 'POST',
    body: JSON.stringify(event),
  });
  await answer.arrayBuffer();
  if (answer.status !== 202) run.wrong.push(`an event was answered ${answer.status}`);
};

const read = async (run: Run): Promise<void> => {
  const user = USERS[run.reads % USERS.length];
  run.reads += 1;
  if (run.isAway) run.readsWhileAway += 1;
  const answer = await fetch(`${run.platform.apiUrl}/v1/profiles/${user}`);
  const body: { readonly stale?: boolean } = Object(await answer.json());
  if (answer.status !== 200 || body.stale !== false)
    run.wrong.push(`${user}: ${answer.status} stale ${body.stale}`);
};

/** A consumer that looks for new records all the time, as the Kinesis Client Library does. */
const follow = async (run: Run, from: readonly string[]): Promise<void> => {
  let iterators = [...from];
  let newestAt = Date.now();
  while (!run.stopped) {
    const next: string[] = [];
    for (const ShardIterator of iterators) {
      const page = await aws(run.platform, 'Kinesis_20131202.GetRecords', { ShardIterator });
      const records = page.Records as readonly { readonly ApproximateArrivalTimestamp: number }[];
      run.updates += records.length;
      for (const { ApproximateArrivalTimestamp: at } of records)
        newestAt = Math.max(newestAt, at * 1_000);
      if (typeof page.NextShardIterator === 'string') next.push(page.NextShardIterator);
    }
    iterators = next;
    run.oldestNewestMs = Math.max(run.oldestNewestMs, Date.now() - newestAt);
    await sleep(LOOK_EVERY_MS);
  }
};

const iteratorsAtEnd = async (platform: Started): Promise<readonly string[]> => {
  const { StreamNames } = await aws(platform, 'Kinesis_20131202.ListStreams', {});
  const StreamName = (StreamNames as readonly string[]).find((name) => /Updates/.test(name));
  const { Shards } = await aws(platform, 'Kinesis_20131202.ListShards', { StreamName });
  const ids = (Shards as readonly { readonly ShardId: string }[]).map(({ ShardId }) => ShardId);
  return Promise.all(
    ids.map(async (ShardId) => {
      const asked = { StreamName, ShardId, ShardIteratorType: 'LATEST' };
      const opened = await aws(platform, 'Kinesis_20131202.GetShardIterator', asked);
      return String(opened.ShardIterator);
    }),
  );
};

const cacheOf = async ({ endpointUrl }: Started) => {
  const health = Object(await (await fetch(`${endpointUrl}/_tributary/health`)).json());
  const { pid, port }: { readonly pid: number; readonly port: number } = Object(health.cache);
  return { pid, port };
};

const again = async (run: Run, each: (run: Run) => Promise<void>): Promise<void> => {
  while (!run.stopped) {
    await each(run);
    await sleep(PAUSE_MS);
  }
};

const knownToAll = (platform: Started): Promise<true> =>
  eventually(async () => {
    const answers = await Promise.all(
      USERS.map((user) => fetch(`${platform.apiUrl}/v1/profiles/${user}`)),
    );
    await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    return answers.every(({ status }) => status === 200) ? true : undefined;
  });

const killAndBringBack = async (run: Run, { awayMs, say }: CacheRunOptions): Promise<number> => {
  const { pid, port } = await cacheOf(run.platform);
  await sleep(BEFORE_MS);
  process.kill(pid, 'SIGKILL');
  run.isAway = true;
  say(`kill -9 ${pid}, the cache on port ${port}, for ${awayMs / 1_000} s`);
  await sleep(awayMs);
  const server = await startCacheServer([], port);
  run.isAway = false;
  const refilled = await eventually(async () => {
    const held = Number(await server.call('DBSIZE'));
    return held >= USERS.length ? held : undefined;
  });
  say(`a new one on port ${port} holds ${refilled} entries again`);
  await sleep(AFTER_MS);
  await server.stop();
  return refilled;
};

export const cacheRun = async (options: CacheRunOptions): Promise<CacheRunResult> => {
  const platform = await startProcess({ dataDir: options.dataDir });
  const run: Run = {
    platform,
    stopped: false,
    isAway: false,
    events: 0,
    reads: 0,
    readsWhileAway: 0,
    updates: 0,
    oldestNewestMs: 0,
    wrong: [],
  };
  try {
    for (const _ of USERS) await send(run);
    await knownToAll(platform);
    const iterators = await iteratorsAtEnd(platform);
    const traffic = Promise.all([again(run, send), again(run, read), follow(run, iterators)]);
    traffic.catch(() => undefined);
    const refilled = await killAndBringBack(run, options);
    run.stopped = true;
    await traffic;
    return { ...run, refilled };
  } finally {
    run.stopped = true;
    platform.child.kill('SIGTERM');
    await platform.ended;
  }
};
