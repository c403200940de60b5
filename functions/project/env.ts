import { defineEnv } from '../runtime/env.ts';

export const projectEnv = defineEnv('UPDATES_STREAM', 'CACHE_URL');
