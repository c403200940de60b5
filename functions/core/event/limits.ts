/** Every bound of the ingest API, in one place; `docs/api.md` repeats them for people. */
const KIB = 1_024;

export const REQUEST_BYTES_MAX = 512 * KIB;
export const REQUEST_EVENTS_MAX = 500;
/** An event as sent: its JSON without insignificant white space. */
export const EVENT_SENT_BYTES_MAX = 32 * KIB;
export const EVENT_LINE_BYTES_MAX = 64 * KIB;
export const EVENT_DEPTH_MAX = 64;
export const EVENT_KEYS_MAX = 1_000;

export const USER_ID_CHARACTERS_MAX = 128;
export const USER_ID_BYTES_MAX = 200;
export const EVENT_ID_CHARACTERS_MAX = 100;
export const SESSION_ID_CHARACTERS_MAX = 128;
export const NAME_CHARACTERS_MAX = 200;
/** Lines of an order that are kept in derived form; all of them are summed. */
export const COMMERCE_ITEMS_MAX = 200;

export const FUTURE_MS_MAX = 5 * 60_000;

/** One payload unit of Kinesis. */
export const ENVELOPE_BYTES_MAX = 25 * KIB;
export const ENVELOPE_EVENTS_MAX = 64;
/** What an event counts in an envelope beside its JSON as sent. */
export const ENVELOPE_EVENT_OVERHEAD_BYTES = 256;
/** A batch memory's bitmap has this many bits. */
export const ENVELOPE_PARTS_MAX = 64;
