/** `aggregate` and `profile` over the same memory: what arrives can be asked for. */
import type { JsonObject } from '../../functions/core/event/event.ts';
import { decodeFacets } from '../../functions/core/profile/facets.ts';
import type { ProfileReader } from '../../functions/ports/profile-reader.ts';
import { profile } from '../../functions/profile/profile.ts';
import { type Aggregating, aggregating, recordsOf } from './aggregating.ts';
import { definitions, NOW, requestOf } from './enriched-lines.ts';

export const timelinePlatform = (options: Aggregating & { readonly isOff?: boolean } = {}) => {
  const world = aggregating({ timeline: (memory) => memory, ...options });
  let records = 0;
  const profiles: ProfileReader = {
    read: async (origins) =>
      origins.map(({ tenant, user }) => {
        const item = world.memory.profiles.get(`${tenant}#${user}`);
        if (item === undefined || 'unreadable' in item) return undefined;
        const { version, newestArrivedAt } = item;
        const facets = decodeFacets(item.facets, definitions);
        return { version, newestArrivedAt, facets, traits: {} };
      }),
  };
  const serve = profile({
    profiles,
    ...(options.isOff ? {} : { timeline: world.timeline }),
    definitions,
    authorize: async () => ({ tenant: 'main' }),
  });
  return {
    ...world,
    /** One request through enrichment and the fold, delivered again until nothing is unfinished. */
    send: async (events: readonly JsonObject[]): Promise<void> => {
      const cuts = requestOf(events, `request-${records}`);
      const batch = recordsOf(cuts, { from: records });
      for (let tries = 0; (await world.run(batch, { from: records })) !== undefined; tries += 1) {
        if (tries > 50) throw new Error('it does not come to rest');
      }
      records += cuts.length;
    },
    get: async (path: string, receivedAtMs = NOW) => {
      const [route = '', query = ''] = path.split('?');
      const [, , , user = '', kind, tag] = route.split('/').map(decodeURIComponent);
      const answer = await serve({
        method: 'GET',
        path: decodeURIComponent(route),
        query: new URLSearchParams(query),
        headers: {},
        pathParameters: { userId: user, ...(kind === 'explain' && tag ? { tag } : {}) },
        body: new Uint8Array(),
        bodyIsBytes: false,
        requestId: 'req-1',
        receivedAtMs,
      });
      return { status: answer.statusCode, json: JSON.parse(answer.body), headers: answer.headers };
    },
  };
};
