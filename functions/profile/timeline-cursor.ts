/** Where a page of a timeline ended. Rows never change, so a place in one stays what it is. */
export interface TimelineCursor {
  readonly key: string;
  /** Lines of the key's row that have been given, last sent first; undefined: all of it. */
  readonly linesGiven: number | undefined;
}

const CHARACTERS_MAX = 400;
const LINES_GIVEN_MAX = 10_000;

export const writeCursor = ({ key, linesGiven }: TimelineCursor): string =>
  Buffer.from(JSON.stringify([key, linesGiven ?? -1])).toString('base64url');

/** Undefined for what is no cursor of ours. */
export const readCursor = (text: string): TimelineCursor | undefined => {
  if (text.length > CHARACTERS_MAX) return undefined;
  try {
    const read: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    if (!Array.isArray(read) || read.length !== 2) return undefined;
    const [key, given] = read as readonly unknown[];
    if (typeof key !== 'string' || key === '') return undefined;
    if (typeof given !== 'number' || !Number.isInteger(given)) return undefined;
    if (given < -1 || given > LINES_GIVEN_MAX) return undefined;
    return { key, linesGiven: given === -1 ? undefined : given };
  } catch {
    return undefined;
  }
};
