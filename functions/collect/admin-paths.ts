import * as z from 'zod';
import {
  failedGroupsAnswer,
  failedListAnswer,
  failedShownAnswer,
  redriveAnswer,
  redriveAsk,
} from '../core/failed/failed-schemas.ts';
import { schemaOf } from './json-schema.ts';
import { answer, get, type ProblemOf, query, type Responses } from './profile-paths.ts';

/** The routes of the function `admin`, which answers them. */
export const ADMIN_PATHS = (keyProblems: Responses, problemOf: ProblemOf) => ({
  '/v1/failed': get(
    'getFailed',
    'What failed: a list, a sum by reason, or one object with its bytes',
    'operators',
    [
      query('stage', 'aggregate, collect, enrich or state'),
      query('reason', 'As the list says it'),
      query('discarded', '`true`: what mappings gave up on, instead of what was parked'),
      query('group', '`reason`'),
      query('key', 'One object, with its bytes'),
      query('limit', '1 to 100; default 50'),
      query('cursor', 'Of the last answer'),
    ],
    {
      '200': answer(
        'A list; with `group` sums; with `key` one',
        z.union([failedListAnswer, failedGroupsAnswer, failedShownAnswer]),
      ),
      '400': problemOf('No such stage, group or limit'),
      ...keyProblems,
      '404': problemOf('Nothing is kept under this key'),
    },
  ),
  '/v1/failed/redrive': {
    post: {
      operationId: 'postFailedRedrive',
      summary: 'Send failed events on again',
      description:
        'A parked event names its old position and is applied at most once, however often it is sent; `GET /v1/failed` tells the outcome of each.',
      tags: ['operators'],
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(redriveAsk) } },
      },
      responses: {
        '200': answer('What was sent, object by object', redriveAnswer),
        '400': problemOf('Not readable, or neither `keys` nor `all`'),
        ...keyProblems,
      },
    },
  },
});
