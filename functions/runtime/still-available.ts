/** A snapshot of the catalogue may be two minutes old; what is sold out since is asked of its row. */
import type { Availability } from '../ports/availability.ts';
import { ExpiringMap } from './expiring-map.ts';
import { within } from './within.ts';

/** Of these items, those that have a row and are not available any more, or that were removed. */
export type StillAvailable = (
  tenant: string,
  items: readonly string[],
) => Promise<{ readonly gone: ReadonlySet<string>; readonly known: boolean }>;

const HELD = { entriesMax: 20_000, ttlMs: 5_000 };
const PATIENCE_MS = 150;

export const stillAvailable = ({
  rows,
  now,
  fault,
}: {
  readonly rows: Availability;
  readonly now: () => number;
  readonly fault: (message: string, fault: unknown) => void;
}): StillAvailable => {
  const held = new ExpiringMap<boolean>(HELD);
  return async (tenant, items) => {
    const keyOf = (item: string): string => JSON.stringify([tenant, item]);
    const asked = items.filter((item) => held.get(keyOf(item), now()) === undefined);
    let known = true;
    if (asked.length > 0) {
      try {
        const read = await within(PATIENCE_MS, rows.read(tenant, asked));
        for (const item of asked) held.set(keyOf(item), read.get(item) ?? false, now());
      } catch (cause) {
        fault('recommended without availability', cause);
        known = false;
      }
    }
    const gone = items.filter((item) => held.get(keyOf(item), now())?.value === false);
    return { gone: new Set(gone), known };
  };
};
