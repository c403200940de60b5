import { defineEnv } from '../runtime/env.ts';

export const drainEnv = defineEnv('RAW_STREAM', 'SPILL_QUEUE_URL');
