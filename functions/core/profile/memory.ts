import type { BatchMemory } from './batch-memory.ts';
import type { Fences } from './fence.ts';
import type { IdRing } from './id-ring.ts';
import type { OrderMemory } from './orders.ts';
import { nothingParked, type ParkedKeys } from './parked.ts';

/**
 * What a user's item remembers of what it has counted. It lies in the same item as what was counted
 * and changes in the same write, which is why an effect happens once.
 */
export interface Memory {
  readonly fences: Fences;
  readonly batches: BatchMemory;
  readonly ring: IdRing;
  readonly orders: OrderMemory;
  readonly parked: ParkedKeys;
}

export const noMemory: Memory = {
  fences: [],
  batches: [],
  ring: [],
  orders: [],
  parked: nothingParked,
};
