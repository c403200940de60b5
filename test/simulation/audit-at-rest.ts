import { MemoryProfileReader } from '../../functions/adapters/memory-profile-reader.ts';
import type { EnrichedEvent } from '../../functions/core/event/event.ts';
import type { ProfileAnswer } from '../../functions/core/profile/answer.ts';
import { decodeProfile } from '../../functions/core/profile/codec.ts';
import type { ProfileDefinitions } from '../../functions/core/profile/facets.ts';
import type { OracleFact } from '../../functions/core/profile/oracle.ts';
import { decodeTraits } from '../../functions/core/profile/traits.ts';
import { epochMs, fromRfc3339 } from '../../functions/core/time.ts';
import { profile as profileUseCase } from '../../functions/profile/profile.ts';
import type { HttpResponse } from '../../functions/runtime/http.ts';
import { differencesOf } from '../../simulate/compare.ts';
import { config } from '../../tributary.config.ts';
import { auditRows } from './audit-rows.ts';
import { auditTimeline } from './audit-timeline.ts';
import type { Auditor } from './auditor.ts';
import type { FailedModel } from './failed-model.ts';
import type { Faults } from './faults.ts';
import type { RowsModel } from './rows-model.ts';
import {
  interestFaults,
  interestsAreBounded,
  type PageViewsRead,
  pageViewFaults,
  sessionFaults,
  statedSessions,
  tilesAreBounded,
} from './stated-bounds.ts';
import { keyOf, type ReadLine, StatedMemory } from './stated-memory.ts';
import type { StreamModel } from './stream-model.ts';
import type { TableModel } from './table-model.ts';
import type { TimelineModel } from './timeline-model.ts';
import { violated } from './violation.ts';

export interface Rest {
  readonly raw: StreamModel;
  readonly table: TableModel;
  readonly rows: RowsModel;
  readonly timeline: TimelineModel;
  readonly failed: FailedModel;
  readonly auditor: Auditor;
  readonly faults: Faults;
  readonly definitions: ProfileDefinitions;
  readonly nowMs: number;
  /** `<user>/<eventId>` of every event that a client was told is taken. */
  readonly acknowledged: ReadonlySet<string>;
  /** Every event that a client has sent and that is no nonsense; absent where nobody kept a list. */
  readonly sent?: ReadonlySet<string>;
  /** Nothing is set aside any more. */
  readonly isFinal?: boolean;
}

/** Nothing counts again within so many events of a user, however it is cut. */
const RING = 128;
const RAW_LINES = /\n$/;

export const factOf = (event: EnrichedEvent, copy: number, ordersCount: boolean): OracleFact => {
  const { commerce, properties } = event;
  const product = properties.product_id;
  return {
    eventId: copy === 0 ? event.eventId : `${event.eventId}~${copy}`,
    kind: event.kind,
    name: event.name,
    user: event.userId ?? '',
    timestamp: fromRfc3339(event.timestamp) ?? epochMs(0),
    arrivedAt: fromRfc3339(event.arrivedAt) ?? epochMs(0),
    categories: event.enrichment.categoryVector,
    productIds: typeof product === 'string' ? [product] : [],
    ...(commerce?.orderId === undefined ? {} : { orderId: `${commerce.orderId}~${copy}` }),
    orders: ordersCount ? (commerce?.orders ?? 0) : 0,
    revenueMicros: ordersCount ? (commerce?.revenueMicros ?? 0) : 0,
    traits: event.traits,
  };
};

/** Every line of the raw stream has its key in the enriched one. */
const rawLines = (rest: Rest): ReadonlyMap<string, readonly (readonly ReadLine[])[]> => {
  const byUser = new Map<string, (readonly ReadLine[])[]>();
  for (const { shardId, record } of rest.raw.records()) {
    if (!record.partitionKey.startsWith('main#')) continue;
    const text = Buffer.from(record.data).toString('utf8').replace(RAW_LINES, '');
    const { lines } = rest.auditor.userOf(record.partitionKey);
    const mine = text.split('\n').map((_, index) => {
      const at = { stream: '', shard: shardId, sequence: record.sequenceNumber, index };
      return lines.get(keyOf(at)) ?? violated('P1', `${keyOf(at)} never came out of enrich`);
    });
    byUser.set(record.partitionKey, [...(byUser.get(record.partitionKey) ?? []), mine]);
  }
  return byUser;
};

