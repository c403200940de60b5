import {
  decodeCategories,
  decodeTrendState,
  encodeCategories,
  encodeTrendState,
} from '../core/recommend/trend-codec.ts';
import { scopeTtl, tickTtl } from '../core/recommend/trend-rows.ts';
import { type TrendState, trendsOf } from '../core/recommend/trend-state.ts';
import type { TrendsReader, TrendsStore } from '../ports/trends.ts';

interface Row {
  readonly through: number;
  readonly ttl: number;
  readonly text: string;
}

/** Rows as the codec leaves them, so that what a row has no room for is missing here too. */
export const memoryTrends = (now: () => number = () => 0): TrendsStore & TrendsReader => {
  const rows = new Map<string, Row>();
  const scopeKey = (tenant: string, scope: string): string => JSON.stringify([tenant, scope]);
  const held = (key: string): Row | undefined => {
    const row = rows.get(key);
    return row !== undefined && row.ttl * 1_000 > now() ? row : undefined;
  };
  const put = (key: string, row: Row, readThrough: number | undefined): 'saved' | 'conflict' => {
    if (held(key)?.through !== readThrough) return 'conflict';
    rows.set(key, row);
    return 'saved';
  };
  const load = (tenant: string, scopes: readonly string[]): ReadonlyMap<string, TrendState> =>
    new Map(
      scopes.flatMap((scope) => {
        const row = held(scopeKey(tenant, scope));
        return row === undefined ? [] : [[scope, decodeTrendState(scope, row.text)]];
      }),
    );
  return {
    load: async (tenant, scopes) => load(tenant, scopes),
    read: async (tenant, scopes) =>
      new Map([...load(tenant, scopes)].map(([scope, state]) => [scope, trendsOf(state)])),
    save: async (tenant, state, readThrough) => {
      const { scope, through } = state;
      const row = { through, ttl: scopeTtl(through), text: encodeTrendState(state) };
      return put(scopeKey(tenant, scope), row, readThrough);
    },
    tick: async (tenant) => {
      const row = held(tenant);
      return row && { through: row.through, categories: decodeCategories(row.text) };
    },
    moveTick: async (tenant, { through, categories }, readThrough) => {
      const row = { through, ttl: tickTtl(through), text: encodeCategories(categories) };
      return put(tenant, row, readThrough);
    },
  };
};
