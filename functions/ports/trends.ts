import type { TrendsTick } from '../core/recommend/trend-codec.ts';
import type { TrendState } from '../core/recommend/trend-state.ts';
import type { TrendScope, Trends } from '../core/recommend/trends.ts';

export interface TrendsReader {
  /** Of those scopes that have any; each scope once. */
  readonly read: (
    tenant: string,
    scopes: readonly TrendScope[],
  ) => Promise<ReadonlyMap<TrendScope, Trends>>;
}

/** A write names what was read (undefined: there must be no row), and happens wholly or not at all. */
export interface TrendsStore {
  readonly load: (
    tenant: string,
    scopes: readonly TrendScope[],
  ) => Promise<ReadonlyMap<TrendScope, TrendState>>;
  readonly save: (
    tenant: string,
    state: TrendState,
    readThrough: number | undefined,
  ) => Promise<'saved' | 'conflict'>;
  /** How far the tenant's minutes are merged; undefined where that is forgotten. */
  readonly tick: (tenant: string) => Promise<TrendsTick | undefined>;
  readonly moveTick: (
    tenant: string,
    tick: TrendsTick,
    readThrough: number | undefined,
  ) => Promise<'saved' | 'conflict'>;
}
