import { defineEnv } from '../runtime/env.ts';

export const adminEnv = defineEnv('RAW_STREAM', 'RECORDS_TABLE', 'FAILED_BUCKET');
