import { defineEnv } from '../runtime/env.ts';

export const aggregateEnv = defineEnv('PROFILES_TABLE', 'FAILED_BUCKET', 'TIMELINE_TABLE');
