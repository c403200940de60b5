import { defineEnv } from '../runtime/env.ts';

export const collectEnv = defineEnv(
  'RAW_STREAM',
  'RECORDS_TABLE',
  'FAILED_BUCKET',
  'SPILL_QUEUE_URL',
);
