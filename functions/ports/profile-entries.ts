import type { Origin } from '../core/event/event.ts';
import { type EpochMs, epochMs } from '../core/time.ts';

/** Items of a user that a profile is answered from: what events add up to, and traits. */
export const ENTRY_NAMES = ['rt', 'tr'] as const;
export type EntryName = (typeof ENTRY_NAMES)[number];

/** An item as far as readers need it, still as text. */
export interface ProfileEntry {
  /** The arrival that made the item, which tells it from one that was removed; 0: not told. */
  readonly since: EpochMs;
  readonly version: number;
  /** Epoch seconds; past it the item is absent. */
  readonly ttl: number;
  /** The newest arrival in it; 0: not told. */
  readonly at: EpochMs;
  readonly stored: string;
}

export type UserEntries = { readonly [name in EntryName]?: ProfileEntry };

/** An item that no bundle of ours wrote, or that was damaged: a fault, never an absent user. */
export class UnreadableEntry extends Error {
  override readonly name = 'UnreadableEntry';
}

/** The entries of each origin, in order; eventually consistent. */
export interface ProfileEntries {
  readonly read: (origins: readonly Origin[]) => Promise<readonly UserEntries[]>;
}

/** Traits tell neither an arrival nor when their item was made. */
export const traitsEntry = (version: number, ttl: number, stored: string): ProfileEntry => ({
  since: epochMs(0),
  version,
  ttl,
  at: epochMs(0),
  stored,
});
