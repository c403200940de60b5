import { defineEnv } from '../runtime/env.ts';

export const planLoadEnv = defineEnv('RECORDS_TABLE', 'LAKE_BUCKET');
