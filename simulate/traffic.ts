import { hash48 } from '../functions/core/hash.ts';
import { type ClientPorts, type Delivery, sendRequest } from './client.ts';
import type { Crowd, ShopperEvent } from './crowd.ts';
import { packRequests } from './requests.ts';

export interface TrafficOptions {
  readonly eventsPerSecond: number;
  readonly seconds: number;
}

export interface Totals {
  sent: number;
  acknowledged: number;
  rejected: number;
  uncertain: number;
  requests: number;
  retries: number;
}

export interface Traffic {
  readonly totals: Readonly<Totals>;
  readonly latenciesMs: readonly number[];
  /** Acknowledged events of a user, in the order in which they were sent. */
  readonly acknowledged: ReadonlyMap<string, readonly ShopperEvent[]>;
  /** Users with an event of which nobody knows whether it arrived. */
  readonly uncertainUsers: ReadonlySet<string>;
  readonly complaints: readonly string[];
}

/** Requests of a lane follow each other and a user has one lane, so a user's events stay in order. */
const LANES = 8;
/** Half of the lanes send at once, like a page; the others gather, like an app. */
const PROMPT_MS = 20;
const GATHER_MS = 1_000;
const COMPLAINTS_MAX = 5;
const LATENCIES_MAX = 200_000;

interface Ledger {
  readonly totals: Totals;
  readonly latenciesMs: number[];
  readonly acknowledged: Map<string, ShopperEvent[]>;
  readonly uncertainUsers: Set<string>;
  readonly complaints: string[];
}

const newLedger = (): Ledger => ({
  totals: { sent: 0, acknowledged: 0, rejected: 0, uncertain: 0, requests: 0, retries: 0 },
  latenciesMs: [],
  acknowledged: new Map(),
  uncertainUsers: new Set(),
  complaints: [],
});

const note = (ledger: Ledger, delivery: Delivery): void => {
  const { totals } = ledger;
  totals.requests += 1;
  totals.retries += delivery.retries;
  totals.acknowledged += delivery.acknowledged.length;
  totals.rejected += delivery.rejected.length;
  totals.uncertain += delivery.uncertain.length;
  if (ledger.latenciesMs.length < LATENCIES_MAX) ledger.latenciesMs.push(delivery.latencyMs);
  for (const { fact } of delivery.uncertain) ledger.uncertainUsers.add(fact.user);
  for (const event of delivery.acknowledged) {
    const mine = ledger.acknowledged.get(event.fact.user);
    if (mine === undefined) ledger.acknowledged.set(event.fact.user, [event]);
    else mine.push(event);
  }
  const { complaint } = delivery;
  if (complaint !== undefined && ledger.complaints.length < COMPLAINTS_MAX) {
    ledger.complaints.push(complaint);
  }
};

/** Lets the crowd shop at the given rate and waits until every event has its answer. */
export const runTraffic = async (
  ports: ClientPorts,
  crowd: Crowd,
  { eventsPerSecond, seconds }: TrafficOptions,
  onTick: (totals: Readonly<Totals>) => void = () => {},
): Promise<Traffic> => {
  const ledger = newLedger();
  const queues: ShopperEvent[][] = Array.from({ length: LANES }, () => []);
  let over = false;

  const lane = async (queue: ShopperEvent[], pauseMs: number): Promise<void> => {
    while (!over || queue.length > 0) {
      const events = queue.splice(0);
      for (const request of packRequests(events)) note(ledger, await sendRequest(ports, request));
      await ports.sleep(over ? 0 : pauseMs);
    }
  };
  const lanes = queues.map((queue, n) => lane(queue, n % 2 === 0 ? PROMPT_MS : GATHER_MS));

  const startedAtMs = ports.now();
  const all = Math.round(eventsPerSecond * seconds);
  while (ledger.totals.sent < all) {
    const elapsedSeconds = (ports.now() - startedAtMs) / 1_000;
    const due = Math.min(all, Math.ceil(eventsPerSecond * elapsedSeconds));
    for (; ledger.totals.sent < due; ledger.totals.sent += 1) {
      const event = crowd.next(ports.now());
      queues[hash48(event.fact.user) % LANES]?.push(event);
    }
    onTick(ledger.totals);
    await ports.sleep(PROMPT_MS);
  }
  over = true;
  await Promise.all(lanes);
  onTick(ledger.totals);
  return ledger;
};
