/** What is answered about runs; the OpenAPI document is made from it. */
import * as z from 'zod';
import { RUN_STATUSES } from './run.ts';

export const startAnswer = z.object({
  jobId: z.string(),
  status: z.literal('running'),
});
export type StartAnswer = z.infer<typeof startAnswer>;

export const runAnswer = z.object({
  jobId: z.string(),
  status: z.enum(RUN_STATUSES),
  step: z.string(),
  rows: z.int(),
  started: z.string(),
  ended: z.nullable(z.string()),
  cut: z.nullable(z.string()),
  error: z.nullable(z.string()),
});
export type RunAnswer = z.infer<typeof runAnswer>;
