/**
 * kill -9 at random moments while clients send: afterwards every acknowledged event has counted
 * once. A client behaves as a good one does: it sends the same bytes again until it is answered.
 */

import { closeLedger, type LedgerSaid } from './ledger-process.ts';
import { type Counters, liveWrong } from './live-figures.ts';
import { type Started, startProcess } from './start-process.ts';

export interface KillRunOptions {
  readonly kills: number;
  readonly seed: number;
  readonly dataDir: string;
  readonly say: (line: string) => void;
}

export interface KillRunResult {
  readonly kills: number;
  /** Kills after which at least one batch was delivered again. */
  readonly killsInFlight: number;
  readonly batchesRedelivered: number;
  readonly events: number;
  readonly resends: number;
  /** A sentence per user whose profile is not what was acknowledged. */
  readonly wrong: readonly string[];
  /** A sentence per live figure that is not what was acknowledged. */
  readonly liveWrong: readonly string[];
  readonly ledger: LedgerSaid;
}

const CLIENTS = 4;
const USERS_PER_CLIENT = 8;
const EVENTS_PER_REQUEST_MAX = 25;
const KILL_AFTER_MS = { min: 300, max: 1_800 };
const SETTLE_MAX_MS = 60_000;

/** A small seeded generator (mulberry32): a red run can be repeated. */
const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

interface Expected {
  views: number;
  orders: number;
  revenue: number;
}

interface Run {
  readonly random: () => number;
  readonly expected: Map<string, Expected>;
  url: string;
  events: number;
  resends: number;
  stopped: boolean;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const batchOf = (run: Run, users: readonly string[]): readonly Record<string, unknown>[] =>
  Array.from({ length: 1 + Math.floor(run.random() * EVENTS_PER_REQUEST_MAX) }, () => {
    run.events += 1;
    const userId = users[Math.floor(run.random() * users.length)] ?? '';
    const id = `kill-${run.events}`;
    const event = { eventId: id, userId, timestamp: Date.now() };
    return run.random() < 0.2
      ? { ...event, event: 'Order Completed', properties: { order_id: id, revenue: 2 } }
      : {
          ...event,
          event: 'Product Viewed',
          properties: { product_id: `item-${run.events % 50}` },
        };
  });

const expect = (run: Run, batch: readonly Record<string, unknown>[]): void => {
  for (const { userId, event } of batch) {
    const user = String(userId);
    const sums = run.expected.get(user) ?? { views: 0, orders: 0, revenue: 0 };
    if (event === 'Order Completed') {
      sums.orders += 1;
      sums.revenue += 2;
    } else sums.views += 1;
    run.expected.set(user, sums);
  }
};

/** Until it is acknowledged; anything but 202 while the platform dies is no answer at all. */
const send = async (run: Run, batch: readonly Record<string, unknown>[]): Promise<void> => {
  const body = JSON.stringify(batch);
  for (let attempt = 0; ; attempt += 1) {
    if (attempt > 0) run.resends += 1;
    const status = await fetch(`${run.url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(10_000),
    }).then(
      async (response) => {
        await response.arrayBuffer();
        return response.status;
      },
      () => 0,
    );
    if (status === 202) return;
    if (status >= 400 && status < 500 && status !== 429) throw new Error(`refused: ${status}`);
    await sleep(100);
  }
};

const client = async (run: Run, users: readonly string[]): Promise<void> => {
  while (!run.stopped) {
    const batch = batchOf(run, users);
    expect(run, batch);
    await send(run, batch);
    await sleep(run.random() * 20);
  }
};

const redeliveredOf = async ({ endpointUrl }: Started): Promise<number> => {
  const answer = await fetch(`${endpointUrl}/_tributary/health`);
  return Number(Object(await answer.json()).redelivered);
};

const differenceOf = async (run: Run, user: string): Promise<string | undefined> => {
  const flat = Object(await (await fetch(`${run.url}/profile/${user}`)).json());
  const sums = run.expected.get(user);
  const want = `views ${sums?.views} orders ${sums?.orders} revenue ${sums?.revenue}`;
  const have = `views ${flat.views_24h} orders ${flat.orders_total} revenue ${flat.ltv_total}`;
  return want === have ? undefined : `${user}: acknowledged ${want}, profile has ${have}`;
};

const profilesWrong = async (run: Run): Promise<readonly string[]> => {
  const differences = await Promise.all(
    [...run.expected.keys()].map((user) => differenceOf(run, user)),
  );
  return differences.filter((difference) => difference !== undefined);
};

const acknowledged = (run: Run): Counters => {
  const all = [...run.expected.values()];
  const sumOf = (name: keyof Expected): number => all.reduce((sum, one) => sum + one[name], 0);
  const byName = { 'Product Viewed': sumOf('views'), 'Order Completed': sumOf('orders') };
  return { byName, orders: sumOf('orders'), revenue: sumOf('revenue') };
};

/** What is still wrong once it is right, or has not become so for a minute. */
const settled = async (wrongNow: () => Promise<readonly string[]>): Promise<readonly string[]> => {
  const deadline = Date.now() + SETTLE_MAX_MS;
  for (;;) {
    const wrong = await wrongNow();
    if (wrong.length === 0 || Date.now() > deadline) return wrong;
    await sleep(250);
  }
};

export const killRun = async ({
  kills,
  seed,
  dataDir,
  say,
}: KillRunOptions): Promise<KillRunResult> => {
  const random = seeded(seed);
  const startedAtMs = Date.now();
  let platform = await startProcess({ dataDir });
  const run: Run = {
    random,
    expected: new Map(),
    url: platform.apiUrl,
    events: 0,
    resends: 0,
    stopped: false,
  };
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    client(
      run,
      Array.from({ length: USERS_PER_CLIENT }, (__, n) => `killed-${index}-${n}`),
    ),
  );
  let killsInFlight = 0;
  let batchesRedelivered = 0;
  for (let kill = 1; kill <= kills; kill += 1) {
    await sleep(KILL_AFTER_MS.min + random() * (KILL_AFTER_MS.max - KILL_AFTER_MS.min));
    platform.child.kill('SIGKILL');
    await platform.ended;
    platform = await startProcess({ dataDir });
    run.url = platform.apiUrl;
    // Traffic makes the mappings read on; what was in flight at the kill comes first.
    await sleep(1_000);
    const redelivered = await redeliveredOf(platform);
    batchesRedelivered += redelivered;
    if (redelivered > 0) killsInFlight += 1;
    say(`kill ${kill}: ${redelivered} batches redelivered, ${run.events} events sent so far`);
  }
  run.stopped = true;
  await Promise.all(clients);
  const wrong = await settled(() => profilesWrong(run));
  const live = await settled(() => liveWrong(platform, acknowledged(run)));
  const ledger = await closeLedger(platform, startedAtMs);
  platform.child.kill('SIGTERM');
  await platform.ended;
  return {
    kills,
    killsInFlight,
    batchesRedelivered,
    events: run.events,
    resends: run.resends,
    wrong,
    liveWrong: live,
    ledger,
  };
};
