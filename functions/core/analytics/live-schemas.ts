/** What the live routes answer, for the OpenAPI document; `live-answers.ts` takes its types from here. */
import * as z from 'zod';

const instant = z.string().describe('RFC 3339, UTC, milliseconds');
const asOf = instant
  .nullable()
  .describe('When the newest change that is counted here was applied; null where none is');
const counts = z.record(z.string(), z.int());
const estimate = z.object({
  value: z.int(),
  errorPercent: z
    .number()
    .describe('One standard error: 19 of 20 estimates are within twice it; 0 where it was counted'),
});

const sums = z.object({
  applied: z.int(),
  duplicate: z.int(),
  parked: z.int(),
  orders: z.int(),
  revenue: z.number(),
  byName: counts.describe('`$page`, `$screen`, `$identify`, `$group`, `$alias`, else the name'),
  otherNames: z.int().describe('Events of names beyond the first 64'),
  unnamed: z.int().describe('Events whose name was left out: the error of every count by name'),
  byRegion: counts,
});

export const realtimeAnswer = z.object({
  servedAt: instant,
  asOf,
  minutes: z.array(sums.extend({ minute: instant, users: estimate })).describe('Newest first'),
  totals: sums.extend({ users: estimate }),
  active: estimate.describe('Users of the last 5 minutes'),
  carts: estimate.describe('Users who added something in the last 30 minutes and ordered nothing'),
  eventsPerSecond: z.number().describe('Over the last whole minute'),
  today: z.object({
    orders: z.int(),
    revenue: z.number(),
    sessions: z.int().describe('Begun today, UTC'),
    conversion: z.number().nullable().describe('Orders / sessions'),
  }),
});

export const countersAnswer = z
  .object({
    views: z.int(),
    carts: z.int(),
    purchases: z.int(),
    revenue: z.number(),
    activeUsers: z.int(),
    eventsPerSecond: z.number(),
    windowMinutes: z.int(),
    servedAt: instant,
    asOf,
  })
  .describe('003: figures of the last 5 minutes; carts of the last 30');

export const liveAnswer = z.object({
  servedAt: instant,
  asOf,
  cursor: z.string().describe('Send it back as `?cursor`'),
  skipped: z.boolean().describe('More came than a feed keeps: some were not shown'),
  events: z
    .array(
      z.object({
        at: instant,
        arrivedAt: instant.describe('The minute'),
        userId: z.string(),
        name: z.string().optional(),
        category: z.string().optional(),
        region: z.string().optional(),
        page: z.string().optional(),
        campaign: z.string().optional(),
        value: z.number().optional(),
      }),
    )
    .describe('Newest first; at most 25 of each shard'),
});
