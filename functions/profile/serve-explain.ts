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
import { explainTag } from '../core/tags/explain.ts';
import { readStream } from '../core/tags/read.ts';
import { epochMs } from '../core/time.ts';
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
    ? 'The tag is defined, but no event of this user has given it a value yet.'
    : `The stream keeps these tags: ${names.join(', ')}.`;
  const code = isKnown ? 'no_value' : 'unknown_tag';
  return problem({ status: 404, code, title, detail }, requestId, CACHING, { names });
};

export const serveExplain: Serve = async (ports, request, tenant) => {
  const user = readUserId(request);
  if (typeof user !== 'string') return badRequest(user.code, user.detail, request.requestId);
  const profile = await readOne(ports, tenant, user);
  if (profile === undefined) return unknownUser(request);
  if (profile.stale) return notNow(request);
  const name = request.pathParameters.tag ?? '';
  const now = epochMs(request.receivedAtMs);
  const { tags } = profile.facets;
  const served = readStream(tags, now).find((tag) => tag.name === name);
  const state = tags.states.find(({ tag }) => tag.version === served?.version);
  if (state === undefined || served === undefined) {
    const names = ports.definitions.folded.map(({ definition }) => definition.name);
    return notServed(request, name, names);
  }
  const { version, newestArrivedAt } = profile;
  const tiles = explainTag(state, now);
  const asked = { name, tiles, version };
  const fed = ports.timeline && (await readFed(ports.timeline, { tenant, user }, asked));
  const explained = { userId: user, version, newestArrivedAt, tag: served, tiles, fed };
  return json(200, answerExplain(explained, now), CACHING);
};
