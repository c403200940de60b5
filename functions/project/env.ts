import { defineEnv } from '../runtime/env.ts';

/** Without a table and a bucket nobody is told of a user's best items. */
export const projectEnv = defineEnv('UPDATES_STREAM', 'CACHE_URL', 'RECORDS_TABLE', 'LAKE_BUCKET');
