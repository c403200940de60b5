import { countersAnswer, liveAnswer, realtimeAnswer } from '../core/analytics/live-schemas.ts';
import { pageViewRowsAnswer } from '../core/profile/answer-schemas.ts';
import { answer, get, type ProblemOf, query, type Responses } from './profile-paths.ts';

/** The routes of the function `analytics`, which answers them. */
export const ANALYTICS_PATHS = (keyProblems: Responses, problemOf: ProblemOf) => ({
  '/v1/analytics/realtime': get(
    'getRealtime',
    'Figures of the last minutes of arrival',
    'analytics',
    [query('minutes', '1 to 60; default 15')],
    {
      '200': answer('Exact, but for estimates, which state their error', realtimeAnswer),
      '400': problemOf('No such number of minutes'),
      ...keyProblems,
    },
  ),
  '/v1/live': get(
    'getLive',
    'The newest events, by polling',
    'analytics',
    [query('cursor', 'Of the last answer')],
    {
      '200': answer('What came after the cursor', liveAnswer),
      '400': problemOf('No such cursor'),
      ...keyProblems,
    },
  ),
  '/api/analytics/real-time': get('getCounters', 'Live counters', 'system 003', [], {
    '200': answer('Counters', countersAnswer),
    ...keyProblems,
  }),
  '/api/analytics/recent-page-views': get(
    'getRecentPageViews',
    'Page views of all users by minute, every 30 seconds, newest first',
    'system 004',
    [query('minutes', '1 to 60; default 5')],
    {
      '200': answer(
        'Rows; `Tributary-Partial: true` where some were left out, `Tributary-As-Of` says how fresh',
        pageViewRowsAnswer,
      ),
      '400': problemOf('No such number of minutes'),
      ...keyProblems,
    },
  ),
});
