import * as z from 'zod';
import { REJECT_REASONS } from '../core/event/reject.ts';

const result = z.object({
  index: z.int().min(0),
  eventId: z.string().nullable().describe('Null where a rejected event named none'),
  status: z.enum(['accepted', 'duplicate', 'rejected']),
  error: z.object({ reason: z.enum(REJECT_REASONS), detail: z.string() }).optional(),
});

export const ingestAnswer = z
  .object({
    accepted: z.int().min(0),
    duplicates: z.int().min(0).describe('Copies within this request'),
    rejected: z.int().min(0),
    results: z.array(result),
  })
  .describe('One result for each event, in the order in which they were sent');

export const problemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().describe('The request id'),
    code: z.string().describe('For machines'),
  })
  .describe('RFC 9457');
