import { defineEnv } from '../runtime/env.ts';

/** The last three name what the lags of the pipeline are metrics of. */
export const planEnv = defineEnv(
  'RECORDS_TABLE',
  'LAKE_BUCKET',
  'LAKE_DATABASE',
  'RAW_STREAM',
  'ENRICH_FUNCTION',
  'ENRICHED_DELIVERY',
);
