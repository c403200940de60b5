/** What the tags of one user may take, as they are stored. */

/** In the profile that the stream keeps. */
export const TAGS_BYTES_MAX = 1_536;
/** In the item that the nightly job writes. */
export const OFF_BYTES_MAX = 8 * 1_024;
