/** What the profile API answers, for the OpenAPI document; `answer.ts` takes its types from here. */
import * as z from 'zod';

const instant = z.string().describe('RFC 3339, UTC, milliseconds');

export const tagAnswer = z.object({
  value: z.union([z.number(), z.string()]),
  type: z.enum(['count', 'sum', 'instant', 'number', 'string']),
  source: z.enum(['stream', 'batch', 'both']),
  version: z.string().describe('8 hex digits of the hash of the definition'),
  asOf: instant.describe('The newest arrival that is in it; of a batch tag its cut'),
  cut: instant.optional(),
  partial: z.boolean().describe('Something that belongs to the value may be missing'),
});

export const sessionAnswer = z.object({
  id: z.string(),
  start: instant,
  end: instant,
  events: z.int(),
  label: z.string().optional().describe("The client's own session id"),
});

export const profileAnswer = z.object({
  userId: z.string(),
  version: z.int(),
  servedAt: instant,
  stale: z.boolean(),
  tags: z.record(z.string(), tagAnswer),
  segment: z.object({ value: z.string(), partial: z.boolean() }),
  interests: z.array(z.object({ category: z.string(), score: z.number(), error: z.number() })),
  recentItems: z.array(z.string()).describe('Newest first'),
  activityScore: z.number(),
  sessions: z.array(sessionAnswer).describe('The last four, newest first'),
  traits: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  experiments: z.record(z.string(), z.string()),
});

export const profilesAnswer = z.object({
  profiles: z.array(profileAnswer),
  unknown: z.array(z.string()),
});

export const flatProfileAnswer = z
  .record(z.string(), z.string())
  .describe('Tags as strings; `{}` for an unknown user');

export const pageViewRowsAnswer = z
  .array(
    z.object({
      userId: z.string(),
      window_start: instant,
      window_end: instant,
      page_view_count: z.int(),
    }),
  )
  .describe('One-minute windows every 30 seconds of event time, newest first');
