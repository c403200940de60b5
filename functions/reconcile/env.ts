import { defineEnv } from '../runtime/env.ts';

export const reconcileEnv = defineEnv('RECORDS_TABLE', 'PROFILES_TABLE');
