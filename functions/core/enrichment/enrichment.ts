import type { CanonicalEvent, Enrichment } from '../event/event.ts';
import { categoryVectorOf } from './category-vector.ts';
import { deviceTypeOf } from './device-type.ts';
import { geoRegionOf } from './geo-region.ts';
import type { LookupTables } from './lookup-tables.ts';

/** What the tables know about an event; the same event and tables give the same answer for ever. */
export const enrichmentOf = (
  event: Pick<CanonicalEvent, 'properties' | 'commerce' | 'context'>,
  tables: LookupTables,
): Enrichment => ({
  categoryVector: categoryVectorOf(event),
  deviceType: deviceTypeOf(event.context, tables),
  geoRegion: geoRegionOf(event.context, tables),
});
