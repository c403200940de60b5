import { defineEnv } from '../runtime/env.ts';

export const enrichEnv = defineEnv('ENRICHED_STREAM', 'FAILED_BUCKET');
