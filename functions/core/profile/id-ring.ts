/**
 * 48-bit hashes of the ids that were counted last, oldest first: a set that forgets in the order in
 * which it learnt. Copies push nothing out, so "the last 128" are 128 counted events.
 */
export type IdRing = ReadonlySet<number>;

/** A size choice: 6 bytes each, for resends that were cut anew. */
export const RING_IDS_MAX = 128;

/** Adds to a bounded set; what is over the bound leaves, oldest first. */
export const rememberIn = (ring: Set<number>, id: number, idsMax: number): void => {
  ring.add(id);
  for (const oldest of ring) {
    if (ring.size <= idsMax) break;
    ring.delete(oldest);
  }
};
