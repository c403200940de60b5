type Responses = Readonly<Record<string, unknown>>;
type ProblemOf = (description: string) => object;

const answer = (description: string, schema: object) => ({
  description,
  content: { 'application/json': { schema } },
});

const userId = {
  name: 'userId',
  in: 'path',
  required: true,
  schema: { type: 'string', minLength: 1, maxLength: 128 },
};
const query = (name: string, description: string) => ({
  name,
  in: 'query',
  required: false,
  description,
  schema: { type: 'string' },
});

const TAG = {
  type: 'object',
  required: ['value', 'type', 'source', 'version', 'partial'],
  properties: {
    value: { type: ['string', 'number', 'null'] },
    type: { enum: ['count', 'sum', 'instant', 'number', 'string'] },
    source: { enum: ['stream', 'batch', 'both'] },
    version: { type: 'string' },
    asOf: { type: 'string', format: 'date-time' },
    cut: { type: 'string', format: 'date-time' },
    partial: { type: 'boolean' },
  },
};

const PROFILE = {
  type: 'object',
  required: ['userId', 'version', 'servedAt', 'tags'],
  properties: {
    userId: { type: 'string' },
    version: { type: 'number' },
    servedAt: { type: 'string', format: 'date-time' },
    stale: { type: 'boolean' },
    tags: { type: 'object', additionalProperties: TAG },
    segment: { type: 'object' },
    interests: { type: 'array', items: { type: 'object' } },
    recentItems: { type: 'array', items: { type: 'string' } },
    activityScore: { type: 'number' },
    sessions: { type: 'array', items: { type: 'object' } },
    traits: { type: 'object' },
    experiments: { type: 'object' },
  },
};

const PAGE_VIEWS = {
  type: 'array',
  items: {
    type: 'object',
    required: ['userId', 'window_start', 'window_end', 'page_view_count'],
    properties: {
      userId: { type: 'string' },
      window_start: { type: 'string', format: 'date-time' },
      window_end: { type: 'string', format: 'date-time' },
      page_view_count: { type: 'integer' },
    },
  },
};

const get = (
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
      '200': answer('The known ones', {
        type: 'object',
        required: ['profiles', 'unknown'],
        properties: {
          profiles: { type: 'array', items: PROFILE },
          unknown: { type: 'array', items: { type: 'string' } },
        },
      }),
      '400': problemOf('No ids, or too many'),
      ...keyProblems,
    },
  ),
  '/v1/profiles/{userId}': get('getProfile', 'A profile as it is now', 'profiles', [userId], {
    '200': answer('The profile', PROFILE),
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
      '200': answer('Empty for an unknown user', {
        type: 'object',
        additionalProperties: { type: 'string' },
      }),
      ...keyProblems,
    },
  ),
  '/api/analytics/user/{userId}/page-views': get(
    'getUserPageViews',
    'Page views by minute, every 30 seconds, newest first',
    'system 004',
    [userId, query('from', 'RFC 3339; default 24 h ago'), query('to', 'RFC 3339; default now')],
    { '200': answer('Rows', PAGE_VIEWS), '400': problemOf('No such range'), ...keyProblems },
  ),
});
