import { defineEnv } from '../runtime/env.ts';

export const tallyEnv = defineEnv('RECORDS_TABLE');
