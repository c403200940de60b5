/** What the timeline and the explanation of a tag answer, for the OpenAPI document. */
import * as z from 'zod';
import { tagAnswer } from './answer-schemas.ts';

const instant = z.string().describe('RFC 3339, UTC, milliseconds');
const shown = z.union([z.number(), z.string()]);
const number = z.number();

const movedTag = z.object({ before: shown.nullable(), after: shown.nullable() });
const movedInterest = z.object({ before: number.nullable(), after: number.nullable() });

const version = z
  .union([z.int(), z.literal('unknown')])
  .describe('Of the profile that counted it; unknown in a row that a redelivery wrote');

export const timelineAnswer = z.object({
  userId: z.string(),
  servedAt: instant,
  events: z
    .array(
      z.object({
        version,
        effect: z.enum(['applied', 'applied, but not its order', 'duplicate', 'unknown']),
        event: z.record(z.string(), z.unknown()).describe('The enriched line as stored'),
      }),
    )
    .describe('Newest envelope first, by the time that its first event claims'),
  changes: z
    .record(
      z.string(),
      z.object({
        tags: z.record(z.string(), movedTag),
        interests: z.record(z.string(), movedInterest),
      }),
    )
    .describe('By version: what moved when these events were folded, as of their arrival'),
  cut: z.int().describe('Events that were left out of their rows for their bytes'),
  cursor: z.string().optional().describe('Absent at the end'),
});

export const explainAnswer = z.object({
  userId: z.string(),
  version: z.int(),
  servedAt: instant,
  name: z.string(),
  tag: tagAnswer.describe('As the profile serves it'),
  window: z.object({
    kind: z.enum(['sliding', 'days', 'lifetime', 'instant']),
    lengthMs: z.int().optional(),
    hopMs: z.int().optional(),
    from: instant.optional().describe('Start of the first tile that counts'),
  }),
  floor: instant.optional().describe('Tiles that began earlier have been dropped'),
  since: instant.optional().describe('Events that arrived earlier are missing'),
  unit: z.union([z.literal(1), z.literal(1_000_000)]),
  total: z
    .int()
    .describe('The amounts added up, or the least, greatest or first; the value is this ÷ `unit`'),
  tiles: z.array(
    z.object({
      start: instant.optional().describe('Absent in a lifetime'),
      arrivalDay: z.string().optional().describe('UTC day; the newest of several if `mixed`'),
      mixed: z.boolean().optional(),
      part: z.string().optional().describe('Of a top: the value that weighs this much'),
      amount: z.int(),
    }),
  ),
  nightly: z
    .object({
      runId: z.string(),
      cut: instant.describe('All that arrived before it is counted here, and not in `tiles`'),
      said: z.string().optional().describe('The instant or the text, of a tag that is no number'),
      total: z.int(),
      tiles: z.array(z.object({ start: instant.optional(), amount: z.int() })),
    })
    .optional()
    .describe('What the nightly job wrote of this user; absent until a run has filled the tag'),
  events: z
    .array(
      z.object({
        eventId: z.string(),
        kind: z.string(),
        name: z.string(),
        timestamp: instant,
        arrivedAt: instant,
        amount: z.int(),
        version,
        moved: z
          .union([movedTag, z.literal('unmoved'), z.literal('unknown')])
          .describe('Of this tag, by the fold that counted the event, as of its arrival'),
      }),
    )
    .describe('Those of the timeline that are in the tiles, newest first'),
  cut: z.boolean().describe('The events named are not all that the tiles hold'),
  timeline: z.enum(['kept', 'off']),
});
