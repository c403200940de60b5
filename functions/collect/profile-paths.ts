import type * as z from 'zod';
import {
  flatProfileAnswer,
  pageViewRowsAnswer,
  profileAnswer,
  profilesAnswer,
} from '../core/profile/answer-schemas.ts';
import { explainAnswer, timelineAnswer } from '../core/profile/timeline-schemas.ts';
import { schemaOf } from './json-schema.ts';

export type Responses = Readonly<Record<string, unknown>>;
export type ProblemOf = (description: string) => object;

export const answer = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema: schemaOf(schema) } },
});

export const inPath = (name: string, maxLength: number) => ({
  name,
  in: 'path',
  required: true,
  schema: { type: 'string', minLength: 1, maxLength },
});
const userId = inPath('userId', 128);
export const query = (name: string, description: string) => ({
  name,
  in: 'query',
  required: false,
  description,
  schema: { type: 'string' },
});

export const get = (
  operationId: string,
  summary: string,
  tag: string,
  parameters: readonly object[],
  responses: Responses,
) => ({ get: { operationId, summary, tags: [tag], parameters, responses } });

const NOT_MODIFIED = { description: 'As the ETag that you have' };

/** The routes of the function `profile`, which answers them. */
export const PROFILE_PATHS = (keyProblems: Responses, problemOf: ProblemOf) => ({
  '/v1/profiles': get(
    'getProfiles',
    'Profiles of up to 100 users',
    'profiles',
    [{ ...query('ids', 'Ids, separated by commas; at most 100'), required: true }],
    {
      '200': answer('The known ones', profilesAnswer),
      '400': problemOf('No ids, or too many'),
      ...keyProblems,
    },
  ),
  '/v1/profiles/{userId}': get('getProfile', 'A profile as it is now', 'profiles', [userId], {
    '200': answer('The profile', profileAnswer),
    '304': NOT_MODIFIED,
    ...keyProblems,
    '404': problemOf('Unknown user'),
  }),
  '/v1/profiles/{userId}/events': get(
    'getTimeline',
    'What arrived of a user in the last 30 days, newest first, and what it moved',
    'profiles',
    [
      userId,
      query('limit', '1 to 200 events; default 50'),
      query('before', 'RFC 3339: only what claims to be older'),
      query('cursor', 'Of the last answer; instead of `before`'),
    ],
    {
      '200': answer('A page; go on with its cursor until there is none', timelineAnswer),
      '400': problemOf('No such limit, instant or cursor'),
      ...keyProblems,
      '404': problemOf('Unknown user, or a size that keeps no timeline'),
    },
  ),
  '/v1/profiles/{userId}/explain/{tag}': get(
    'explainTag',
    'Why a tag says what it says: its tiles, and the events that are in them',
    'profiles',
    [userId, inPath('tag', 64)],
    {
      '200': answer('The tiles add up to the value in the same answer', explainAnswer),
      ...keyProblems,
      '404': problemOf('Unknown user or tag, with the names of those there are'),
    },
  ),
  '/profile/{userId}': get(
    'getFlatProfile',
    'Tags as a flat map of texts',
    'system 001',
    [userId],
    {
      '200': answer('Empty for an unknown user', flatProfileAnswer),
      ...keyProblems,
    },
  ),
  '/api/analytics/user/{userId}/page-views': get(
    'getUserPageViews',
    'Page views by minute, every 30 seconds, newest first',
    'system 004',
    [userId, query('from', 'RFC 3339; default 24 h ago'), query('to', 'RFC 3339; default now')],
    {
      '200': answer('Rows', pageViewRowsAnswer),
      '400': problemOf('No such range'),
      ...keyProblems,
    },
  ),
});
