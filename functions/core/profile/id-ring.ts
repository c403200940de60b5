/**
 * 48-bit hashes of the ids that were counted last, oldest first: a list that forgets in the order in
 * which it learnt. Copies push nothing out, so "the last 128" are 128 counted events.
 *
 * A plain list of numbers, searched from end to end: at this length that is faster than building a
 * set of it for every write.
 */
export type IdRing = readonly number[];

/** A size choice: 6 bytes each, for resends that were cut anew. */
export const RING_IDS_MAX = 128;

/** Adds to a bounded ring of distinct ids; what is over the bound leaves, oldest first. */
export const rememberIn = (ring: number[], id: number, idsMax: number): void => {
  if (ring.includes(id)) return;
  ring.push(id);
  if (ring.length > idsMax) ring.shift();
};
