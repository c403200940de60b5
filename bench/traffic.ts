/**
 * What events weigh in the units that AWS bills: bytes of records and rows, write units. Measured
 * with the shipped core over the simulator's events, so it is the same on every machine.
 */
import { gzipSync } from 'node:zlib';
import { cacheKeyOf, entryToText } from '../functions/adapters/cache-entries.ts';
import { type Change, readEffects } from '../functions/core/analytics/effects.ts';
import { type FeedEvent, feedEventsOf, grownFeed } from '../functions/core/analytics/live-feed.ts';
import { rowsOf, type TallyRow } from '../functions/core/analytics/tally-rows.ts';
import { compileProfile, decodeFacets } from '../functions/core/profile/facets.ts';
import type { StoredProfile } from '../functions/core/profile/stored-profile.ts';
import { profileUpdate } from '../functions/core/profile/update.ts';
import { epochMs } from '../functions/core/time.ts';
import type { Traffic } from '../lib/cost/volume.ts';
import { config } from '../tributary.config.ts';
import { bodyOf, decodeRequest, enrichAll, rawRecordOf } from './event-path.ts';
import { foldInto } from './fold.ts';
import { rowSizes } from './timeline-size.ts';
import { nativeEvents, requestsOf, START } from './workload.ts';

const USERS = 300;
const EVENTS = 10_000;
/** One user's events arrive so far apart: a minute of the tally then holds all users' together. */
const MINUTE = Math.floor(START / 60_000);
const SHARD = 'shardId-00000001732173000000-0a1b2c3d';
/** Objects of the lake hold many records; a few hundred are enough to compress as well. */
const RECORDS_PER_OBJECT = 400;

/** Names and numbers of an item's small attributes, and its keys. */
const ITEM_SMALL_BYTES = 160;
const UNIT_BYTES = 1_024;
const ANSWER_HEADER_BYTES = 250;
/** The script of `valkeyProfileCache`, which each write sends, and the command around it. */
const CACHE_SCRIPT_BYTES = 500;

const definitions = compileProfile(config);

const mean = (numbers: readonly number[]): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

const itemBytes = ({ memory, facets, fx }: StoredProfile): number =>
  memory.length + Buffer.byteLength(facets) + Buffer.byteLength(fx) + ITEM_SMALL_BYTES;

const gzipBytesEach = (texts: readonly string[]): number => {
  const some = texts.slice(0, RECORDS_PER_OBJECT);
  return gzipSync(some.join('')).length / some.length;
};

const answerBytes = (eventIds: readonly string[]): number =>
  ANSWER_HEADER_BYTES +
  Buffer.byteLength(
    JSON.stringify({
      accepted: eventIds.length,
      duplicates: 0,
      rejected: 0,
      results: eventIds.map((eventId, index) => ({ index, eventId, status: 'accepted' })),
    }),
  );

/** All changes in one minute of one shard: the row of a busy minute, and what is beside it. */
const tallyRows = (changes: readonly Change[]): Traffic['tallyRowBytes'] => {
  const rows = new Map<string, TallyRow>();
  for (const { key, fold } of rowsOf(changes, SHARD)) {
    const row = fold(undefined);
    if (row !== undefined) rows.set(key.pk.slice(0, 1), row);
  }
  const feed = changes.reduce<readonly FeedEvent[]>(
    (before, change) => grownFeed(before, feedEventsOf(change)),
    [],
  );
  const bytesOf = (row: TallyRow | undefined): number =>
    ITEM_SMALL_BYTES + Buffer.byteLength(row?.sums ?? '');
  return {
    minute: bytesOf(rows.get('m')),
    day: bytesOf(rows.get('d')),
    feed: ITEM_SMALL_BYTES + Buffer.byteLength(JSON.stringify(feed)),
  };
};

const changeOf = (partitionKey: string, place: number, fx: string): Change => {
  const [tenant = '', user = ''] = partitionKey.split('#');
  const effects = readEffects(fx);
  if (effects === undefined) throw new Error('effects of a fold can be read');
  const at = epochMs(START);
  return { tenant, user, sequence: String(place + 1), at, effects };
};

const cacheWriteBytes = (partitionKey: string, profile: StoredProfile): number => {
  const [tenant = '', user = ''] = partitionKey.split('#');
  const { since, version, ttl, newestArrivedAt: at, facets: stored } = profile;
  const texts = [
    cacheKeyOf({ tenant, user }, 'rt'),
    entryToText({ since, version, ttl, at, stored }),
  ];
  return CACHE_SCRIPT_BYTES + Buffer.byteLength(texts.join(''));
};

const updateBytes = (partitionKey: string, stored: StoredProfile): number => {
  const [, user = ''] = partitionKey.split('#');
  const { version, newestArrivedAt: updatedAt } = stored;
  const facets = decodeFacets(stored.facets, definitions);
  const update = profileUpdate(user, { version, updatedAt, facets });
  return Buffer.byteLength(`${JSON.stringify(update)}\n`);
};

/** Everything of one user in one record a request, each written by itself: nothing is coalesced. */
export const traffic = (eventsPerRequest: number): Traffic => {
  const bodies = requestsOf(nativeEvents(USERS, EVENTS), eventsPerRequest).map(bodyOf);
  const envelopes = bodies.flatMap((body) => decodeRequest(body));
  const raw = envelopes.map((envelope, place) => rawRecordOf(envelope, place, MINUTE * 60_000));
  const enriched = enrichAll(raw).map(({ partitionKey, lines }) => ({
    partitionKey,
    lines,
    text: lines.map((line) => `${line.trimEnd()}\n`).join(''),
  }));
  const profiles = new Map<string, StoredProfile>();
  const written: StoredProfile[] = [];
  const updates: number[] = [];
  const copies: number[] = [];
  const changes: Change[] = [];
  for (const record of enriched) {
    const { partitionKey } = record;
    const after = foldInto(profiles.get(partitionKey), partitionKey, [record]);
    profiles.set(partitionKey, after);
    written.push(after);
    updates.push(updateBytes(partitionKey, after));
    copies.push(cacheWriteBytes(partitionKey, after));
    changes.push(changeOf(partitionKey, changes.length, after.fx));
  }
  const withTraits = enriched.filter(({ lines }) =>
    lines.some((line) => !line.includes('"traits":{}')),
  );
  const sizes = written.map(itemBytes);
  const rows = rowSizes(eventsPerRequest);
  const ids = envelopes.slice(0, 1).flatMap(({ data }) => data.trimEnd().split('\n'));
  return {
    eventsPerRequest,
    recordsPerRequest: envelopes.length / bodies.length,
    rawRecordBytes: mean(envelopes.map(({ data }) => Buffer.byteLength(data))),
    enrichedRecordBytes: mean(enriched.map(({ text }) => Buffer.byteLength(text))),
    rawGzipBytes: gzipBytesEach(envelopes.map(({ data }) => data)),
    enrichedGzipBytes: gzipBytesEach(enriched.map(({ text }) => text)),
    answerBytes: answerBytes(ids.map((line) => String(Object(JSON.parse(line)).eventId))),
    itemBytes: mean(sizes),
    itemWriteUnits: mean(sizes.map((bytes) => Math.ceil(bytes / UNIT_BYTES))),
    traitsShare: withTraits.length / enriched.length,
    timelineRow: { bytes: rows.meanBytes, writeUnits: rows.unitsPerRow },
    updateBytes: mean(updates),
    cacheWriteBytes: mean(copies),
    tallyRowBytes: tallyRows(changes),
  };
};
