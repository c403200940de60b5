import { defineEnv } from '../runtime/env.ts';

export const analyticsEnv = defineEnv('RECORDS_TABLE');
