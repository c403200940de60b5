import { enrichmentOf } from '../functions/core/enrichment/enrichment.ts';
import { lookupTables } from '../functions/core/enrichment/lookup-tables.ts';
import type { Draft } from '../functions/core/event/decode.ts';
import { type EnrichedEvent, originKeyOf } from '../functions/core/event/event.ts';
import { hash48, hash64Hex } from '../functions/core/hash.ts';
import { foldEnvelopes } from '../functions/core/profile/absorb.ts';
import { answerProfile } from '../functions/core/profile/answer.ts';
import { decodeProfile, encodeProfile, type Profile } from '../functions/core/profile/codec.ts';
import { compileProfile } from '../functions/core/profile/facets.ts';
import { encodeFx } from '../functions/core/profile/fx.ts';
import type { Envelope, EventLine } from '../functions/core/profile/line.ts';
import type { StoredProfile } from '../functions/core/profile/stored-profile.ts';
import { type EpochMs, epochMs, fromRfc3339, toRfc3339 } from '../functions/core/time.ts';
import { config } from '../tributary.config.ts';
import type { Bench } from './bench.ts';
import { bodyOf, judgeBody, type SentBody } from './event-path.ts';
import { type Figure, measure } from './measure.ts';
import { FIGURE_HEAD, figureCells, table } from './report.ts';
import { nativeEvents, requestsOf } from './workload.ts';

const EVENTS = 20_000;
const USERS = 300;
const EVENTS_PER_REQUEST = [1, 10, 25] as const;
const WAYS = [
  'state on heap',
  'state on heap, profile rendered',
  'state written and read',
] as const;
type Way = (typeof WAYS)[number];

const definitions = compileProfile(config);
/** Sequence numbers of Kinesis have 56 digits. */
const SEQUENCE = '1'.padEnd(49, '0');

/** What the line would say, without ever being one. */
const lineOf = ({ event }: Draft, { sequence, index, batchId, atMs }: LinePlace): EventLine => {
  const at = { stream: '5bd1e995', shard: 'shardId-000000000000', sequence, index };
  const arrivedAt = epochMs(atMs);
  const batch = { batchId, part: 0 };
  const enriched: EnrichedEvent = {
    ...event,
    ingest: {
      protocol: 'native',
      path: '/v1/events',
      requestId: sequence,
      ...batch,
      parts: 1,
      envelopes: 1,
      keyId: '5a1e0c9d',
    },
    enrichment: enrichmentOf(event, lookupTables),
    at,
    arrivedAt: toRfc3339(arrivedAt),
    lookups: lookupTables.version,
  };
  const timestamp = fromRfc3339(event.timestamp) ?? arrivedAt;
  const idHash = hash48(event.eventId);
  return { kind: 'event', event: enriched, at, arrivedAt, timestamp, idHash, batch, text: '' };
};

interface LinePlace {
  readonly sequence: string;
  readonly index: number;
  readonly batchId: string;
  readonly atMs: number;
}

const envelopeOf = (body: SentBody, place: number): Envelope => {
  const drafts = judgeBody(body);
  const batchId = hash64Hex(drafts.map(({ event }) => event.eventId).join('\n'));
  const sequence = SEQUENCE + String(place).padStart(7, '0');
  const { atMs } = body;
  return {
    position: { stream: '5bd1e995', shard: 'shardId-000000000000', sequence },
    lines: drafts.map((draft, index) => lineOf(draft, { sequence, index, batchId, atMs })),
  };
};

const folded = (before: Profile | undefined, envelope: Envelope, now: EpochMs) => {
  const { after, verdicts } = foldEnvelopes(before, [envelope], { definitions, now });
  if (after === undefined || verdicts.some(({ kind }) => kind !== 'applied')) {
    throw new Error('every event is new here');
  }
  return after;
};

const userOf = ({ lines }: Envelope): string => {
  const [first] = lines;
  if (first?.kind !== 'event') throw new Error('an envelope has an event');
  return originKeyOf(first.event);
};

