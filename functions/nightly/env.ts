import { defineEnv } from '../runtime/env.ts';

/** `NIGHTLY_MACHINE` is the machine's ARN: nothing inside the machine may be this function. */
export const nightlyEnv = defineEnv('RECORDS_TABLE', 'NIGHTLY_MACHINE');
