import { enrichRecord, type RawRecord } from '../functions/core/enrichment/enrich-record.ts';
import { lookupTables } from '../functions/core/enrichment/lookup-tables.ts';
import type { Draft } from '../functions/core/event/decode.ts';
import { cutEnvelopes } from '../functions/core/event/envelope.ts';
import type { Json } from '../functions/core/event/event.ts';
import { judgeEvents, readRequest } from '../functions/core/event/request.ts';
import { epochMs } from '../functions/core/time.ts';
import type { ShopperEvent } from '../simulate/crowd.ts';
import { config } from '../tributary.config.ts';
import { START } from './workload.ts';

export interface SentBody {
  readonly text: string;
  readonly atMs: number;
}

export const bodyOf = (request: readonly ShopperEvent[]): SentBody => {
  const bodies = request.map(({ body }) => body);
  return {
    text: JSON.stringify(bodies.length === 1 ? bodies[0] : bodies),
    atMs: Math.max(...request.map(({ fact }) => fact.timestamp)),
  };
};

/** JSON, shapes, limits, canonical events. */
export const judgeBody = ({ text, atMs }: SentBody): readonly Draft[] => {
  const sent = readRequest(JSON.parse(text) as Json);
  if ('refused' in sent) throw new Error(sent.refused);
  const judged = judgeEvents(sent, {
    tenant: 'main',
    currency: config.currency,
    rates: config.rates,
    receivedAt: epochMs(atMs + LATENCY_MS),
    hints: { actionIsName: true, ads: false },
    newEventId: () => 'none',
  });
  const drafts = judged.flatMap((each) => (each.status === 'accepted' ? [each.draft] : []));
  if (drafts.length !== sent.events.length) throw new Error(`an event was refused: ${text}`);
  return drafts;
};

let requests = 0;

/** Collect's pure work: all that, and envelopes. */
export const decodeRequest = (body: SentBody) => {
  requests += 1;
  return cutEnvelopes(judgeBody(body), {
    origin: {
      protocol: 'native',
      path: '/v1/events',
      requestId: `01932f6e-0000-7000-8000-${String(requests).padStart(12, '0')}`,
      keyId: '5a1e0c9d',
    },
    newBatchId: () => '0123456789abcdef',
  });
};

const LATENCY_MS = 40;
/** Sequence numbers of Kinesis have 56 digits. */
const SEQUENCE_START = 10n ** 55n;

export const rawRecordOf = (
  { partitionKey, data }: { readonly partitionKey: string; readonly data: string },
  place: number,
  arrivedAtMs: number = START,
): RawRecord => ({
  partitionKey,
  at: {
    stream: '5bd1e995',
    shard: 'shardId-000000000000',
    sequence: String(SEQUENCE_START + BigInt(place)),
  },
  arrivedAt: epochMs(arrivedAtMs),
  bytes: Buffer.from(data),
});

export const enrichAll = (records: readonly RawRecord[]) =>
  records.map((record) => {
    const { lines, setAside } = enrichRecord(record, lookupTables);
    if (setAside.length > 0) throw new Error(`a line was set aside: ${setAside[0]?.detail}`);
    return { partitionKey: record.partitionKey, lines };
  });
