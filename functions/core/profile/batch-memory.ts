import { invariant } from '../invariant.ts';

/**
 * The user's last requests, by the hash of their ids and of the boundaries of their cut, each with a
 * bit per part that was seen; oldest first. It recognises a resend of any size that is cut alike.
 *
 * A copy of a batch that is known pushes none out: a client that repeats itself erodes nothing.
 */
export type BatchMemory = ReadonlyMap<string, bigint>;

export const BATCHES_MAX = 32;
export const BATCH_PARTS_MAX = 64;

export interface BatchPart {
  /** 16 hex digits. */
  readonly batchId: string;
  readonly part: number;
}

export const knowsPart = (memory: BatchMemory, { batchId, part }: BatchPart): boolean =>
  ((memory.get(batchId) ?? 0n) & (1n << BigInt(part))) !== 0n;

export const rememberPart = (memory: Map<string, bigint>, { batchId, part }: BatchPart): void => {
  invariant(part >= 0 && part < BATCH_PARTS_MAX, 'a batch has at most 64 parts');
  memory.set(batchId, (memory.get(batchId) ?? 0n) | (1n << BigInt(part)));
  for (const oldest of memory.keys()) {
    if (memory.size <= BATCHES_MAX) break;
    memory.delete(oldest);
  }
};
