/** What the failed-events routes take and answer; the OpenAPI document is made from the same. */
import * as z from 'zod';
import { FAILED_STAGES } from './failed-event.ts';

export const OBJECTS_MAX = 100;

const stage = z.enum([...FAILED_STAGES, 'discarded']);

const entry = z.object({
  key: z.string().describe('Names it in `?key=` and in a redrive'),
  stage,
  reason: z.string().describe('For machines'),
  detail: z.string(),
  events: z.int().min(0),
  user: z
    .string()
    .optional()
    .describe('A hash: equal for one user, and a list of them names nobody'),
  arrivedAt: z.string().optional(),
  requestId: z.string().optional(),
  sentAt: z.string().optional().describe('When it was last sent on'),
  outcomes: z
    .array(z.enum(['applied', 'duplicate']))
    .describe('Of each redrive by position, in the order in which they arrived'),
});
export type FailedEntry = z.infer<typeof entry>;

const page = {
  scanned: z.int().min(0).describe('Objects looked at'),
  cursor: z.string().optional().describe('Absent at the end'),
};

export const failedListAnswer = z.object({ failed: z.array(entry), ...page });
export type FailedList = z.infer<typeof failedListAnswer>;

const group = z.object({
  stage,
  reason: z.string(),
  objects: z.int(),
  events: z.int(),
  oldest: z.string().optional(),
  newest: z.string().optional(),
  example: z.string().describe('The key of one of them'),
});
export type FailedGroup = z.infer<typeof group>;

export const failedGroupsAnswer = z.object({ groups: z.array(group), ...page });
export type FailedGroups = z.infer<typeof failedGroupsAnswer>;

const shown = z.object({
  reason: z.string(),
  detail: z.string(),
  trace: z.string().optional(),
  partitionKey: z.string().optional(),
  text: z.string().optional().describe('The bytes, where they are UTF-8'),
  base64: z.string().optional().describe('The bytes, where they are not'),
});
export type ShownEvent = z.infer<typeof shown>;

export const failedShownAnswer = z.object({ ...entry.shape, bytes: z.array(shown) });
export type FailedShown = z.infer<typeof failedShownAnswer>;

export const redriveAsk = z.strictObject({
  keys: z.array(z.string().min(1).max(1_024)).min(1).max(OBJECTS_MAX).optional(),
  all: z.literal(true).optional().describe('All that was not sent yet; else `keys`'),
  stage: z.enum(FAILED_STAGES).optional(),
  reason: z.string().max(100).optional(),
  discarded: z
    .boolean()
    .optional()
    .describe('What mappings gave up on, instead of what was parked'),
  dryRun: z.boolean().optional().describe('Says what would be sent, and sends nothing'),
  cursor: z.string().max(2_000).optional(),
  limit: z.int().min(1).max(OBJECTS_MAX).optional(),
});
export type RedriveAsk = z.infer<typeof redriveAsk>;

const redriven = z.object({
  key: z.string(),
  stage,
  status: z.enum(['sent', 'would_be_sent', 'refused', 'not_stored', 'sent_before']),
  as: z.enum(['position', 'copy', 'new']),
  events: z.int().min(0),
  refused: z.array(z.object({ why: z.string(), detail: z.string() })),
});
export type Redriven = z.infer<typeof redriven>;

export const redriveAnswer = z.object({
  dryRun: z.boolean(),
  redriven: z.array(redriven),
  missing: z.array(z.string()).describe('Named keys under which nothing is kept'),
  ...page,
});
export type RedriveAnswer = z.infer<typeof redriveAnswer>;
