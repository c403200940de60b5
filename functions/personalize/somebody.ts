/** Whom an answer is for: a profile, with the event that rides along, and the taste it shows. */
import { geoRegionOf } from '../core/enrichment/geo-region.ts';
import { foldFacets, noFacets } from '../core/profile/facets.ts';
import type { Taste } from '../core/recommend/ranking.ts';
import { tasteOf } from '../core/recommend/taste.ts';
import { type EpochMs, epochMs } from '../core/time.ts';
import type { ReadProfile } from '../ports/profile-reader.ts';
import type { Ask, Refused } from './asked.ts';
import { currentEvent } from './current-event.ts';
import type { PersonalizePorts } from './ports.ts';

export interface Somebody {
  /** Undefined where nobody knows them, and no event says anything. */
  readonly profile?: ReadProfile | undefined;
  readonly taste: Taste;
}

/** As the current event says, else as the user's traits do. */
const regionOf = (
  { tables }: PersonalizePorts,
  { region }: Ask,
  {
    profile,
    eventRegion,
  }: { readonly profile?: ReadProfile | undefined; readonly eventRegion?: string | undefined },
): string | undefined => {
  const country = profile?.traits.country;
  const told =
    typeof country === 'string' ? geoRegionOf({ location: { country } }, tables) : undefined;
  return [region, eventRegion, told].find((each) => each !== undefined && each !== 'UNKNOWN');
};

export const somebody = async (
  ports: PersonalizePorts,
  tenant: string,
  ask: Ask,
  receivedAt: EpochMs,
): Promise<Somebody | Refused> => {
  const { profiles, definitions, tables, money, newId } = ports;
  const { userId, anonymousId, event } = ask;
  const [found] = await profiles.read([{ tenant, user: userId ?? anonymousId ?? '' }]);
  const riding =
    event === undefined
      ? undefined
      : currentEvent(event, { tables, money, newId, tenant, receivedAt, who: ask });
  if (riding !== undefined && 'code' in riding) return riding;
  const profile: ReadProfile | undefined =
    riding === undefined
      ? found
      : {
          version: 0,
          traits: {},
          newestArrivedAt: epochMs(0),
          ...found,
          facets: foldFacets(found?.facets ?? noFacets(definitions), [riding], definitions),
        };
  const eventRegion = riding?.event.enrichment.geoRegion;
  const region = regionOf(ports, ask, { profile, eventRegion });
  return { profile, taste: tasteOf(profile?.facets, { userId, anonymousId, region }) };
};
