import { INGEST_ROUTES } from '../functions/collect/routes.ts';
import { enrichRecord } from '../functions/core/enrichment/enrich-record.ts';
import { lookupTables } from '../functions/core/enrichment/lookup-tables.ts';
import { decodeEvent } from '../functions/core/event/decode.ts';
import { cutEnvelopes } from '../functions/core/event/envelope.ts';
import type { Json } from '../functions/core/event/event.ts';
import { isReject } from '../functions/core/event/reject.ts';
import { PROFILE_BYTES_MAX } from '../functions/core/profile/codec.ts';
import type { StoredProfile } from '../functions/core/profile/stored-profile.ts';
import { epochMs } from '../functions/core/time.ts';
import type { ShopperEvent } from '../simulate/crowd.ts';
import { config } from '../tributary.config.ts';
import type { Bench } from './bench.ts';
import { rawRecordOf } from './event-path.ts';
import { foldInto } from './fold.ts';
import { hostileEvents } from './hostile.ts';
import { quantile } from './measure.ts';
import { number, table } from './report.ts';
import { crowdEvents, START } from './workload.ts';

const USERS = 1_000;
const EVENTS_PER_SECOND = 200;
const SECONDS = 60;
const HOSTILE_USERS = 40;
const HOSTILE_EVENTS = 2_000;
/** Parked positions are remembered too. */
const PARKED_EVERY = 50;

/** Names and numbers of the small attributes beside memory and facets; `codec.ts` counts the same. */
const SMALL_ATTRIBUTES_BYTES = 100;

const bytesOf = ({ memory, facets }: StoredProfile): number =>
  memory.length + Buffer.byteLength(facets) + SMALL_ATTRIBUTES_BYTES;

interface Sizes {
  readonly users: number;
  readonly eventsApplied: number;
  readonly medianBytes: number;
  readonly p99Bytes: number;
  readonly maxBytes: number;
}

interface Worst {
  readonly bytes: number;
  readonly usersTried: number;
  readonly events: number;
}

const crowdSizes = (): Sizes => {
  const events = crowdEvents(USERS, EVENTS_PER_SECOND * SECONDS);
  const profiles = applyAll(events, ({ fact }) => fact.timestamp);
  const sizes = [...profiles.values()].map(bytesOf);
  return {
    users: sizes.length,
    eventsApplied: events.length,
    medianBytes: quantile(sizes, 0.5),
    p99Bytes: quantile(sizes, 0.99),
    maxBytes: Math.max(...sizes),
  };
};

/** The largest that an item ever was on the way, not only at the end. */
const worstUser = (): Worst => {
  let bytes = 0;
  for (let seed = 1; seed <= HOSTILE_USERS; seed += 1) {
    const events = hostileEvents(seed, HOSTILE_EVENTS);
    // A week of arrivals, so that lifetime sums spread over days of arrival too.
    const arrival = (_: ShopperEvent, n: number): number => START + n * 300_000;
    const note = (stored: StoredProfile): void => {
      bytes = Math.max(bytes, bytesOf(stored));
    };
    applyAll(events, arrival, note, (place) => place % PARKED_EVERY === PARKED_EVERY - 1);
  }
  return { bytes, usersTried: HOSTILE_USERS, events: HOSTILE_EVENTS };
};

/** Each event in a request of its own, through the shipped core, into items in memory. */
const applyAll = (
  events: readonly ShopperEvent[],
  arrivalOf: (event: ShopperEvent, place: number) => number,
  onWrite: (stored: StoredProfile) => void = () => {},
  broken: (place: number) => boolean = () => false,
): ReadonlyMap<string, StoredProfile> => {
  const items = new Map<string, StoredProfile>();
  for (const [place, event] of events.entries()) {
    const arrivedAtMs = arrivalOf(event, place);
    for (const envelope of envelopesOf(event, arrivedAtMs, place, broken(place))) {
      const raw = rawRecordOf(envelope, place, arrivedAtMs);
      const lines = enrichRecord(raw, lookupTables).lines;
      const stored = foldInto(items.get(envelope.partitionKey), envelope.partitionKey, [{ lines }]);
      items.set(envelope.partitionKey, stored);
      onWrite(stored);
    }
  }
  return items;
};

interface State {
  readonly simulator: Sizes;
  readonly worst: Worst;
  readonly limitBytes: number;
}

export const state: Bench<State> = {
  name: 'state',
  run: () => ({ simulator: crowdSizes(), worst: worstUser(), limitBytes: PROFILE_BYTES_MAX }),
  section: ({ simulator, worst, limitBytes }) => `## The state of a user

Bytes of the item \`rt\` without \`fx\` and keys: at most ${number(limitBytes)} by an invariant of the code
that writes it; aim for the median user of the simulator ≤ 1,536.

${table(
  ['whose', 'median', 'p99', 'max'],
  [
    [
      `${number(simulator.users)} of 1,006 users of the simulator, who came in 60 s at 200 events/s (${number(simulator.eventsApplied)} events)`,
      number(simulator.medianBytes),
      number(simulator.p99Bytes),
      number(simulator.maxBytes),
    ],
    [
      `the worst of ${number(worst.usersTried)} users made to fill every part (${number(worst.events)} events each)`,
      '',
      '',
      number(worst.bytes),
    ],
  ],
)}`,
};

const envelopesOf = (
  { path, body }: ShopperEvent,
  receivedAtMs: number,
  place: number,
  broken: boolean,
) => {
  const hints = INGEST_ROUTES.find((route) => route.path === path)?.hints;
  if (hints === undefined) throw new Error(`no door ${path}`);
  const draft = decodeEvent(body as Json, {
    tenant: 'main',
    currency: config.currency,
    rates: config.rates,
    receivedAt: epochMs(receivedAtMs),
    hints,
    newEventId: () => 'none',
    shared: { context: {} },
  });
  if (isReject(draft)) throw new Error(draft.detail);
  const envelopes = cutEnvelopes([draft], {
    origin: { protocol: 'native', path, requestId: `bench-${place}`, keyId: 'bench' },
    newBatchId: () => '0123456789abcdef',
  });
  return broken ? envelopes.map((envelope) => ({ ...envelope, data: 'not JSON\n' })) : envelopes;
};
