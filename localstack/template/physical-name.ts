import { createHash } from 'node:crypto';

/** The shortest limit that AWS sets on a name we give: buckets. */
const LENGTH_MAX = 63;
const HASH_LENGTH = 8;

/** Stable over restarts, so that a resource finds its data again. */
export const physicalNameOf = (stack: string, logicalId: string): string => {
  const name = `${stack}-${logicalId}`;
  if (name.length <= LENGTH_MAX) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  return `${name.slice(0, LENGTH_MAX - HASH_LENGTH - 1)}-${hash}`;
};