/**
 * P8: the distinct ids of the enriched stream are the accepted ones, and once nothing is set aside
 * each of them has counted, whatever the stream counted above that.
 */
const auditLake = (
  { sent, isFinal = false }: Rest,
  partitionKey: string,
  lines: readonly ReadLine[],
  settled: ReadonlySet<string>,
): void => {
  const user = partitionKey.slice('main#'.length);
  for (const line of lines) {
    if (line.stub) continue;
    const { eventId } = line.event;
    if (sent !== undefined && !sent.has(`${user}/${eventId}`))
      violated('P8', `${eventId} of ${partitionKey} is in the lake, and nobody sent it`);
    if (isFinal && !settled.has(eventId))
      violated('P8', `${eventId} of ${partitionKey} is in the lake and has never counted`);
  }
};

const auditUser = (
  rest: Rest,
  partitionKey: string,
  envelopes: readonly (readonly ReadLine[])[],
  parkedKeys: ReadonlySet<string>,
): { readonly facts: readonly OracleFact[]; readonly settled: ReadonlySet<string> } => {
  const memory = new StatedMemory((branch) => rest.faults.count(branch));
  const copies = new Map<string, number>();
  const firstOf = new Map<string, number>();
  const settled = new Set<string>();
  const sums = { applied: 0, duplicate: 0, parked: 0 };
  const facts: OracleFact[] = [];
  for (const lines of envelopes) {
    for (const [place, fate] of memory.fatesOf(lines).entries()) {
      const line = lines[place];
      if (line === undefined) continue;
      sums[fate.kind] += 1;
      if (line.stub) {
        if (!parkedKeys.has(keyOf(line.at))) violated('P1', `${keyOf(line.at)} parked, no bytes`);
        continue;
      }
      if (fate.kind !== 'applied') continue;
      const { eventId } = line.event;
      const copy = copies.get(eventId) ?? 0;
      copies.set(eventId, copy + 1);
      if (copy > 0) rest.faults.count('counted twice, as stated');
      const since = facts.length - (firstOf.get(eventId) ?? facts.length);
      if (copy > 0 && since <= RING)
        violated('P2', `${eventId} of ${partitionKey} counts again ${since} events later`);
      if (copy === 0) firstOf.set(eventId, facts.length);
      settled.add(eventId);
      facts.push(factOf(line.event, copy, fate.orderCounts));
    }
  }
  auditLake(rest, partitionKey, envelopes.flat(), settled);
  const { applied, duplicate, parked } = rest.auditor.userOf(partitionKey);
  const actual = { applied, duplicate, parked };
  if (JSON.stringify(actual) !== JSON.stringify(sums))
    violated('P2', `${partitionKey} has ${JSON.stringify(actual)}, not ${JSON.stringify(sums)}`);
  return { facts, settled };
};

const reader = (rest: Rest) => {
  const profiles = new MemoryProfileReader();
  for (const [key, stored] of rest.table.profiles) {
    const { version, facets, newestArrivedAt } = decodeProfile(stored, rest.definitions);
    const held = rest.table.traits.get(key);
    const byName = held === undefined ? [] : [...decodeTraits(held.traits).byName];
    const traits = Object.fromEntries(byName.map(([name, { value }]) => [name, value]));
    const user = key.slice('main#'.length);
    profiles.put({ tenant: 'main', user }, { version, facets, newestArrivedAt, traits });
  }
  const serve = profileUseCase({
    profiles,
    definitions: rest.definitions,
    authorize: () => Promise.resolve({ tenant: 'main' }),
  });
  return (path: string, userId: string, query: string): Promise<HttpResponse> =>
    serve({
      method: 'GET',
      path,
      query: new URLSearchParams(query),
      headers: {},
      pathParameters: { userId },
      body: new Uint8Array(),
      bodyIsBytes: false,
      requestId: 'r',
      receivedAtMs: rest.nowMs,
    });
};

