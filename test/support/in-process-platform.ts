import { INGEST_ROUTES } from '../../functions/collect/routes.ts';
import { enrichRecord } from '../../functions/core/enrichment/enrich-record.ts';
import { lookupTables } from '../../functions/core/enrichment/lookup-tables.ts';
import { type DecodeContext, decodeEvent } from '../../functions/core/event/decode.ts';
import { cutEnvelopes } from '../../functions/core/event/envelope.ts';
import type { EnrichedEvent, Json, JsonObject } from '../../functions/core/event/event.ts';
import { isReject } from '../../functions/core/event/reject.ts';
import {
  compileProfile,
  decodeFacets,
  encodeFacets,
  foldFacets,
  noFacets,
} from '../../functions/core/profile/facets.ts';
import { type EpochMs, epochMs, fromRfc3339 } from '../../functions/core/time.ts';
import type { ProfileReader, TraitValue } from '../../functions/ports/profile-reader.ts';
import { profile } from '../../functions/profile/profile.ts';
import type { Reply, Transport } from '../../simulate/transport.ts';
import { config } from '../../tributary.config.ts';

interface Kept {
  facets: string;
  traits: Record<string, TraitValue>;
  traitTimes: Record<string, string>;
  version: number;
  newestArrivedAt: EpochMs;
  readonly ids: Set<string>;
  readonly orders: Set<string>;
}

const definitions = compileProfile(config);

/**
 * The whole way of an event in one process: the shipped decoder, envelopes, enrichment, fold and
 * answers, over a map instead of streams and tables, with the plainest dedupe that there is.
 */
export const inProcessPlatform = (now: () => number): Transport => {
  const users = new Map<string, Kept>();
  let sequence = 0;

  const contextOf = (path: string): DecodeContext => {
    const hints = INGEST_ROUTES.find((route) => route.path === path)?.hints;
    if (hints === undefined) throw new Error(`no door ${path}`);
    return {
      tenant: 'main',
      currency: config.currency,
      rates: config.rates,
      receivedAt: epochMs(now()),
      hints,
      newEventId: () => `server-${sequence}`,
      shared: { context: {} },
    };
  };

  const apply = (user: string, event: EnrichedEvent): void => {
    const kept = users.get(user) ?? {
      facets: encodeFacets(noFacets(definitions)),
      traits: {},
      traitTimes: {},
      version: 0,
      newestArrivedAt: epochMs(0),
      ids: new Set(),
      orders: new Set(),
    };
    users.set(user, kept);
    if (kept.ids.has(event.eventId)) return;
    kept.ids.add(event.eventId);
    const order = `${event.name}/${event.commerce?.orderId ?? event.eventId}`;
    const orderCounts = event.name === 'Order Refunded' || !kept.orders.has(order);
    kept.orders.add(order);
    const timestamp = fromRfc3339(event.timestamp) ?? epochMs(0);
    const arrivedAt = fromRfc3339(event.arrivedAt) ?? epochMs(0);
    const before = decodeFacets(kept.facets, definitions);
    const counted = { event, timestamp, arrivedAt, orderCounts };
    kept.facets = encodeFacets(foldFacets(before, [counted], definitions));
    kept.version += 1;
    kept.newestArrivedAt = arrivedAt;
    for (const [name, value] of Object.entries(event.traits)) {
      const time = `${event.timestamp} ${event.eventId}`;
      if ((kept.traitTimes[name] ?? '') > time) continue;
      kept.traits[name] = value as TraitValue;
      kept.traitTimes[name] = time;
    }
  };

  const take = (path: string, body: string): Reply => {
    const sent = JSON.parse(body) as Json;
    const decoded = (Array.isArray(sent) ? sent : [sent]).map((event: JsonObject) =>
      decodeEvent(event, contextOf(path)),
    );
    const drafts = decoded.flatMap((each) => (isReject(each) ? [] : [each]));
    const origin = { protocol: 'native', path, requestId: `r${sequence}`, keyId: 'k' };
    for (const { partitionKey, data } of cutEnvelopes(drafts, {
      origin,
      newBatchId: () => '0123456789abcdef',
    })) {
      sequence += 1;
      const at = { stream: '00000000', shard: 'shardId-000000000000', sequence: String(sequence) };
      const bytes = Buffer.from(data);
      const record = { partitionKey, at, arrivedAt: epochMs(now()), bytes };
      for (const line of enrichRecord(record, lookupTables).lines) {
        apply(partitionKey, JSON.parse(line) as EnrichedEvent);
      }
    }
    const results = decoded.map((each, index) => ({
      index,
      ...(isReject(each) ? { status: 'rejected', error: each } : { status: 'accepted' }),
    }));
    return { status: 202, body: JSON.stringify({ results }) };
  };

  const profiles: ProfileReader = {
    read: (origins) =>
      Promise.resolve(
        origins.map(({ tenant, user }) => {
          const kept = users.get(`${tenant}#${user}`);
          return kept && { ...kept, facets: decodeFacets(kept.facets, definitions) };
        }),
      ),
  };
  const serve = profile({
    profiles,
    definitions,
    authorize: () => Promise.resolve({ tenant: 'main' }),
  });

  return async ({ method, path, body }) => {
    if (method === 'POST') return take(path, body ?? '');
    const url = new URL(path, 'http://localhost');
    const userId = /\/user\/([^/]+)\/page-views$/.exec(url.pathname)?.[1];
    const answer = await serve({
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: {},
      pathParameters: userId === undefined ? {} : { userId: decodeURIComponent(userId) },
      body: new Uint8Array(),
      bodyIsBytes: false,
      requestId: 'r',
      receivedAtMs: now(),
    });
    return { status: answer.statusCode, body: answer.body };
  };
};
