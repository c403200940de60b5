import type { GeoRegion, JsonObject } from '../event/event.ts';
import { textAt } from './json-path.ts';
import { foldWord, type LookupTables } from './lookup-tables.ts';

/** The longest name in the table has 44 letters. */
const COUNTRY_CHARACTERS_MAX = 64;

/** By the country that the client states; where it states none we do not guess from its language. */
export const geoRegionOf = (context: JsonObject, tables: LookupTables): GeoRegion => {
  const country = textAt(context, 'location', 'country') ?? textAt(context, 'geo', 'country');
  if (country === undefined || country.length > COUNTRY_CHARACTERS_MAX) return 'UNKNOWN';
  return tables.regions.get(foldWord(country)) ?? 'UNKNOWN';
};
