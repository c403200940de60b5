import * as z from 'zod';

const written = z.object({ outcome: z.enum(['applied', 'duplicate']), arrivedAt: z.string() });
export type ReadOutcome = z.infer<typeof written>;

/** Undefined for what `aggregate` did not write. */
export const readOutcome = (text: string): ReadOutcome | undefined => {
  try {
    return written.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};
