import { invariant } from '../invariant.ts';

/**
 * The user's last requests, by the hash of their ids and of the boundaries of their cut, each with a
 * bit per part that was seen; oldest first. It recognises a resend of any size that is cut alike.
 *
 * A copy of a batch that is known pushes none out: a client that repeats itself erodes nothing.
 */
export type BatchMemory = readonly Batch[];

/** Numbers of 32 bits, as they are stored and compared. */
export interface Batch {
  readonly idHigh: number;
  readonly idLow: number;
  /** Parts 32 to 63. */
  readonly seenHigh: number;
  /** Parts 0 to 31. */
  readonly seenLow: number;
}

export const BATCHES_MAX = 32;
export const BATCH_PARTS_MAX = 64;
const WORD_BITS = 32;
const WORD_DIGITS = 8;

export interface BatchPart {
  /** 16 hex digits. */
  readonly batchId: string;
  readonly part: number;
}

const idOf = (batchId: string): Pick<Batch, 'idHigh' | 'idLow'> => ({
  idHigh: Number.parseInt(batchId.slice(0, WORD_DIGITS), 16),
  idLow: Number.parseInt(batchId.slice(WORD_DIGITS), 16),
});

const placeOf = (memory: BatchMemory, { idHigh, idLow }: Pick<Batch, 'idHigh' | 'idLow'>) =>
  memory.findIndex((batch) => batch.idLow === idLow && batch.idHigh === idHigh);

const sees = ({ seenHigh, seenLow }: Batch, part: number): boolean =>
  part < WORD_BITS ? (seenLow >>> part) % 2 === 1 : (seenHigh >>> (part - WORD_BITS)) % 2 === 1;

export const knowsPart = (memory: BatchMemory, { batchId, part }: BatchPart): boolean => {
  const batch = memory[placeOf(memory, idOf(batchId))];
  return batch !== undefined && sees(batch, part);
};

const withPart = (batch: Batch, part: number): Batch => ({
  ...batch,
  ...(part < WORD_BITS
    ? { seenLow: (batch.seenLow | (1 << part)) >>> 0 }
    : { seenHigh: (batch.seenHigh | (1 << (part - WORD_BITS))) >>> 0 }),
});

export const rememberPart = (memory: Batch[], { batchId, part }: BatchPart): void => {
  invariant(part >= 0 && part < BATCH_PARTS_MAX, 'a batch has at most 64 parts');
  const id = idOf(batchId);
  const place = placeOf(memory, id);
  const batch = memory[place];
  if (batch !== undefined) {
    if (!sees(batch, part)) memory[place] = withPart(batch, part);
    return;
  }
  memory.push(withPart({ ...id, seenHigh: 0, seenLow: 0 }, part));
  if (memory.length > BATCHES_MAX) memory.shift();
};
