import type { DeviceType, GeoRegion } from '../event/event.ts';
import { COUNTRIES } from './countries.ts';

/** What an enrichment is looked up in. A line names the version that enriched it. */
export interface LookupTables {
  readonly version: number;
  /** By the folded code or name of a country. */
  readonly regions: ReadonlyMap<string, GeoRegion>;
  /** By the folded word that a client calls its device. */
  readonly devices: ReadonlyMap<string, DeviceType>;
  /** Of a laptop, where it may throw: a bug of this event that is made on purpose. */
  readonly door?: ((event: { readonly eventId: string }) => void) | undefined;
}

/** To be raised with every change of a table, here or in the files that it is made from. */
const LOOKUPS_VERSION = 1;

const NOT_ALPHANUMERIC = /[^a-z0-9]+/g;
/** A code or a single word, as most are: there is nothing to fold but its case. */
const PLAIN_WORD = /^[A-Za-z0-9]*$/;

/** Case, accents, spaces and punctuation do not matter: `Côte d’Ivoire` is `cotedivoire`. */
export const foldWord = (text: string): string =>
  PLAIN_WORD.test(text)
    ? text.toLowerCase()
    : text.normalize('NFD').toLowerCase().replace(NOT_ALPHANUMERIC, '');

const regionsOf = (): ReadonlyMap<string, GeoRegion> => {
  const regions = new Map<string, GeoRegion>();
  for (const region of ['AMER', 'EMEA', 'APAC'] as const) {
    for (const name of COUNTRIES[region].split(/[;/]/)) {
      const folded = foldWord(name);
      if (folded !== '') regions.set(folded, region);
    }
  }
  return regions;
};

const DEVICE_WORDS: Readonly<Record<Exclude<DeviceType, 'UNKNOWN'>, string>> = {
  MOBILE: 'mobile phone smartphone mobilephone handset ios iphone android mobileweb mobileapp',
  DESKTOP: 'desktop web pc computer laptop notebook browser mac macos windows linux chromeos',
  TABLET: 'tablet ipad ipados androidtablet kindle',
  TV: 'tv smarttv ctv connectedtv settopbox appletv androidtv roku tvos console gameconsole',
  BOT: 'bot crawler spider robot',
};

const devicesOf = (): ReadonlyMap<string, DeviceType> =>
  new Map(
    (['MOBILE', 'DESKTOP', 'TABLET', 'TV', 'BOT'] as const).flatMap((type) =>
      DEVICE_WORDS[type].split(' ').map((word): [string, DeviceType] => [word, type]),
    ),
  );

export const lookupTables: LookupTables = {
  version: LOOKUPS_VERSION,
  regions: regionsOf(),
  devices: devicesOf(),
};
