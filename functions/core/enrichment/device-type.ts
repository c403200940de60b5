import type { DeviceType, JsonObject } from '../event/event.ts';
import { textAt } from './json-path.ts';
import { foldWord, type LookupTables } from './lookup-tables.ts';

/** A user agent longer than this is read up to here: it is a stranger's text. */
const USER_AGENT_CHARACTERS_MAX = 512;
const WORD_CHARACTERS_MAX = 64;

/** Words that robots call themselves; the first that matches decides. */
const BOT =
  /bot\b|crawl|spider|slurp|headless|lighthouse|\bcurl\/|\bwget\/|python-requests|bingpreview/i;

const BY_USER_AGENT: readonly (readonly [RegExp, DeviceType])[] = [
  [/smart-?tv|appletv|googletv|hbbtv|roku|bravia|aft[bmnst]\b|web0s|tizen.*\btv\b/i, 'TV'],
  [/ipad|tablet|kindle|silk\/|playbook|android(?!.*mobile)/i, 'TABLET'],
  [/iphone|ipod|android|windows phone|\bmobile\b|blackberry|opera mini/i, 'MOBILE'],
  [/windows nt|macintosh|x11|cros|linux/i, 'DESKTOP'],
];

/**
 * A robot is one whatever it claims, by its user agent; else what the client calls its device,
 * else what its user agent and its system tell.
 */
export const deviceTypeOf = (context: JsonObject, tables: LookupTables): DeviceType => {
  const userAgent = textAt(context, 'userAgent', 'value')?.slice(0, USER_AGENT_CHARACTERS_MAX);
  if (userAgent !== undefined && BOT.test(userAgent)) return 'BOT';
  return (
    claimed(textAt(context, 'device', 'type'), tables) ??
    BY_USER_AGENT.find(([pattern]) => userAgent !== undefined && pattern.test(userAgent))?.[1] ??
    claimed(textAt(context, 'os', 'name'), tables) ??
    'UNKNOWN'
  );
};

const claimed = (word: string | undefined, tables: LookupTables): DeviceType | undefined =>
  word === undefined || word.length > WORD_CHARACTERS_MAX
    ? undefined
    : tables.devices.get(foldWord(word));
