/** A snapshot of the catalogue may be two minutes old; what is sold out since is asked of its row. */
import type { Availability } from '../ports/availability.ts';
import { within } from './within.ts';

/** Of these items, those that have a row and are not available any more, or that were removed. */
export type StillAvailable = (
  tenant: string,
  items: readonly string[],
) => Promise<{ readonly gone: ReadonlySet<string>; readonly known: boolean }>;

/** What a row said is believed for so long, */
export const BELIEVED_MS = 5_000;
/** and asked again with others from then on, so that not every page waits for a row of its own. */
export const ASKED_ALONG_MS = 2_500;
/** Of one reading. */
export const ASKED_MAX = 100;
export const ROWS_HELD_MAX = 20_000;
const PATIENCE_MS = 150;

interface Row {
  readonly tenant: string;
  readonly item: string;
  readonly isThere: boolean;
  readonly readMs: number;
  wantedMs: number;
}

export interface StillAvailablePorts {
  readonly rows: Availability;
  readonly now: () => number;
  readonly fault: (message: string, fault: unknown) => void;
}

export const stillAvailable = ({ rows, now, fault }: StillAvailablePorts): StillAvailable => {
  /** In the order in which they were read. */
  const held = new Map<string, Row>();
  const keyOf = (tenant: string, item: string): string => JSON.stringify([tenant, item]);

  const hold = (row: Row): void => {
    const key = keyOf(row.tenant, row.item);
    held.delete(key);
    held.set(key, row);
    const [oldest] = held.keys();
    if (held.size > ROWS_HELD_MAX && oldest !== undefined) held.delete(oldest);
  };

  const believed = (tenant: string, item: string): Row | undefined => {
    const row = held.get(keyOf(tenant, item));
    return row !== undefined && now() - row.readMs < BELIEVED_MS ? row : undefined;
  };

  /** Items whose time ends soon, which somebody asked for while it ran. */
  const dueSoon = (tenant: string, many: number): readonly string[] => {
    const due: string[] = [];
    for (const [key, row] of held) {
      if (due.length >= many || now() - row.readMs < ASKED_ALONG_MS) break;
      if (now() - row.wantedMs > BELIEVED_MS) held.delete(key);
      else if (row.tenant === tenant) due.push(row.item);
    }
    return due;
  };

  const ask = async (tenant: string, missing: readonly string[]): Promise<boolean> => {
    const wantedMs = now();
    const along = dueSoon(tenant, ASKED_MAX - missing.length);
    const asked = new Set([...missing, ...along]);
    try {
      const read = await within(PATIENCE_MS, rows.read(tenant, [...asked]));
      for (const item of asked) {
        const before = held.get(keyOf(tenant, item))?.wantedMs ?? wantedMs;
        const isThere = read.get(item) ?? false;
        hold({ tenant, item, isThere, readMs: now(), wantedMs: before });
      }
      return true;
    } catch (cause) {
      fault('recommended without availability', cause);
      return false;
    }
  };

  return async (tenant, items) => {
    const missing = items.filter((item) => believed(tenant, item) === undefined);
    const known = missing.length === 0 || (await ask(tenant, missing));
    const gone = new Set<string>();
    for (const item of items) {
      const row = believed(tenant, item);
      if (row === undefined) continue;
      row.wantedMs = now();
      if (!row.isThere) gone.add(item);
    }
    return { gone, known };
  };
};