const render = (user: string, { version, facets, newestArrivedAt }: Profile, now: EpochMs) =>
  JSON.stringify(
    answerProfile(user, { version, facets, traits: {}, newestArrivedAt }, definitions, now),
  );

/** A profile stays a value in a map, as a stream processor keeps it on heap. */
const onHeap = (bodies: readonly SentBody[], rendered: boolean): number => {
  const profiles = new Map<string, Profile>();
  let bytes = 0;
  for (const [place, body] of bodies.entries()) {
    const envelope = envelopeOf(body, place);
    const user = userOf(envelope);
    const now = epochMs(body.atMs);
    const { profile } = folded(profiles.get(user), envelope, now);
    profiles.set(user, profile);
    if (rendered) bytes += render(user, profile, now).length;
  }
  return bytes;
};

/** A profile is bytes between two folds, effects too, as DynamoDB or RocksDB keeps it. */
const written = (bodies: readonly SentBody[]): void => {
  const profiles = new Map<string, StoredProfile>();
  for (const [place, body] of bodies.entries()) {
    const envelope = envelopeOf(body, place);
    const user = userOf(envelope);
    const stored = profiles.get(user);
    const before = stored && decodeProfile(stored, definitions);
    const { profile, effects } = folded(before, envelope, epochMs(body.atMs));
    profiles.set(user, encodeProfile(profile, encodeFx(effects)));
  }
};

const WORK: Readonly<Record<Way, (bodies: readonly SentBody[]) => void>> = {
  'state on heap': (bodies) => onHeap(bodies, false),
  'state on heap, profile rendered': (bodies) => onHeap(bodies, true),
  'state written and read': written,
};

interface PurePath {
  /** By way, then by events a request. */
  readonly purePath: Readonly<Record<string, Readonly<Record<string, Figure>>>>;
}

const run = (): PurePath => {
  const sent = nativeEvents(USERS, EVENTS);
  const figuresOf = (way: Way): Record<string, Figure> =>
    Object.fromEntries(
      EVENTS_PER_REQUEST.map((size) => {
        const bodies = requestsOf(sent, size).map(bodyOf);
        return [size, measure(bodies.length * size, () => WORK[way](bodies))];
      }),
    );
  return { purePath: Object.fromEntries(WAYS.map((way) => [way, figuresOf(way)])) };
};

export const purePath: Bench<PurePath> = {
  name: 'pure-path',
  run,
  section: ({ purePath: ways }) => `## The pure path in one process

From the bytes of a request to the user's profile without a stream between: parse, validate, make
canonical, enrich, judge copies, fold, one thread, median of 7 rounds after 2 of warm-up. *On heap* a
profile stays a value; *rendered*: it is made into the JSON of \`GET /v1/profiles/{userId}\` after each
request; *written and read*: it is decoded, encoded and its effects are printed at each request, as
\`aggregate\` does. For comparison, on a machine like this one: Flink 2.2 236,000/s a core on heap with
the profile rendered, 177,000/s on RocksDB; a plain Node loop without durability 305,000/s; the five
systems 8,800–29,000/s. Aim at 10 events a request: 265,000/s, rendered 236,000/s.

${table(
  ['state', 'events a request', ...FIGURE_HEAD],
  Object.entries(ways).flatMap(([way, bySize]) =>
    Object.entries(bySize).map(([size, figure]) => [way, size, ...figureCells(figure)]),
  ),
)}

What limits it, by \`node --cpu-prof\` of an earlier run over all nine rows: no single place. A third is folding (facets,
sessions, items, interests), 28 % reading, checking and printing events (of which \`JSON.parse\` of the body
5 points), 12 % windows of tags, 6 % garbage collection, 6 % instants and hashes. Written and read, the
profile's own JSON and the dedupe memory come on top. The figures to compare with come from a machine with
nothing else to do.`,
};
