import { defineEnv } from '../runtime/env.ts';

export const profileEnv = defineEnv(
  'PROFILES_TABLE',
  'RECORDS_TABLE',
  'TIMELINE_TABLE',
  'CACHE_URL',
);
