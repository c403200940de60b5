import { defineEnv } from '../runtime/env.ts';

export const personalizeEnv = defineEnv(
  'PROFILES_TABLE',
  'RECORDS_TABLE',
  'LAKE_BUCKET',
  'CACHE_URL',
);
