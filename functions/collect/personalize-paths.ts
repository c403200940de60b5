import * as z from 'zod';
import { ITEM_ID_BYTES_MAX } from '../core/profile/recent-items.ts';
import {
  flatPersonalizeAnswer,
  flatRecommendationsAnswer,
  personalizeAnswer,
  recommendationsAnswer,
  similarAnswer,
} from '../core/recommend/answer-schemas.ts';
import { schemaOf } from './json-schema.ts';
import { answer, get, inPath, type ProblemOf, query, type Responses } from './profile-paths.ts';

const limit = query('limit', '1 to 100 items; default 10');
const exclude = query('exclude', 'Ids of items that are not to come, separated by commas');
const region = query('region', 'AMER, EMEA or APAC, where no trait says a country');
const asked = [limit, exclude, region];

const ask = z.object({
  userId: z.string().optional(),
  anonymousId: z.string().optional(),
  event: z.record(z.string(), z.unknown()).optional().describe('As POST /v1/events takes it'),
  limit: z.int().min(1).max(100).optional(),
  exclude: z.array(z.string()).optional(),
  region: z.enum(['AMER', 'EMEA', 'APAC']).optional(),
});

/** The routes of the function `personalize`, which answers them. */
export const PERSONALIZE_PATHS = (keyProblems: Responses, problemOf: ProblemOf) => {
  const problems = { '400': problemOf('No user, or nothing that can be read'), ...keyProblems };
  const flat = get(
    'getPersonalize',
    'Items and taste of a user',
    'system 000',
    [{ ...query('userId', 'Whom it is for'), required: true }, ...asked],
    { '200': answer('A fallback for an unknown user', flatPersonalizeAnswer), ...problems },
  );
  return {
    '/v1/recommendations': get(
      'getRecommendations',
      'Items for a user, each with its reason',
      'recommendations',
      [
        query('userId', 'Whom it is for'),
        query('anonymousId', 'Instead of `userId`; the one that a client key may ask for'),
        ...asked,
      ],
      {
        '200': answer('Items; a fallback for an unknown user', recommendationsAnswer),
        ...problems,
      },
    ),
    '/v1/items/{id}/similar': get(
      'getSimilarItems',
      'What goes with an item',
      'recommendations',
      [inPath('id', ITEM_ID_BYTES_MAX), ...asked],
      {
        '200': answer('Items', similarAnswer),
        ...problems,
        '404': problemOf('No item of this id in the catalogue'),
      },
    ),
    '/v1/personalize': {
      post: {
        operationId: 'postPersonalize',
        summary: 'A profile and items in one answer, an event of this very moment included',
        description:
          'The event moves this answer alone: it is not counted. Send it to /v1/events as well.',
        tags: ['recommendations'],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: schemaOf(ask) } },
        },
        responses: {
          '200': answer('Profile and items', personalizeAnswer),
          ...problems,
          '413': problemOf('Over 64 KiB'),
        },
      },
    },
    '/personalize': flat,
    '/api/v1/personalize': { get: { ...flat.get, operationId: 'getPersonalizeV1' } },
    '/api/recommendations/{userId}': get(
      'getUserRecommendations',
      'Items for a user',
      'system 002',
      [inPath('userId', 128), ...asked],
      {
        '200': answer('Items; a fallback for an unknown user', flatRecommendationsAnswer),
        ...problems,
      },
    ),
  };
};
