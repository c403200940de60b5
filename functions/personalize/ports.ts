/** What a recommendation is made from. */
import type { LookupTables } from '../core/enrichment/lookup-tables.ts';
import type { Money } from '../core/event/commerce.ts';
import type { ProfileDefinitions } from '../core/profile/facets.ts';
import type { Catalogue } from '../core/recommend/catalogue.ts';
import type { RecommendConfig } from '../core/recommend/settings.ts';
import type { RateLimit } from '../core/tags/config.ts';
import type { KeyKind } from '../ports/key-store.ts';
import type { ProfileReader } from '../ports/profile-reader.ts';
import type { Principal } from '../runtime/authorize.ts';
import type { GatherLearnt } from '../runtime/gather-learnt.ts';
import type { HttpRequest, HttpResponse } from '../runtime/http.ts';
import type { StillAvailable } from '../runtime/still-available.ts';

export interface PersonalizePorts {
  readonly profiles: ProfileReader;
  /** As of at most half a minute ago. */
  readonly catalogueOf: (tenant: string) => Promise<Catalogue>;
  readonly gather: GatherLearnt;
  readonly stillAvailable: StillAvailable;
  readonly definitions: ProfileDefinitions;
  readonly config: RecommendConfig;
  readonly tables: LookupTables;
  readonly money: Money;
  readonly limits: Readonly<Record<KeyKind, RateLimit>>;
  /** Origins whose pages may ask. */
  readonly corsOrigins: readonly string[];
  readonly newId: (atMs: number) => string;
  /** Who asks, or how to refuse. */
  readonly authorize: (
    request: HttpRequest,
    allowed: readonly KeyKind[],
  ) => Promise<Principal | HttpResponse>;
}
