/** Why a tag of a user says what it says. */
import type { Origin } from '../core/event/event.ts';
import { answerExplain, EXPLAINED_EVENTS_MAX } from '../core/profile/explain-answer.ts';
import {
  type FedEvent,
  fedEvents,
  isFound,
  type TagAsked,
  type Told,
  toldIn,
} from '../core/profile/fed-events.ts';
import { readTimelineRow } from '../core/profile/timeline.ts';
import type { OfferedTag } from '../core/tags/compile.ts';
import { explainTag, type TagTiles } from '../core/tags/explain.ts';
import { explainOff, noTiles, type OffPart, sinceCut } from '../core/tags/explain-off.ts';
import { partsOf, readTags, type ServedTag, versionServed } from '../core/tags/read.ts';
import { type EpochMs, epochMs } from '../core/time.ts';
import type { ReadProfile } from '../ports/profile-reader.ts';
import type { TimelinePlace, TimelineReader } from '../ports/timeline.ts';
import { type HttpRequest, type HttpResponse, json, problem } from '../runtime/http.ts';
import { readUserId } from './query.ts';
import { badRequest, CACHING, notNow, readOne, type Serve, unknownUser } from './serve.ts';

const ROWS_A_READ = 50;
/** 500 rows: of a user with more, an answer may name fewer events, and says so. */
const READS_MAX = 10;

/**
 * Newest rows first, until nothing more can be found or named. A row is sorted by what a client
 * claimed, which is not the corrected time of the tiles: so it is not the key that ends the search.
 */
const readFed = async (
  timeline: TimelineReader,
  origin: Origin,
  asked: TagAsked,
): Promise<readonly FedEvent[]> => {
  const told: Told[] = [];
  let place: TimelinePlace | undefined;
  let fed: readonly FedEvent[] = [];
  for (let reads = 0; reads < READS_MAX; reads += 1) {
    if (isFound(fed, asked.tiles) || fed.length > EXPLAINED_EVENTS_MAX) break;
    const read = await timeline.read(origin, place, ROWS_A_READ);
    told.push(...read.rows.map(readTimelineRow).flatMap(toldIn));
    fed = fedEvents(told, asked);
    place = read.next;
    if (place === undefined) break;
  }
  return fed;
};

const notServed = (
  { requestId }: HttpRequest,
  name: string,
  names: readonly string[],
): HttpResponse => {
  const isKnown = names.includes(name);
  const title = isKnown ? 'No value' : 'Unknown tag';
  const detail = isKnown
    ? 'The tag is defined, but no event of this user, and no nightly run, has given it a value yet.'
    : `There are these tags: ${names.join(', ')}.`;
  const code = isKnown ? 'no_value' : 'unknown_tag';
  return problem({ status: 404, code, title, detail }, requestId, CACHING, { names });
};

/** The tag as it is served at this instant, and what it is made of. */
const explained = (
  { facets, off }: ReadProfile,
  offered: OfferedTag | undefined,
  now: EpochMs,
): { readonly tag: ServedTag; readonly tiles: TagTiles; readonly off?: OffPart } | undefined => {
  if (offered === undefined) return undefined;
  const [tag] = readTags(facets.tags, off, [offered], now);
  if (tag === undefined) return undefined;
  const { definition, version } = versionServed(offered, off);
  const { state, ...nightly } = partsOf(facets.tags, off, version);
  const part = explainOff(off, definition, version, now);
  const tiles = state === undefined ? noTiles(definition) : explainTag(state, now, nightly);
  return part === undefined ? { tag, tiles } : { tag, tiles: sinceCut(tiles, part.cut), off: part };
};

export const serveExplain: Serve = async (ports, request, tenant) => {
  const user = readUserId(request);
  if (typeof user !== 'string') return badRequest(user.code, user.detail, request.requestId);
  const profile = await readOne(ports, tenant, user);
  if (profile === undefined) return unknownUser(request);
  if (profile.stale) return notNow(request);
  const name = request.pathParameters.tag ?? '';
  const now = epochMs(request.receivedAtMs);
  const { version, newestArrivedAt } = profile;
  const { offered } = ports.definitions;
  const asked = explained(
    profile,
    offered.find(({ definition }) => definition.name === name),
    now,
  );
  if (asked === undefined) {
    const names = offered.map(({ definition }) => definition.name);
    return notServed(request, name, names);
  }
  const { tag, tiles } = asked;
  const known = { name, tiles, version };
  const fed = ports.timeline && (await readFed(ports.timeline, { tenant, user }, known));
  const whole = { userId: user, version, newestArrivedAt, tag, tiles, off: asked.off, fed };
  return json(200, answerExplain(whole, now), CACHING);
};