/** P3: what is served of a user is the oracle's fold; beyond a bound, what is stated there. */
const auditProfile = async (
  rest: Rest,
  user: string,
  facts: readonly OracleFact[],
  read: ReturnType<typeof reader>,
): Promise<void> => {
  const { nowMs, faults } = rest;
  const pageViews = async (query: string): Promise<PageViewsRead> => {
    const path = `/api/analytics/user/${user}/page-views`;
    const { body, headers } = await read(path, user, query);
    return { rows: JSON.parse(body), partial: headers['tributary-partial'] === 'true' };
  };
  const { statusCode, body } = await read(`/v1/profiles/${user}`, user, '');
  const profile = statusCode === 200 ? (JSON.parse(body) as ProfileAnswer) : undefined;
  if (profile !== undefined) rest.auditor.updates.says(`main#${user}`, profile);
  const views = await pageViews('');
  const sessions = statedSessions(facts);
  const beyond = {
    interests: interestsAreBounded(facts),
    sessions: sessions.dropped.length > 0,
    'page views': tilesAreBounded(facts, nowMs),
  };
  if (beyond.interests) faults.count('bound of the interests exceeded');
  if (beyond.sessions) faults.count('bound of the sessions exceeded');
  if (beyond['page views']) faults.count('bound of the tiles exceeded');
  const isStatedElsewhere = (difference: string): boolean =>
    Object.entries(beyond).some(([what, is]) => is && difference.startsWith(`${user}: ${what} `));
  const wrong = [
    ...differencesOf(user, facts, { profile, pageViews: views.rows }, config).filter(
      (difference) => !isStatedElsewhere(difference),
    ),
    ...(profile && beyond.interests ? interestFaults(facts, profile) : []),
    ...(profile && beyond.sessions ? sessionFaults(sessions, profile) : []),
    ...(beyond['page views']
      ? await pageViewFaults(facts, nowMs, (fromMs) => pageViews(`from=${fromMs}`))
      : []),
    ...(views.partial === beyond['page views'] ? [] : [`${user}: partial is ${views.partial}`]),
  ];
  if (wrong.length > 0) violated('P3', wrong.slice(0, 3).join('; '));
};

/** P1, P2, P3, P8 and P15, once nothing is in flight any more. */
export const auditAtRest = async (rest: Rest): Promise<void> => {
  const parkedKeys = new Set(
    [...rest.failed.events.values()].flatMap(({ at, bytes }) =>
      at === undefined || bytes.length === 0 ? [] : [keyOf(at)],
    ),
  );
  const byUser = rawLines(rest);
  const read = reader(rest);
  const settled = new Set<string>();
  const counted: (readonly OracleFact[])[] = [];
  for (const [partitionKey, envelopes] of byUser) {
    const user = partitionKey.slice('main#'.length);
    const found = auditUser(rest, partitionKey, envelopes, parkedKeys);
    for (const eventId of found.settled) settled.add(`${user}/${eventId}`);
    counted.push(found.facts);
    const told = rest.timeline.kept.users.get(partitionKey)?.values() ?? [];
    auditTimeline(partitionKey, told, found.facts);
    if (found.facts.length > 0) await auditProfile(rest, user, found.facts, read);
  }
  rest.auditor.tally.atRest();
  for (const [key, { version }] of rest.table.profiles) rest.auditor.updates.newestIs(key, version);
  auditRows(rest.rows.rows, counted);
  const parkedIds = new Set(
    [...rest.failed.events.values()].flatMap(({ bytes, partitionKey }) => {
      const id = /"eventId":"([^"]+)"/.exec(Buffer.from(bytes).toString('utf8'))?.[1];
      return id === undefined ? [] : [`${partitionKey?.slice('main#'.length)}/${id}`];
    }),
  );
  for (const event of rest.acknowledged)
    if (!settled.has(event) && !parkedIds.has(event))
      violated('P1', `${event} was acknowledged and is nowhere`);
};
