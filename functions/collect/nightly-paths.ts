import { runAnswer, startAnswer } from '../core/nightly/run-schemas.ts';
import { answer, get, inPath, type ProblemOf, type Responses } from './profile-paths.ts';

/** The routes of the function `nightly`, which answers them. */
export const NIGHTLY_PATHS = (keyProblems: Responses, problemOf: ProblemOf) => ({
  '/collect/batch': {
    post: {
      operationId: 'postCollectBatch',
      summary: 'Start the nightly job now',
      description:
        'While a run is at work it answers with that run’s id. It takes no body and no parameters.',
      tags: ['system 001'],
      responses: {
        '202': answer('Started, or at work already', startAnswer),
        '400': problemOf('A body was sent'),
        ...keyProblems,
      },
    },
  },
  '/collect/batch/{jobId}': get(
    'getCollectBatch',
    'How a run of the nightly job goes, or ended',
    'system 001',
    [inPath('jobId', 18)],
    {
      '200': answer('The run', runAnswer),
      ...keyProblems,
      '404': problemOf('No run has this id'),
    },
  ),
});
