/**
 * Trends as serving functions read them: held for ten seconds, one read of a tenant at a time. Where
 * a read fails, what is held is served on, however old it is; what was never read is left out.
 */
import type { TrendScope, Trends } from '../core/recommend/trends.ts';
import type { TrendsReader } from '../ports/trends.ts';

export const TRENDS_HELD_MS = 10_000;
/** After a read that failed, nobody asks again for so long. */
export const TRENDS_RETRY_MS = 1_000;
/** Of all tenants; over it, the scope read longest ago is read again when it is asked for. */
export const TRENDS_HELD_MAX = 500;

export interface HeldTrendsPorts {
  readonly trends: TrendsReader;
  readonly now: () => number;
  readonly fault: (message: string, fault: unknown) => void;
}

export interface HeldTrends {
  readonly of: (
    tenant: string,
    scopes: readonly TrendScope[],
  ) => Promise<ReadonlyMap<TrendScope, Trends>>;
}

interface Held {
  /** Undefined where the scope has none. */
  readonly trends: Trends | undefined;
  readonly fromMs: number;
  readonly untilMs: number;
}

const keyOf = (tenant: string, scope: TrendScope): string => `${tenant} ${scope}`;

export const heldTrends = ({ trends, now, fault }: HeldTrendsPorts): HeldTrends => {
  const held = new Map<string, Held>();
  const reading = new Map<string, Promise<void>>();

  const isFresh = (key: string): boolean => {
    const entry = held.get(key);
    const nowMs = now();
    // A clock that was set back makes nothing last longer.
    return entry !== undefined && entry.fromMs <= nowMs && nowMs < entry.untilMs;
  };

  const hold = (key: string, value: Trends | undefined, forMs: number): void => {
    held.delete(key);
    held.set(key, { trends: value, fromMs: now(), untilMs: now() + forMs });
    const [oldest] = held.keys();
    if (held.size > TRENDS_HELD_MAX && oldest !== undefined) held.delete(oldest);
  };

  const read = async (tenant: string, scopes: readonly TrendScope[]): Promise<void> => {
    try {
      const found = await trends.read(tenant, scopes);
      for (const scope of scopes) hold(keyOf(tenant, scope), found.get(scope), TRENDS_HELD_MS);
    } catch (cause) {
      fault('trends were not read', cause);
      for (const scope of scopes) {
        const key = keyOf(tenant, scope);
        hold(key, held.get(key)?.trends, TRENDS_RETRY_MS);
      }
    }
  };

  const staleOf = (tenant: string, scopes: readonly TrendScope[]): readonly TrendScope[] =>
    scopes.filter((scope) => !isFresh(keyOf(tenant, scope)));

  return {
    of: async (tenant, scopes) => {
      const unique = [...new Set(scopes)];
      // Whoever waited for another's read asks only for what that one did not bring.
      for (
        let running = reading.get(tenant);
        running !== undefined;
        running = reading.get(tenant)
      ) {
        if (staleOf(tenant, unique).length === 0) break;
        await running;
      }
      const stale = staleOf(tenant, unique);
      if (stale.length > 0) {
        const mine = read(tenant, stale).finally(() => reading.delete(tenant));
        reading.set(tenant, mine);
        await mine;
      }
      const found = new Map<TrendScope, Trends>();
      for (const scope of unique) {
        const entry = held.get(keyOf(tenant, scope));
        if (entry?.trends !== undefined) found.set(scope, entry.trends);
      }
      return found;
    },
  };
};
