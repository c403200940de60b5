import { defineEnv } from '../runtime/env.ts';

export const aggregateEnv = defineEnv(
  'PROFILES_TABLE',
  'RECORDS_TABLE',
  'FAILED_BUCKET',
  'TIMELINE',
);
