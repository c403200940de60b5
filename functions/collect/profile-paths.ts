import type * as z from 'zod';
import {
  flatProfileAnswer,
  pageViewRowsAnswer,
  profileAnswer,
  profilesAnswer,
} from '../core/profile/answer-schemas.ts';
import { schemaOf } from './json-schema.ts';

export type Responses = Readonly<Record<string, unknown>>;
export type ProblemOf = (description: string) => object;

export const answer = (description: string, schema: z.ZodType) => ({
  description,
  content: { 'application/json': { schema: schemaOf(schema) } },
});

const userId = {
  name: 'userId',
  in: 'path',
  required: true,
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};
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
