/** An event that rides in a request: folded as the stream would, for this answer alone. */
import { enrichmentOf } from '../core/enrichment/enrichment.ts';
import type { LookupTables } from '../core/enrichment/lookup-tables.ts';
import type { Money } from '../core/event/commerce.ts';
import { decodeEvent } from '../core/event/decode.ts';
import type { EnrichedEvent, Json } from '../core/event/event.ts';
import { isReject } from '../core/event/reject.ts';
import type { CountedEvent } from '../core/profile/facets.ts';
import { type EpochMs, epochMs, fromRfc3339, toRfc3339 } from '../core/time.ts';
import type { Refused } from './asked.ts';

export interface Riding {
  readonly tables: LookupTables;
  readonly money: Money;
  readonly newId: (atMs: number) => string;
  readonly tenant: string;
  readonly receivedAt: EpochMs;
  readonly who: { readonly userId?: string | undefined; readonly anonymousId?: string | undefined };
}

const NOWHERE = { stream: '00000000', shard: 'none', sequence: '0', index: 0 };

/** Whoever is asked for is whose event it is. */
const withWho = (sent: Json, { userId, anonymousId }: Riding['who']): Json =>
  typeof sent === 'object' && sent !== null && !Array.isArray(sent)
    ? { ...sent, ...(userId === undefined ? { anonymousId: anonymousId ?? '' } : { userId }) }
    : sent;

export const currentEvent = (sent: Json, riding: Riding): CountedEvent | Refused => {
  const { tables, money, newId, tenant, receivedAt, who } = riding;
  const decoded = decodeEvent(withWho(sent, who), {
    ...money,
    tenant,
    receivedAt,
    hints: { actionIsName: true, ads: false },
    newEventId: () => newId(receivedAt),
    shared: { context: {} },
  });
  if (isReject(decoded)) return { code: decoded.reason, detail: `\`event\`: ${decoded.detail}` };
  const event: EnrichedEvent = {
    ...decoded.event,
    ingest: {
      protocol: 'native',
      path: '/v1/personalize',
      requestId: '',
      batchId: '',
      part: 1,
      parts: 1,
      envelopes: 1,
      keyId: '',
    },
    enrichment: enrichmentOf(decoded.event, tables),
    at: NOWHERE,
    arrivedAt: toRfc3339(receivedAt),
    lookups: tables.version,
  };
  const timestamp = fromRfc3339(event.timestamp) ?? receivedAt;
  return { event, timestamp: epochMs(timestamp), arrivedAt: receivedAt, orderCounts: true };
};
