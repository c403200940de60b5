import { defineEnv } from '../runtime/env.ts';

/** `WRITES_PER_SECOND` is of one copy of the function; live updates share the table with it. */
export const loadEnv = defineEnv(
  'RECORDS_TABLE',
  'PROFILES_TABLE',
  'LAKE_BUCKET',
  'WRITES_PER_SECOND',
);
