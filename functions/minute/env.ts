import { defineEnv } from '../runtime/env.ts';

export const minuteEnv = defineEnv('RECORDS_TABLE', 'LAKE_BUCKET');
