/** What the routes of recommendations answer, for the OpenAPI document. */
import * as z from 'zod';
import { profileAnswer } from '../profile/answer-schemas.ts';

const instant = z.string().describe('RFC 3339, UTC, milliseconds');
const score = z.number().describe('Comparable within one answer; 0 where nothing speaks for it');
const reason = z
  .string()
  .describe(
    '`because_you_viewed:<item>`, `often_bought_with:<item>`, `bought_again`, `trending_in:<scope>` or `new_for_you`',
  );

const shortItem = z.object({ itemId: z.string(), score, reason });

const item = z.object({
  itemId: z.string(),
  position: z.int().min(1),
  score,
  source: z.enum(['covisitation', 'similar', 'personal', 'category', 'trending', 'new', 'pinned']),
  weight: z.number().describe('What that source adds to the score, before rules'),
  reason,
  rules: z.array(z.string()).describe('Names of the rules that moved it'),
});

const made = {
  decisionId: z.string().describe('Names this answer'),
  servedAt: instant,
  lists: z
    .object({ version: z.string(), cut: z.string() })
    .optional()
    .describe('The nightly lists; absent before the first night'),
  catalogue: z.string().describe('Version of the catalogue'),
  without: z
    .array(z.enum(['profile', 'lists', 'increments', 'trends', 'availability']))
    .describe('What did not answer in time, so that this answer was made without it'),
  items: z.array(item),
};

export const recommendationsAnswer = z.object({
  userId: z.string().optional(),
  anonymousId: z.string().optional(),
  ...made,
});
export type RecommendationsAnswer = z.infer<typeof recommendationsAnswer>;

export const similarAnswer = z.object({ itemId: z.string(), ...made });
export type SimilarAnswer = z.infer<typeof similarAnswer>;

export const personalizeAnswer = z.object({
  profile: profileAnswer
    .optional()
    .describe('With the event of this request; absent for an unknown user and a client key'),
  recommendations: recommendationsAnswer,
});
export type PersonalizeAnswer = z.infer<typeof personalizeAnswer>;

export const flatPersonalizeAnswer = z.object({
  userId: z.string(),
  recommendations: z.array(shortItem),
  profile: z.object({
    interests: z.record(z.string(), z.number()),
    recentItems: z.array(z.string()),
    activityScore: z.number(),
  }),
});
export type FlatPersonalizeAnswer = z.infer<typeof flatPersonalizeAnswer>;

export const flatRecommendationsAnswer = flatPersonalizeAnswer.pick({
  userId: true,
  recommendations: true,
});
export type FlatRecommendationsAnswer = z.infer<typeof flatRecommendationsAnswer>;
