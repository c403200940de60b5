/** The catalogue as a process holds it, made from a snapshot. */
import type { EpochMs } from '../time.ts';

export interface OfferedItem {
  readonly id: string;
  readonly name?: string;
  /** Upper case, the main one first. */
  readonly categories: readonly string[];
  readonly available: boolean;
  readonly owner?: string;
  readonly price?: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly createdAt: EpochMs;
}

export interface Catalogue {
  readonly version: string;
  readonly find: (id: string) => OfferedItem | undefined;
  /** Ids of the items whose main or further category it is; newest first. */
  readonly inCategory: (category: string) => readonly string[];
  /** Ids, newest first. */
  readonly newest: readonly string[];
  readonly size: number;
}
